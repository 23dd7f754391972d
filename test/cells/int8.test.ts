/** Recurrent layers with weights in int8: step by step as in float64 with the same roundings, and the contract of all variants. */
import { describe, expect, test } from "vitest";
import {
  dense,
  gru,
  type Inspection,
  inspect,
  type Layer,
  load,
  lstm,
  type Model,
  quantise,
  rnn,
} from "../../ts/index.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { data, drawn, inputs, kept, quantised, times, vector } from "./quantised.js";
import { variants } from "./variants.js";

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One step of a cell in float64, from numbers as the engine has them: gates by name, then states. */
type Step = (
  net: Model,
  x: Float32Array,
  state: Record<string, Float32Array>,
  gates: Record<string, Float32Array>,
) => Record<string, number[]>;

const cells: Record<string, { layer: (units: number) => Layer; step: Step }> = {
  rnn: {
    layer: (units) => rnn(units),
    step(net, x, { hidden }) {
      const [a, b] = [times(x, kept(net, "weightInput")), times(hidden!, kept(net, "weightHidden"))];
      return { hidden: Array.from(vector(net, "bias"), (bias, i) => Math.tanh(bias + a[i]! + b[i]!)) };
    },
  },
  lstm: {
    layer: (units) => lstm(units),
    step(net, x, { hidden, cell }) {
      const [a, b] = [times(x, kept(net, "weightInput")), times(hidden!, kept(net, "weightHidden"))];
      const sums = Array.from(vector(net, "bias"), (bias, i) => bias + a[i]! + b[i]!);
      const units = hidden!.length;
      const gate = (index: number, f = sigmoid) => sums.slice(index * units, (index + 1) * units).map(f);
      const [input, forget, candidate, output] = [gate(0), gate(1), gate(2, Math.tanh), gate(3)];
      const next = forget.map((f, u) => f * cell![u]! + input[u]! * candidate[u]!);
      const h = output.map((o, u) => o * Math.tanh(next[u]!));
      return { input, forget, candidate, output, cell: next, hidden: h };
    },
  },
  gru: {
    layer: (units) => gru(units),
    step(net, x, { hidden }) {
      const [a, b] = [times(x, kept(net, "weightInput")), times(hidden!, kept(net, "weightHidden"))];
      const [bias, biasHidden] = [vector(net, ".bias"), vector(net, "biasHidden")];
      const units = hidden!.length;
      const at = (gate: number, u: number) => gate * units + u;
      const each = (of: (u: number) => number) => Array.from({ length: units }, (_, u) => of(u));
      const [own, past] = [(i: number) => bias[i]! + a[i]!, (i: number) => biasHidden[i]! + b[i]!];
      const reset = each((u) => sigmoid(own(at(0, u)) + past(at(0, u))));
      const update = each((u) => sigmoid(own(at(1, u)) + past(at(1, u))));
      const candidate = each((u) => Math.tanh(own(at(2, u)) + reset[u]! * past(at(2, u))));
      const h = each((u) => update[u]! * hidden![u]! + (1 - update[u]!) * candidate[u]!);
      return { reset, update, candidate, hidden: h };
    },
  },
  "gru with the reset first": {
    layer: (units) => gru(units, { resetAfter: false }),
    step(net, x, { hidden }, gates) {
      const [a, b] = [times(x, kept(net, "weightInput")), times(hidden!, kept(net, "weightHidden"))];
      const kept2 = hidden!.map((h, u) => h * gates.reset![u]!);
      const c = times(kept2, kept(net, "weightCandidate"));
      const bias = vector(net, ".bias");
      const units = hidden!.length;
      const each = (of: (u: number) => number) => Array.from({ length: units }, (_, u) => of(u));
      const own = (gate: number, u: number) => bias[gate * units + u]! + a[gate * units + u]!;
      const reset = each((u) => sigmoid(own(0, u) + b[u]!));
      const update = each((u) => sigmoid(own(1, u) + b[units + u]!));
      const candidate = each((u) => Math.tanh(own(2, u) + c[u]!));
      const h = each((u) => update[u]! * hidden![u]! + (1 - update[u]!) * candidate[u]!);
      return { reset, update, candidate, hidden: h };
    },
  },
};

describe.each(Object.entries(cells))("%s in int8", (_, { layer, step }) => {
  test.each([1, 3, 4, 5, 8, 13, 64])(
    "of %i units steps as in float64 with the same roundings",
    async (units) => {
      const net = await quantised(await drawn(layer(units)));
      const given = data(2, 6);
      const [{ gates, states }] = (await inspect(net, given)) as [Inspection];
      const at = (of: typeof gates, row: number, t: number) =>
        Object.fromEntries(
          Object.entries(of).map(([name, { data }]) => [
            name,
            data.slice((row * 6 + t) * units, (row * 6 + t + 1) * units),
          ]),
        );
      const first = Object.fromEntries(Object.keys(states).map((name) => [name, new Float32Array(units)]));
      for (let row = 0; row < 2; row++) {
        for (let t = 0; t < 6; t++) {
          const x = given.data.subarray((row * 6 + t) * inputs, (row * 6 + t + 1) * inputs);
          const actual = { ...at(gates, row, t), ...at(states, row, t) };
          const before = t === 0 ? first : at(states, row, t - 1);
          for (const [name, expected] of Object.entries(step(net, x, before, at(gates, row, t)))) {
            expectClose(actual[name]!, expected, 1e-6, `${name} of row ${row} at step ${t}`);
          }
        }
      }
    },
  );
});

describe.each(Object.entries(variants))("%s in int8", (_, variant) => {
  const built = (units: number) => drawn(variant(units), dense(5));

  test("streams with the bits of a batch and stays near float32", async () => {
    for (const units of [1, 5, 16, 33]) {
      const net = await built(units);
      const { model: small, report } = await quantise(net, { threads: 1, data: data(3, 8) });
      const { data: batch } = await small.predict(data(3, 8));
      const stream = small.stream({ rows: 3 });
      for (let t = 0; t < 8; t++) {
        const x = Float32Array.from(
          { length: 9 },
          (_, i) => data(3, 8).data[(Math.floor(i / 3) * 8 + t) * 3 + (i % 3)]!,
        );
        const expected = Float32Array.from(
          { length: 15 },
          (_, i) => batch[(Math.floor(i / 5) * 8 + t) * 5 + (i % 5)]!,
        );
        expectSameBits(stream.step(x), expected, `step ${t}, number`);
      }
      expect(report.outputs!.error).toBeLessThan(0.05);
    }
  });

  test("is saved and loaded with the same bits, and ends rows at their lengths", async () => {
    const small = await quantised(await built(13));
    const bytes = small.save();
    const again = await load(bytes, { threads: 1 });
    expect(again.save()).toEqual(bytes);
    const { data: whole } = await small.predict(data(2, 6));
    expectSameBits((await again.predict(data(2, 6))).data, whole);
    const { data: ragged } = await again.predict(data(2, 6), { lengths: [6, 4] });
    expectSameBits(ragged.subarray(0, 30 + 20), whole.subarray(0, 30 + 20));
  });
});
