/** Truncated backpropagation through time: how far gradients reach, and what it costs. */
import { expect, test } from "vitest";
import { readParameter, writeParameter } from "../../ts/graph/parameter.js";
import { addressOf } from "../../ts/graph/span.js";
import {
  crossEntropy,
  dense,
  type Example,
  embedding,
  features,
  lstm,
  model,
  rnn,
  sgd,
  tokens,
  windows,
} from "../../ts/index.js";
import { squaredError } from "../../ts/model/losses.js";
import { createNetwork } from "../../ts/model/network.js";
import notes from "../golden/notes/bptt.json" with { type: "json" };
import { expectClose } from "../reference/compare.js";

const ids = Uint32Array.from({ length: 200 }, (_, i) => (i * i + 3 * i) % 7);
const small = () => model(tokens(7), embedding(4), lstm(5), dense(7), { seed: 2 });
const options = { loss: crossEntropy(), optimiser: sgd(0) };

/** The gradients of the notes' network of three steps, the loss at the last one, when it reaches `depth` steps back. */
async function gradients(depth: number): Promise<Map<string, Float32Array>> {
  const network = await createNetwork(features(2), [rnn(3, { bias: false }), dense(2, { bias: false })], {});
  const { engine } = network;
  const [input, hidden, output] = [notes.wx, notes.ws, notes.wy].map((rows) =>
    Float32Array.from(rows.flat()),
  );
  for (const [index, values] of [input!, hidden!, output!].entries()) {
    writeParameter(engine, network.parameters[index]!, values);
  }
  const before = 3 - depth;
  if (before > 0) {
    // The steps before are run, and their state carried on, by a window of the same size.
    const first = network.program({ batch: 1, steps: 3, advance: before }, squaredError(), "train");
    const second = network.program({ batch: 1, steps: depth }, squaredError(), "train");
    network.begin(first, { batch: 1, steps: 3, values: notes.x.flat() }, false);
    first.plan.forward();
    first.plan.carry();
    const [from] = first.graph.states;
    const [to] = second.graph.states;
    const copy = engine.view(addressOf(from!.first), from!.count).slice();
    engine.view(addressOf(to!.first), to!.count).set(copy);
    return finish(second, depth, true);
  }
  return finish(network.program({ batch: 1, steps: 3 }, squaredError(), "train"), 3, false);

  function finish(program: ReturnType<typeof network.program>, steps: number, continues: boolean) {
    const values = notes.x.slice(3 - steps).flat();
    const targets = [...Array(2 * (steps - 1)).fill(0), ...notes.target];
    network.begin(program, { batch: 1, steps, values }, continues);
    network.aim(program, { batch: 1, steps, values: targets }, [...Array(steps - 1).fill(0), 1]);
    program.plan.forward();
    program.plan.backward();
    return new Map(
      network.parameters.map((parameter) => [
        parameter.path,
        // the notes' loss is the sum of squares, ours the mean of two
        readParameter(engine, parameter, parameter.gradient).map((gradient) => 2 * gradient),
      ]),
    );
  }
}

test("reaching back over all steps it gives the notes' gradients of three steps", async () => {
  const whole = await gradients(3);
  expectClose(whole.get("0.rnn.weightHidden")!, notes.dE_dws.flat(), 1e-6);
  expectClose(whole.get("0.rnn.weightInput")!, notes.dE_dwx.flat(), 1e-6);
  expectClose(whole.get("1.dense.weight")!, notes.dE_dwy.flat(), 1e-6);
});

test.each([1, 2])("reaching back %i steps it gives the notes' partial sums", async (depth) => {
  const partial = await gradients(depth);
  const sum = (paths: readonly number[][][]) =>
    paths.slice(0, depth).reduce((total, path) => total.map((row, i) => row.map((x, j) => x + path[i]![j]!)));
  expectClose(partial.get("0.rnn.weightHidden")!, sum(notes.dE_dws_paths_s3_s2_s1).flat(), 1e-6);
  expectClose(partial.get("0.rnn.weightInput")!, sum(notes.dE_dwx_paths_s3_s2_s1).flat(), 1e-6);
});

test("windows that overlap give the losses of the whole text, whatever they advance by", async () => {
  const net = await small();
  const whole = await net.evaluate(windows(ids.subarray(0, 199), { batch: 1, steps: 198 }), options);
  for (const advance of [1, 3, 7, 9]) {
    const overlapping = windows(ids.subarray(0, 199), { batch: 1, steps: 9, advance });
    expect(overlapping.symbols).toBe(198);
    expect(await net.evaluate(overlapping, options)).toBeCloseTo(whole, 5);
  }
});

test("memory does not grow with the length of the text", async () => {
  const net = await small();
  const long = Uint32Array.from({ length: 20_000 }, (_, i) => (i * i) % 7);
  await net.fit(windows(long.subarray(0, 500), { batch: 2, steps: 16, advance: 8 }), options);
  const taken = net.memory;
  await net.fit(windows(long, { batch: 2, steps: 16, advance: 8 }), options);
  expect(net.memory).toBe(taken);
});

test.each([0, 4, 1.5])("to advance by %f of three steps is refused", async (advance) => {
  const net = await small();
  const example: Example = { inputs: [1, 2, 3], targets: [2, 3, 4], advance };
  await expect(net.fit([example], options)).rejects.toThrow(
    /batch 0.advance: expected a whole number from 1 to 3/,
  );
});
