/** Every recurrent layer of PyTorch's that ours can express: outputs, final states and all gradients. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import type { Engine } from "../../ts/engine/engine.js";
import { Graph, type Value } from "../../ts/graph/graph.js";
import { type Parameter, readParameter, rowLayout, writeParameter } from "../../ts/graph/parameter.js";
import { Plan } from "../../ts/graph/plan.js";
import { addressOf, place, span } from "../../ts/graph/span.js";
import { gru, lstm, type RecurrentLayer, rnn } from "../../ts/index.js";
import { concat } from "../../ts/ops/concat.js";
import cells from "../golden/torch/cells.json" with { type: "json" };
import recurrent from "../golden/torch/recurrent.json" with { type: "json" };
import { ours, slice, type TorchTensor } from "../golden/torch.js";
import { pack, unpack } from "../kernels/operands.js";
import { expectClose } from "../reference/compare.js";

const engine = await createEngine({ memory: 64 });
const tolerance = { forward: 1e-6, gradient: 1e-5 };

type Tensors = Readonly<Record<string, TorchTensor>>;

const kinds: Readonly<Record<string, (units: number, bias: boolean, projection: number) => RecurrentLayer>> =
  {
    RNN_TANH: (units, bias) => rnn(units, { bias, biasHidden: bias }),
    RNN_RELU: (units, bias) => rnn(units, { activation: "relu", bias, biasHidden: bias }),
    LSTM: (units, bias, projection) =>
      lstm(units, { bias, biasHidden: bias, ...(projection > 0 && { projection }) }),
    GRU: (units, bias) => gru(units, { bias }),
  };

/** A value [steps][batch][width] that holds the numbers of a tensor, and a place where its gradient is kept. */
function leaf(graph: Graph, engine: Engine, { shape, data }: TorchTensor, lengths?: Value) {
  const width = shape.at(-1)!;
  const batch = shape.at(-2)!;
  const steps = data.length / width / batch;
  const held = span("leaf", rowLayout(steps * batch, width).count, { role: "given" });
  const kept = span("gradient of a leaf", held.count, { role: "kept" });
  const value = graph.value({ steps, batch, width, lengths: lengths?.place }, place(held));
  const layout = rowLayout(steps * batch, width);
  const probe = graph.apply({
    inputs: [value],
    output: graph.value({ steps, batch, width, lengths: lengths?.place }, place(held)),
    forward() {},
    backward({ emit, dOutput }) {
      emit("copy", { from: dOutput, to: place(kept), count: held.count });
    },
  });
  return {
    value: probe,
    place: place(held),
    fill: () => engine.view(addressOf(place(held)), layout.count).set(pack(Float32Array.from(data), layout)),
    gradient: () => unpack(engine.view(addressOf(place(kept)), layout.count), layout).values,
  };
}

/** The sum of value x weight over pairs: its gradient is the weights. */
function weightedSum(graph: Graph, pairs: readonly (readonly [Value, Value])[]): Value {
  return graph.apply({
    inputs: pairs.flat(),
    output: graph.value({ steps: 1, batch: 1, width: 1 }),
    forward() {},
    backward({ emit, gradient }) {
      for (const [value, weight] of pairs) {
        const target = gradient(value);
        const count = value.steps * value.batch * value.stride;
        if (target) emit("copy", { from: weight.place, to: target, count });
      }
    },
  });
}

function expectTensor(actual: ArrayLike<number>, { data }: TorchTensor, bound: number, name: string): void {
  expectClose(Float32Array.from(actual), data, bound, name);
}

/** PyTorch's names of our parameters. */
const names: Readonly<Record<string, string>> = {
  weightInput: "weight_ih",
  weightHidden: "weight_hh",
  weightProjection: "weight_hr",
  bias: "bias_ih",
  biasHidden: "bias_hh",
};

type Case = Pick<(typeof recurrent.cases)[number], "name" | "kind" | "config" | "lengths"> &
  Readonly<Record<"inputs" | "params" | "upstream" | "outputs" | "grads", Tensors>>;

const layers = recurrent.cases as unknown as readonly Case[];

/** A cell of PyTorch's as a layer of one step. */
function oneStep({
  name,
  kind,
  inputs,
  params,
  upstream,
  outputs,
  grads,
}: (typeof cells.cases)[number]): Case {
  const step = ({ shape, data }: TorchTensor) => ({ shape: [1, ...shape], data });
  const rename = (tensors: object, to: (name: string) => string, change = (tensor: TorchTensor) => tensor) =>
    Object.fromEntries(
      Object.entries(tensors as Tensors).map(([name, tensor]) => [to(name), change(tensor)]),
    );
  const [batch, units] = outputs.h1.shape as [number, number];
  const isParameter = (name: string) => name.includes("_");
  const state = (name: string) => (name === "x" ? name : `${name[0]}0`);
  const results = rename(outputs, (name) => `${name[0]}n`, step);
  const zeros = { shape: [1, batch, units], data: Array(batch * units).fill(0) };
  return {
    name,
    kind: { RNNCell_tanh: "RNN_TANH", RNNCell_relu: "RNN_RELU", LSTMCell: "LSTM", GRUCell: "GRU" }[kind]!,
    config: {
      input_size: inputs.x.shape[1]!,
      hidden_size: units,
      num_layers: 1,
      bidirectional: false,
      bias: true,
      proj_size: 0,
      T: 1,
      B: batch,
    },
    lengths: null,
    inputs: rename(inputs, state, step),
    params: rename(params, (name) => `${name}_l0`),
    upstream: { G: zeros, ...rename(upstream, (name) => name, step) },
    outputs: { output: results.hn!, ...results },
    grads: Object.fromEntries(
      Object.entries(grads as unknown as Tensors).map(([name, tensor]) =>
        isParameter(name) ? [`${name}_l0`, tensor] : [state(name), step(tensor)],
      ),
    ),
  };
}

