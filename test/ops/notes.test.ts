/** The recurrences of the lecture notes, written from the primitive operations, give the notes' numbers. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { activation, add, at, dense, stack, type Value, zeros } from "../../ts/index.js";
import bptt from "../golden/notes/bptt.json" with { type: "json" };
import gru from "../golden/notes/gru.json" with { type: "json" };
import lstm from "../golden/notes/lstm.json" with { type: "json" };
import { type CellRun, cellOnTape } from "../reference/cells.js";
import { expectClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { transpose } from "../reference/product.js";
import { Tape } from "../reference/tape.js";
import { cellOnEngine } from "./cells.js";
import { probe } from "./probe.js";

const engine = await createEngine({ memory: 16 });

/** Each way of running a cell, and how close it must come. */
const ways = [
  ["on the tape", cellOnTape, 1e-12],
  ["on the engine", (run: CellRun) => cellOnEngine(engine, run), 2e-6],
] as const;

describe("the notes' examples", () => {
  /** Columns of matrices that the notes give as [units][state, input], for a column vector. */
  const split = (matrices: readonly (readonly (readonly number[])[])[], units: number) => {
    const columns = (from: number, to?: number) =>
      matrices.map((rows) =>
        matrix(
          units,
          (to ?? rows[0].length) - from,
          rows.flatMap((row) => row.slice(from, to)),
        ),
      );
    const beside = (parts: readonly Matrix[]) => {
      const transposed = parts.map(transpose);
      const { rows } = transposed[0];
      const values = Array.from({ length: rows }, (_, row) =>
        transposed.flatMap((part) => [...rowsOf(part, row, row + 1).values]),
      );
      return matrix(rows, units * parts.length, values.flat());
    };
    return { weightHidden: beside(columns(0, units)), weightInput: beside(columns(units)) };
  };

  test.each(ways)("the GRU of 001 %s", (_, runCell, tolerance) => {
    const { Wr, Wu, Wc, br, bu, bc, x, a } = gru;
    const { weightInput, weightHidden } = split([Wr, Wu, Wc], 4);
    const { states } = runCell({
      cell: { cell: "gru", options: { resetAfter: false, update: "candidate" } },
      x: matrix(x.length, 3, x.flat()),
      initial: [matrix(1, 4)],
      parameters: new Map([
        ["weightInput", weightInput],
        ["weightHidden", weightHidden],
        ["bias", matrix(1, 12, [...br, ...bu, ...bc])],
      ]),
      upstream: [matrix(a.length, 4)],
    });
    expectClose(states[0].values, a.flat(), tolerance);
  });

  test.each(ways)("the LSTM of 004 %s", (_, runCell, tolerance) => {
    const { Wi, Wf, Wc, Wo, bi, bf, bc, bo, x, trace } = lstm;
    const { weightInput, weightHidden } = split([Wi, Wf, Wc, Wo], 4);
    const zero = matrix(x.length, 4);
    const { states } = runCell({
      cell: { cell: "lstm" },
      x: matrix(x.length, 3, x.flat()),
      initial: [matrix(1, 4), matrix(1, 4)],
      parameters: new Map([
        ["weightInput", weightInput],
        ["weightHidden", weightHidden],
        ["bias", matrix(1, 16, [...bi, ...bf, ...bc, ...bo])],
      ]),
      upstream: [zero, zero],
    });
    expectClose(
      states[0].values,
      trace.flatMap(({ h }) => h),
      tolerance,
    );
    expectClose(
      states[1].values,
      trace.flatMap(({ c }) => c),
      tolerance,
    );
  });

  test.each(ways)("backpropagation through the three steps of 003 %s", (_, runCell, tolerance) => {
    const { wx, ws, wy, x, states, y, target, dE_dws, dE_dwx } = bptt;
    const slope = y.map((value, i) => 2 * (value - target[i]));
    const last = wy.map((row) => row.reduce((sum, weight, i) => sum + weight * slope[i], 0));
    const result = runCell({
      cell: { cell: "rnn" },
      x: matrix(3, 2, x.flat()),
      initial: [matrix(1, 3)],
      parameters: new Map([
        ["weightInput", matrix(2, 3, wx.flat())],
        ["weightHidden", matrix(3, 3, ws.flat())],
      ]),
      upstream: [matrix(3, 3, [0, 0, 0, 0, 0, 0, ...last])],
    });
    expectClose(result.states[0].values, states.slice(1).flat(), tolerance);
    expectClose(result.dParameters.get("weightHidden")!.values, dE_dws.flat(), tolerance);
    expectClose(result.dParameters.get("weightInput")!.values, dE_dwx.flat(), tolerance);
  });

  /**
   * The exercise of 003: z(t+1) is fed by s(t+1) and, past it, by s(t):
   *
   *     s(t) = tanh(x(t) W + s(t-1) V)      z(t) = tanh(s(t) U + s(t-1) K)
   */
  test("the second layer that is also fed by the first one's step before", () => {
    const [batch, steps, inputs, units, above] = [2, 5, 3, 4, 3];
    const x = normalMatrix(steps * batch, inputs, 1);
    const upstream = normalMatrix(steps * batch, above, 2);
    const weights = new Map(
      Object.entries({ W: [inputs, units], V: [units, units], U: [units, above], K: [units, above] }).map(
        ([name, [rows, columns]], index) => [name, normalMatrix(rows, columns, 3 + index, 0.6)],
      ),
    );
    const order = ["W", "V", "U", "K"]; // as the layers are first called
    const { outputs, gradients, parameters } = probe(engine, {
      batch,
      inputs: [x],
      parameters: new Map(order.map((name, index) => [pathOf(name, index), weights.get(name)!])),
      record(x) {
        const product = (units: number) => dense(units, { bias: false });
        const [w, v, u, k] = [product(units), product(units), product(above), product(above)];
        const squash = activation("tanh");
        let s = zeros(x, units);
        const outputs: Value[] = [];
        for (let t = 0; t < x.steps; t++) {
          const before = s;
          s = squash(add(w(at(x, t)), v(before)));
          outputs.push(squash(add(u(s), k(before))));
        }
        return [stack(outputs)];
      },
      upstream: [upstream],
    });
    function pathOf(name: string, index: number): string {
      return `${name === "U" || name === "K" ? index + 1 : index}.dense.weight`; // the activation is 2
    }

    function inReference(weights: ReadonlyMap<string, Matrix>) {
      const tape = new Tape();
      const [w, v, u, k] = order.map((name) => tape.variable(weights.get(name)!));
      const input = tape.variable(x, batch);
      let s = tape.variable(matrix(batch, units));
      const outputs = Array.from({ length: steps }, (_, t) => {
        const before = s;
        s = tape.activate(tape.add(tape.linear(tape.at(input, t), w), tape.linear(before, v)), "tanh");
        return tape.activate(tape.add(tape.linear(s, u), tape.linear(before, k)), "tanh");
      });
      const output = tape.stack(outputs);
      tape.backward([output], [upstream]);
      return { output, input, weights: new Map(order.map((name, i) => [name, [w, v, u, k][i]])) };
    }
    const expected = inReference(weights);
    expectClose(outputs[0].values, expected.output.value.values, 1e-6);
    expectClose(gradients[0].values, expected.input.gradient.values, 2e-6);
    for (const [index, name] of order.entries()) {
      const gradient = expected.weights.get(name)!.gradient.values;
      expectClose(parameters.get(pathOf(name, index))!.values, gradient, 2e-6, name);
      const { values } = weights.get(name)!;
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        const loss = (shifted: number) => {
          values[i] = shifted;
          const { output } = inReference(weights);
          return output.value.values.reduce((sum, number, j) => sum + number * upstream.values[j], 0);
        };
        const difference = (loss(value + 1e-6) - loss(value - 1e-6)) / 2e-6;
        values[i] = value;
        const error = Math.abs(gradient[i] - difference);
        expect(error, `${name}[${i}]`).toBeLessThanOrEqual(1e-4 * Math.abs(difference) + 1e-9);
      }
    }
  });
});
