/** What inspection shows: gates and states step by step, and how gradients reach back. */
import { expect, test } from "vitest";
import { writeParameter } from "../../ts/graph/parameter.js";
import {
  crossEntropy,
  dense,
  dropout,
  features,
  gru,
  InputError,
  lstm,
  model,
  rnn,
  sgd,
  squaredError,
  tensor,
} from "../../ts/index.js";
import { inspect } from "../../ts/model/inspect.js";
import type { Model } from "../../ts/model/model.js";
import { createNetwork } from "../../ts/model/network.js";
import notes from "../golden/notes/bptt.json" with { type: "json" };
import trace from "../golden/notes/lstm.json" with { type: "json" };
import { expectClose } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const data = (batch: number, steps: number, width: number) =>
  tensor(Float32Array.from(normals(batch * steps * width, 3)), [batch, steps, width]);

test("every gate and state of the notes' LSTM is there, step by step", async () => {
  const { Wf, Wi, Wo, Wc, bf, bi, bo, bc } = trace;
  const units = bf.length;
  const network = await createNetwork(features(trace.x[0]!.length), [lstm(units)], {});
  /** Columns [gate][unit] of rows `from` to `to` of the weights' transposes: the notes' columns are [h, x]. */
  const columns = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, row) =>
      [Wi, Wf, Wc, Wo].flatMap((gate) => gate.map((unit) => unit[from + row]!)),
    );
  const weights = [columns(units, Wf[0]!.length), columns(0, units), [[...bi, ...bf, ...bc, ...bo]]];
  const order = ["weightInput", "weightHidden", "bias"].map(
    (name) => network.parameters.find(({ path }) => path.endsWith(name))!,
  );
  for (const [index, parameter] of order.entries()) {
    writeParameter(network.engine, parameter, Float32Array.from(weights[index]!.flat()));
  }
  const [layer] = await inspect({ network } as Model, [trace.x], {});
  const steps = (name: "f" | "i" | "c_tilde" | "o" | "c" | "h") => trace.trace.flatMap((step) => step[name]);
  expectClose(layer!.gates.forget!.data, steps("f"), 1e-6);
  expectClose(layer!.gates.input!.data, steps("i"), 1e-6);
  expectClose(layer!.gates.candidate!.data, steps("c_tilde"), 1e-6);
  expectClose(layer!.gates.output!.data, steps("o"), 1e-6);
  expectClose(layer!.states.cell!.data, steps("c"), 1e-6);
  expectClose(layer!.states.hidden!.data, steps("h"), 1e-6);
});

test("each step's share of a weight's gradient is the path that the notes derive for it", async () => {
  const network = await createNetwork(features(2), [rnn(3, { bias: false }), dense(2, { bias: false })], {});
  for (const [index, values] of [notes.wx, notes.ws, notes.wy].entries()) {
    writeParameter(network.engine, network.parameters[index]!, Float32Array.from(values.flat()));
  }
  const targets = [[0, 0], [0, 0], notes.target];
  const [layer] = await inspect({ network } as Model, [notes.x], {
    loss: squaredError(),
    targets: [targets],
    weights: [0, 0, 1],
  });
  const sums = layer!.gradients!.sums.data;
  const outer = (left: readonly number[], step: number) =>
    left.map((x) => [0, 1, 2].map((unit) => 2 * x * sums[step * 3 + unit]!)); // ours is the mean of two squares
  for (const [path, step] of [2, 1, 0].entries()) {
    expectClose(outer(notes.states[step]!, step).flat(), notes.dE_dws_paths_s3_s2_s1[path]!.flat(), 1e-6);
    expectClose(outer(notes.x[step]!, step).flat(), notes.dE_dwx_paths_s3_s2_s1[path]!.flat(), 1e-6);
  }
});

test("the gradient vanishes through a sigmoid network and reaches back through an LSTM that remembers", async () => {
  const steps = 30;
  const weights = Array.from({ length: steps }, (_, t) => (t === steps - 1 ? 1 : 0));
  const targets = Array(steps).fill(1);
  const norms = async (layer: ReturnType<typeof rnn>) => {
    const net = await model(features(2), layer, dense(2), { seed: 1 });
    const [seen] = await inspect(net, data(1, steps, 2), {
      loss: crossEntropy(),
      targets: [targets],
      weights,
    });
    const { norms } = seen!.gradients!;
    return norms[0]! / norms[steps - 1]!;
  };
  expect(await norms(rnn(8, { activation: "sigmoid" }))).toBeLessThan(1e-12);
  expect(await norms(lstm(8))).toBeGreaterThan(1e-6);
});

test("inspection changes nothing and sees no dropout", async () => {
  const layers = () => [gru(5), dropout(0.5), lstm(4), dense(3)] as const;
  const [net, other] = [await model(features(2), ...layers()), await model(features(2), ...layers())];
  const x = data(2, 6, 2);
  const targets = tensor(
    Uint32Array.from({ length: 12 }, (_, i) => i % 3),
    [2, 6],
  );
  const first = await inspect(net, x, { loss: crossEntropy(), targets });
  expect(await inspect(net, x, { loss: crossEntropy(), targets })).toEqual(first);
  expect(first.map(({ path }) => path)).toEqual(["0.gru", "2.lstm"]);
  expect(Object.keys(first[0]!.gates)).toEqual(["reset", "update", "candidate"]);
  expect(first[1]!.states.cell!.shape).toEqual([2, 6, 4]);
  const options = { loss: crossEntropy(), optimiser: sgd(0.1), steps: 2, epochs: 2 };
  expect(await net.fit([{ inputs: x, targets }], options)).toEqual(
    await other.fit([{ inputs: x, targets }], options),
  );
});

test("nothing arrives past the end of a row, with zoneout or without", async () => {
  for (const layer of [lstm(4), lstm(4, { zoneout: 0.3, zoneoutCell: 0.2 }), gru(4, { zoneout: 0.3 })]) {
    const net = await model(features(2), (x) => dense(2)(layer.sequence(x).states[0]!), { seed: 1 });
    const data = tensor(Float32Array.from(normals(2 * 5 * 2, 1)), [2, 5, 2]);
    const [inspection] = await inspect(net, data, {
      lengths: [3, 5],
      loss: crossEntropy(),
      targets: [0, 1],
    });
    const { hidden } = inspection!.gradients!;
    const norms = Array.from({ length: 10 }, (_, step) =>
      Math.hypot(...hidden.data.subarray(4 * step, 4 * step + 4)),
    );
    expect(norms.map((norm) => norm > 0)).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      true,
      true,
      true,
      true,
    ]);
  }
});

test("a loss without targets is refused", async () => {
  const net = await model(features(2), rnn(3));
  await expect(inspect(net, data(1, 2, 2), { loss: crossEntropy() })).rejects.toThrow(InputError);
  await expect(inspect(net, data(1, 2, 2), { targets: [1, 2] })).rejects.toThrow(
    "expected a loss and targets, or neither",
  );
});