test("all of PyTorch's cases are here", () => {
  expect([layers.length, cells.cases.length]).toEqual([44, 4]);
});

const cases = [...layers, ...cells.cases.map(oneStep)];

describe.each(cases)("$name", ({ kind, config, lengths, inputs, params, upstream, outputs, grads }) => {
  const {
    hidden_size: units,
    num_layers: depth,
    bidirectional,
    bias,
    proj_size,
    T: steps,
    B: batch,
  } = config;
  const directions = bidirectional ? 2 : 1;
  /** PyTorch's name of a parameter in the layer and direction of this number, and how its tensor lies. */
  const torchName = (path: string) => {
    const [at, , name] = path.split(".") as [string, string, string];
    const layer = Math.floor(Number(at) / directions);
    const key = `${names[name]}_l${layer}${Number(at) % directions === 1 ? "_reverse" : ""}`;
    return { key, use: name.startsWith("weight") ? "product" : "bias" } as const;
  };

  test("gives PyTorch's numbers", () => {
    const parameters = new Map<string, Parameter>();
    const graph = new Graph(parameters, { training: true, batch });
    const ragged = lengths
      ? graph.given("lengths", { kind: "tokens", steps: 1, batch, width: steps + 1 })
      : undefined;
    const x = leaf(graph, engine, inputs.x!, ragged);
    const stateNames = kind === "LSTM" ? ["h", "c"] : ["h"];
    const leaves = [x];
    const initial = stateNames.map((state) =>
      Array.from({ length: depth * directions }, (_, index) => {
        const tensor = inputs[`${state}0`];
        if (!tensor) return undefined;
        const { values, rows, columns } = slice(tensor, index);
        const made = leaf(graph, engine, { shape: [rows, columns], data: [...values] });
        leaves.push(made);
        return made;
      }),
    );

    let value = x.value;
    const finals: Value[][] = stateNames.map(() => []);
    for (let layer = 0; layer < depth; layer++) {
      const made = kinds[kind]!(units, bias, proj_size);
      const both = [made, made.reversed()].slice(0, directions).map((direction, index) => {
        const at = layer * directions + index;
        const begin = initial.map((leaves) => leaves[at]?.value).filter((leaf) => leaf !== undefined);
        const { output, states } = direction.sequence(value, begin.length > 0 ? begin : undefined);
        for (const [i, state] of states.entries()) finals[i]!.push(state);
        return output;
      });
      value = both.length > 1 ? concat(...both) : both[0]!;
    }

    const weightOf = (tensor: TorchTensor) => {
      const made = leaf(graph, engine, tensor);
      leaves.push(made);
      return made.value;
    };
    const pairs: [Value, Value][] = [[value, weightOf(upstream.G!)]];
    finals.forEach((states, i) => {
      states.forEach((state, index) => {
        const { values, rows, columns } = slice(upstream[`G${stateNames[i]}`]!, index);
        pairs.push([state, weightOf({ shape: [rows, columns], data: [...values] })]);
      });
    });
    const loss = weightedSum(graph, pairs);

    const blocks = [...parameters.values()].flatMap((parameter) =>
      [parameter.value, parameter.gradient].map((span) => {
        const block = engine.allocate(span.count * 4, "test");
        span.address = block.address;
        return block;
      }),
    );
    for (const [path, parameter] of parameters) {
      const { key, use } = torchName(path);
      writeParameter(engine, parameter, Float32Array.from(ours(params[key]!, use).values));
    }
    const results = [value.place, ...finals.flat().map(({ place }) => place)];
    const plan = new Plan(engine, graph, { results: ragged ? [...results, ragged.place] : results, loss });
    for (const { fill } of leaves) fill();
    if (ragged) engine.words.set(lengths!, addressOf(ragged.place) / 4);
    engine.words.fill(1, addressOf(place(graph.fresh)) / 4, addressOf(place(graph.fresh)) / 4 + batch);

    plan.forward();
    const read = ({ place, steps, batch, width }: Value) => {
      const layout = rowLayout(steps * batch, width);
      return unpack(engine.view(addressOf(place), layout.count), layout).values;
    };
    expectTensor(read(value), outputs.output!, tolerance.forward, "output");
    finals.forEach((states, i) => {
      const name = `${stateNames[i]}n`;
      expectTensor(
        states.flatMap((state) => [...read(state)]),
        outputs[name]!,
        tolerance.forward,
        name,
      );
    });

    plan.backward();
    expectTensor(x.gradient(), grads.x!, tolerance.gradient, "x");
    initial.forEach((leaves, i) => {
      const name = `${stateNames[i]}0`;
      if (leaves[0]) {
        expectTensor(
          leaves.flatMap((leaf) => [...leaf!.gradient()]),
          grads[name]!,
          tolerance.gradient,
          name,
        );
      }
    });
    for (const [path, parameter] of parameters) {
      const { key, use } = torchName(path);
      const expected = ours(grads[key]!, use).values;
      expectClose(readParameter(engine, parameter, parameter.gradient), expected, tolerance.gradient, key);
    }
    plan.release();
    for (const block of blocks) engine.release(block);
  });
});
