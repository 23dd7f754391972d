/** Input feeding from step to step: what a stream carries, what a search selects, and gradients of a size that no lane divides. */
import { describe, expect, test } from "vitest";
import { writeParameter } from "../../ts/graph/parameter.js";
import {
  beamSearch,
  type DecoderAttention,
  dense,
  embedding,
  encoderDecoder,
  features,
  gru,
  inputs,
  load,
  logSoftmax,
  lstm,
  type Model,
  model,
  random,
  score,
  sgd,
  squaredError,
  tokens,
  translator,
} from "../../ts/index.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const [BATCH, STEPS, SOURCES] = [3, 5, 4];
const lengths = { source: [4, 1, 3] };
const scores: readonly DecoderAttention[] = [
  { look: "after", feed: true, score: "dot" },
  { look: "after", feed: true, score: "general", window: 1 },
  { look: "after", feed: true, coverage: true },
];

function make(attention: DecoderAttention, zoneout = 0): Promise<Model> {
  const [encoder, decoder] = [
    [gru(9), lstm(21)],
    [gru(9), lstm(21, { zoneout })],
  ];
  return model(
    inputs({ target: features(3), source: features(2) }),
    encoderDecoder({ encoder, decoder, attention }),
    { seed: 3, threads: 1 },
  );
}

function rowsOf(values: ArrayLike<number>, steps: number, width: number): number[][][] {
  return Array.from({ length: BATCH }, (_, row) =>
    Array.from({ length: steps }, (_, step) =>
      Array.from({ length: width }, (_, i) => values[(row * steps + step) * width + i]!),
    ),
  );
}

const data = {
  target: rowsOf(normals(BATCH * STEPS * 3, 1), STEPS, 3),
  source: rowsOf(normals(BATCH * SOURCES * 2, 2), SOURCES, 2),
};

describe.each(scores)("input feeding with $score $coverage", (attention) => {
  test("streams with the bits of a batch, also after it was saved and begun anew", async () => {
    const net = await make(attention, 0.1);
    const { data: batch } = await net.predict(data, { lengths });
    const stream = (await load(net.save(), { threads: 1 })).stream({
      rows: BATCH,
      others: { source: data.source },
      lengths,
    });
    for (const again of [0, 1]) {
      for (let step = 0; step < STEPS; step++) {
        const output = stream.step(data.target.flatMap((row) => row[step]!));
        for (let row = 0; row < BATCH; row++) {
          const from = (row * STEPS + step) * 21;
          const own = output.slice(row * 21, (row + 1) * 21);
          expectSameBits(own, batch.subarray(from, from + 21), `${again} ${step} ${row}`);
        }
      }
      stream.reset();
    }
  });

  test("has gradients that are the slope of the loss", async () => {
    const net = await make(attention);
    const targets = rowsOf(normals(BATCH * STEPS * 21, 3), STEPS, 21);
    const examples = [{ inputs: data, lengths: { ...lengths, target: [5, 2, 4] }, targets }];
    const loss = squaredError();
    const set = (path: string, values: ArrayLike<number>) => {
      const { engine, parameters } = net.network;
      const found = parameters.find((parameter) => parameter.path === path)!;
      writeParameter(engine, found, Float32Array.from(values));
    };
    const { integer } = random(5);
    for (const { path, data } of net.parameters()) {
      if (path.endsWith("energy") || path.endsWith("weightCoverage"))
        set(path, normals(data.length, integer(99)));
    }
    const start = net.parameters();
    await net.fit(examples, { loss, optimiser: sgd(1), steps: 1 });
    const changed = net.parameters();
    for (const [i, { path, data: values }] of start.entries()) {
      const gradient = values.map((value, j) => value - changed[i]!.data[j]!);
      const norm = Math.hypot(...gradient);
      const lossAt = async (distance: number) => {
        for (const { path, data } of start) set(path, data);
        set(
          path,
          values.map((value, j) => value + (distance * gradient[j]!) / norm),
        );
        return net.evaluate(examples, { loss });
      };
      const slope = ((await lossAt(0.03)) - (await lossAt(-0.03))) / 0.06;
      expect(Math.abs(slope - norm) / norm, path).toBeLessThan(0.03);
    }
  });
});

test("each hypothesis of a beam goes on with the vector of the one it continues", async () => {
  const [start, end, size] = [0, 1, 9];
  const net = await model(
    inputs({ target: tokens(size), source: tokens(size) }),
    encoderDecoder({
      encoder: [embedding(6), lstm(8)],
      decoder: [embedding(6), lstm(8)],
      attention: { look: "after", feed: true, score: "general" },
    }),
    dense(size),
    { seed: 4, threads: 1 },
  );
  for (const parameter of net.network.parameters) {
    // large, so that the hypotheses differ in more than their last token
    const { count } = parameter.layout;
    const values = Float32Array.from(
      normals(
        parameter.shape.reduce((a, b) => a * b, 1),
        count,
      ),
      (x) => 1.5 * x,
    );
    writeParameter(net.network.engine, parameter, values);
  }
  const source = [3, 7, 2, 5];
  const search = beamSearch({ beams: 5, best: 5 });
  const [found] = await translator(net, { start, end, search, maxLength: 7 }).translate([source]);
  expect(found).toHaveLength(5);
  const stream = net.stream({ rows: 5, others: { source: Array(5).fill(source) }, after: logSoftmax() });
  const finished = found!.map(({ finished }) => (finished === "end" ? [end] : []));
  const sentences = found!.map(({ tokens }, i) => [...tokens, ...finished[i]!]);
  const scored = score(stream, sentences, { start });
  for (const [i, { logProbability }] of scored.entries()) {
    expect(Math.abs(logProbability - found![i]!.logProbability)).toBeLessThan(1e-6);
  }
});
