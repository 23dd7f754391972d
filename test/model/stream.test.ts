/** Streams of several rows, and what they remember: saved, restored, cloned and reset. */
import { expect, test, vi } from "vitest";
import {
  dense,
  embedding,
  features,
  gru,
  InputError,
  load,
  lstm,
  minGru,
  model,
  rnn,
  type Stream,
  tokens,
} from "../../ts/index.js";
import { stepShared } from "../../ts/model/shared-stream.js";
import { expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";

const net = await model(features(3), lstm(5), gru(13, { initial: "learned" }), rnn(4), minGru(17), dense(2), {
  seed: 1,
});
const text = await model(tokens(7), embedding(5), lstm(8), dense(3), { seed: 2 });
const at = (step: number, row = 0) => Float32Array.from(normals(3, 100 * row + step));
const copy = (output: Float32Array) => output.slice();

test.each([1, 2, 3, 8, 33])("%i rows stepped together give the bits of each alone", (rows) => {
  const together = net.stream({ rows });
  const alone = Array.from({ length: rows }, () => net.stream());
  expect(together.rows).toBe(rows);
  for (let step = 0; step < 5; step++) {
    const inputs = Float32Array.from({ length: rows * 3 }, (_, i) => at(step, Math.floor(i / 3))[i % 3]!);
    const output = together.step(inputs);
    expect(output.length).toBe(rows * 2);
    for (const [row, stream] of alone.entries()) {
      expectSameBits(output.subarray(2 * row, 2 * row + 2), stream.step(at(step, row)), `row ${row} number`);
    }
  }
  for (const stream of [together, ...alone]) stream.close();
});

test("a step whose rows stay where they lie gives the same bits, and so does one that others may wait for", async () => {
  const streams = [net.stream({ rows: 3 }), net.stream({ rows: 3 }), net.stream({ rows: 3 })] as const;
  for (let step = 0; step < 3; step++) {
    const inputs = Float32Array.from([...at(step, 0), ...at(step, 1), ...at(step, 2)]);
    const expected = streams[0].step(inputs);
    const given = [streams[1].stepRows(inputs), await stepShared(streams[2], net.network.engine, inputs)];
    for (const rows of given) {
      expect(rows).toHaveLength(3);
      for (const [row, own] of rows.entries()) expectSameBits(own, expected.subarray(2 * row, 2 * row + 2));
    }
  }
  for (const stream of streams) stream.close();
});

test("rows of tokens are stepped together", () => {
  const together = text.stream({ rows: 4 });
  const alone = Array.from({ length: 4 }, () => text.stream());
  for (let step = 0; step < 4; step++) {
    const ids = indices(4, 7, step);
    const output = together.step(ids);
    for (const [row, stream] of alone.entries()) {
      expectSameBits(output.subarray(3 * row, 3 * row + 3), stream.step(ids[row]!));
    }
  }
});

test("a row is reset by itself", () => {
  const stream = net.stream({ rows: 2 });
  const both = (step: number) => Float32Array.of(...at(step), ...at(step, 1));
  const first = copy(stream.step(both(0)));
  const second = copy(stream.step(both(1)));
  stream.reset();
  stream.step(both(0));
  stream.reset(1);
  const mixed = stream.step(Float32Array.of(...at(1), ...at(0, 1)));
  expectSameBits(mixed.subarray(0, 2), second.subarray(0, 2));
  expectSameBits(mixed.subarray(2), first.subarray(2));
});

/** The outputs of the next steps. */
function follow(stream: Stream, steps: number): Float32Array[] {
  return Array.from({ length: steps }, (_, step) => copy(stream.step(at(10 + step))));
}

test("what is saved is restored, in the same stream, another, another row, or after a journey as text", () => {
  const stream = net.stream();
  for (let step = 0; step < 3; step++) stream.step(at(step));
  const state = stream.save();
  const expected = follow(stream, 4);

  stream.restore(state);
  for (const [i, output] of follow(stream, 4).entries()) expectSameBits(output, expected[i]!);

  const other = net.stream({ rows: 3 });
  other.step(new Float32Array(9));
  const { fresh, steps, values } = JSON.parse(JSON.stringify({ ...state, values: [...state.values] })) as {
    fresh: boolean;
    steps: number;
    values: number[];
  };
  other.restore({ fresh, steps, values: Float32Array.from(values) }, 2);
  for (const [i, output] of expected.entries()) {
    const all = other.step(Float32Array.of(...at(50), ...at(60), ...at(10 + i)));
    expectSameBits(all.subarray(4), output);
  }
});

test("a saved beginning begins anew", () => {
  const stream = net.stream();
  const beginning = stream.save();
  expect(beginning.fresh).toBe(true);
  const expected = follow(stream, 2);
  stream.restore(beginning);
  for (const [i, output] of follow(stream, 2).entries()) expectSameBits(output, expected[i]!);
});

test("a clone goes on from where the stream is, and neither disturbs the other", () => {
  const stream = net.stream({ rows: 2 });
  const step = (of: Stream, i: number) => copy(of.step(Float32Array.of(...at(i), ...at(i, 1))));
  step(stream, 0);
  step(stream, 1);
  const clone = stream.clone();
  const expected = [step(stream, 2), step(stream, 3)];
  expectSameBits(step(clone, 2), expected[0]!);
  stream.reset();
  expectSameBits(step(clone, 3), expected[1]!);
});

test("a model without a state has streams too", async () => {
  const plain = await model(features(2), dense(2));
  const stream = plain.stream();
  expect(stream.save().values.length).toBe(0);
  expectSameBits(copy(stream.clone().step([1, 2])), stream.step([1, 2]));
});

test("wrong rows, states and inputs are refused, and the state is unchanged", () => {
  for (const rows of [0, -1, 1.5, NaN, 65537]) expect(() => net.stream({ rows })).toThrow(/stream.rows/);
  const stream = net.stream({ rows: 2 });
  stream.step([1, 2, 3, 4, 5, 6]);
  const before = stream.save(1);
  expect(() => stream.step([1, 2, 3])).toThrow(/expected 2 rows of 3 numbers, got 3 numbers/);
  expect(() => stream.step(1)).toThrow(/expected 2 rows of 3 numbers, got 1/);
  expect(() => text.stream({ rows: 2 }).step([1, 7])).toThrow(/expected 2 tokens from 0 to 6, got 7/);
  expect(() => text.stream({ rows: 2 }).step(1)).toThrow(/expected 2 tokens from 0 to 6, got 1/);
  expect(() => text.stream().step([1, 2])).toThrow(/expected a token from 0 to 6, got 2 numbers/);
  for (const row of [-1, 2, 0.5]) {
    expect(() => stream.save(row)).toThrow(/stream.save: expected a row from 0 to 1/);
    expect(() => stream.restore(before, row)).toThrow(/stream.restore/);
    expect(() => stream.reset(row)).toThrow(/stream.reset/);
  }
  const { values } = text.stream().save();
  expect(() => stream.restore({ fresh: false, steps: 1, values })).toThrow(InputError);
  expect(() => stream.restore({ fresh: false, steps: 1, values: [] as never })).toThrow(
    /expected a state of/,
  );
  expectSameBits(stream.save(1).values, before.values);
  stream.close();
  for (const use of [() => stream.save(), () => stream.clone(), () => stream.restore(before)]) {
    expect(use).toThrow(/got a closed one/);
  }
});

test("a model is loaded and streamed where there is no TextDecoder and no clock, as in an audio worklet", async () => {
  const bytes = net.save();
  const expected = follow(net.stream(), 3);
  for (const missing of [
    "TextDecoder",
    "TextEncoder",
    "performance",
    "setTimeout",
    "URL",
    "fetch",
    "navigator",
  ]) {
    vi.stubGlobal(missing, undefined);
  }
  try {
    const stream = (await load(bytes)).stream();
    for (const [i, output] of follow(stream, 3).entries()) expectSameBits(output, expected[i]!);
  } finally {
    vi.unstubAllGlobals();
  }
});
