/** Values that do not fit together, and options that a function does not take, are refused by name. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { Graph, type Value } from "../../ts/graph/graph.js";
import {
  activation,
  add,
  at,
  average,
  concat,
  gru,
  lstm,
  multiply,
  rnn,
  slice,
  stack,
  zeros,
} from "../../ts/index.js";

describe("what does not fit is refused:", () => {
  const graph = new Graph(new Map(), { training: true, batch: 3 });
  const value = (steps: number, batch: number, width: number) => graph.value({ steps, batch, width });
  const other = new Graph(new Map(), { training: true, batch: 3 }).value({ steps: 2, batch: 3, width: 4 });
  const ids = graph.given("ids", { kind: "tokens", steps: 2, batch: 3, width: 4 });
  const x = value(2, 3, 4);

  test.each<[string, () => unknown, string]>([
    [
      "add of different widths",
      () => add(x, value(2, 3, 5)),
      "add: expected values of the same steps, batch, width: [2 steps][3 rows][4 numbers], got [2 steps][3 rows][5 numbers]",
    ],
    ["add of nothing", () => add(), "add: expected at least one value, got none"],
    ["add of a number", () => add(x, 3 as unknown as Value), "add: expected a value, got 3"],
    ["add of values of two runs", () => add(x, other), "add: expected values of the same run"],
    ["add of tokens", () => add(x, ids), "add: expected rows of numbers, got tokens"],
    [
      "multiply of different steps",
      () => multiply(x, value(1, 3, 4)),
      "multiply: expected values of the same",
    ],
    ["concat of different batches", () => concat(x, value(2, 4, 4)), "concat: expected values of the same"],
    ["average of nothing", () => average(), "add: expected at least one value"],
    [
      "a slice of nothing",
      () => slice(x, 2, 2),
      "slice: expected columns from 0 up to at most 4, got [2, 2)",
    ],
    ["a slice past the end", () => slice(x, 2, 5), "slice: expected columns"],
    ["a slice from before the start", () => slice(x, -1, 2), "slice: expected columns"],
    ["a slice at no whole number", () => slice(x, 0.5, 2), "slice: expected columns"],
    ["a step past the end", () => at(x, 2), "at: expected a step from -2 to 1, got 2"],
    ["a step before the start", () => at(x, -3), "at: expected a step from -2 to 1, got -3"],
    ["no step", () => at(x, Number.NaN), "at: expected a step"],
    ["a step of no value", () => at(undefined as unknown as Value, 0), "at: expected a value, got undefined"],
    ["a stack of nothing", () => stack([]), "stack: expected at least one value"],
    ["a stack of sequences", () => stack([x, x]), "stack: expected values of one step, got 2 steps"],
    ["zeros of no width", () => zeros(x, 0), "zeros.width: expected a whole number"],
    ["zeros like nothing", () => zeros(null as unknown as Value, 1), "zeros: expected a value, got null"],
    [
      "an unknown activation",
      () => activation("mish" as "relu"),
      "activation: expected one of identity, tanh, sigmoid, relu, affine, leakyRelu, thresholdedRelu, scaledTanh, hardSigmoid, elu, softsign, softplus, clip, silu, gelu, geluTanh, got mish",
    ],
    [
      "gelu in an Elman network",
      () => rnn(3, { activation: "gelu" as "relu" }),
      'rnn.activation: expected one of identity, tanh, sigmoid, relu, affine, leakyRelu, thresholdedRelu, scaledTanh, hardSigmoid, elu, softsign, softplus, clip, got gelu — its derivative needs what a cell does not keep: put activation("gelu") behind a layer',
    ],
    [
      "silu in an LSTM",
      () => lstm(3, { cellActivation: { name: "silu" as "relu" } }),
      "lstm.cellActivation: expected one of identity",
    ],
    [
      "geluTanh in a GRU",
      () => gru(3, { candidateActivation: "geluTanh" as "relu", resetAfter: false }),
      "gru.candidateActivation: expected one of identity",
    ],
    ["toString as an activation", () => activation("toString" as "relu"), "activation: expected one of"],
    [
      "a negative slope",
      () => activation("leakyRelu", { alpha: -0.1 }),
      "activation.alpha: expected a finite number from 0, got -0.1",
    ],
    ["elu below 0", () => activation("elu", { alpha: -1 }), "activation.alpha: expected"],
    ["a scale of 0", () => activation("scaledTanh", { alpha: 0 }), "expected a finite number not 0, got 0"],
    ["a scale that float32 loses", () => activation("scaledTanh", { alpha: 1e-60 }), "got 1e-60"],
    ["a clip without its bound", () => activation("clip"), "expected a finite number above 0, got undefined"],
    ["an infinite constant", () => activation("affine", { beta: 1e39 }), "activation.beta: expected"],
    [
      "a constant that there is not",
      () => activation("tanh", { alpha: 2 }),
      "activation.alpha: expected no such constant, got 2",
    ],
  ])("%s", (_, attempt, message) => {
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(message);
  });
});
