import { describe, expect, test } from "vitest";
import { glorotUniform, zeros } from "../../ts/graph/initialisers.js";
import { matrixParameter, vectorParameter, writeParameter } from "../../ts/graph/parameter.js";
import {
  at,
  concat,
  dense,
  features,
  gru,
  inputs,
  lstm,
  type Model,
  model,
  type Named,
  type RecurrentLayer,
  rnn,
  sgd,
  squaredError,
  stack,
  type Value,
} from "../../ts/index.js";
import { attendTo } from "../../ts/ops/attend.js";
import { attentionContext, attentionWeights } from "../../ts/ops/attention.js";
import { distance, expectAllClose, expectClose, expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const UNITS = 5;
const [BATCH, STEPS, SOURCES] = [3, 4, 6];
const cells = {
  rnn: () => rnn(UNITS),
  gru: () => gru(UNITS),
  lstm: () => lstm(UNITS),
} as const;
type Cell = keyof typeof cells;

interface Case {
  readonly cell: Cell;
  readonly score: "additive" | "dot";
  readonly coverage?: boolean;
}

const of = inputs({ target: features(3), source: features(2) });

/** The recurrence with its attention, as one operation. */
function fused({ cell, score, coverage }: Case, seed: number): Promise<Model> {
  const [made, keys, values] = [cells[cell](), dense(7, { bias: score === "additive" }), dense(4)];
  const part = (x: Value, { source }: Named<Value>) => {
    const { graph } = x;
    const vector = (name: string) => graph.parameter(`${cell}.${name}`, vectorParameter(1, 7, zeros));
    const memory = {
      keys: keys(source!),
      values: values(source!),
      score,
      weightQuery: graph.parameter(`${cell}.weightQuery`, matrixParameter(UNITS, 1, 7, glorotUniform())),
      energy: score === "additive" ? vector("energy") : undefined,
      weightCoverage: coverage ? vector("weightCoverage") : undefined,
      scale: score === "dot" ? 1 / Math.sqrt(7) : 1,
    };
    const { output, entered } = made.sequence(x, undefined, attendTo(memory));
    return concat(output, entered!);
  };
  return model(of, part, { seed, threads: 1 });
}

/** The same step by step: the cell over its input and the context side by side. */
function unrolled({ cell, score }: Case, seed: number): Promise<Model> {
  const [made, keys, values, query] = [
    cells[cell](),
    dense(7, { bias: score === "additive" }), // of scores the same for all positions nothing remains
    dense(4),
    dense(7, { bias: false }),
  ];
  const part = (x: Value, { source }: Named<Value>) => {
    const [k, v] = [keys(source!), values(source!)];
    const energy =
      score === "additive" ? x.graph.parameter("energy", vectorParameter(1, 7, zeros)) : undefined;
    const zero = at(x, 0);
    let states: readonly Value[] = (made as RecurrentLayer).widths.map(() => nothing(zero));
    const outputs = Array.from({ length: x.steps }, (_, t) => {
      const scale = score === "dot" ? 1 / Math.sqrt(7) : 1;
      const weights = attentionWeights(query(states[0]!), k, { score, energy, scale });
      const context = attentionContext(weights, v);
      const run = made.sequence(concat(at(x, t), context), states);
      states = run.states;
      return concat(run.output, context);
    });
    return stack(outputs);
  };
  return model(of, part, { seed, threads: 1 });
}

/** Zeros as wide as a state. */
function nothing(like: Value): Value {
  const { graph, batch } = like;
  const output = graph.value({ steps: 1, batch, width: UNITS, differentiable: false });
  return graph.apply({
    inputs: [like],
    output,
    forward: (emit) => emit("zero", { to: output.place, count: batch * output.stride }),
    backward() {},
  });
}

function setParameter({ network }: Model, path: string, data: ArrayLike<number>): void {
  const found = network.parameters.find((parameter) => parameter.path === path)!;
  writeParameter(network.engine, found, Float32Array.from(data));
}

/** The fused model's parameters by the paths that they have in the unrolled one. */
function asUnrolled(from: Model, to: Model, { cell }: Case): Map<string, ArrayLike<number>> {
  const own = new Map(from.parameters().map(({ path, data }) => [path, data]));
  const find = (name: string) => [...own].find(([path]) => path.endsWith(`${cell}.${name}`))?.[1];
  return new Map(
    to.parameters().map(({ path }): [string, ArrayLike<number>] => {
      const name = path.split(".").at(-1)!;
      if (name === "weightInput") return [path, [...find("weightInput")!, ...find("weightContext")!]];
      const found = own.get(path) ?? find(path.includes("dense") ? "weightQuery" : name);
      expect(found, path).toBeDefined();
      return [path, found!];
    }),
  );
}

const data = {
  target: rowsOf(normals(BATCH * STEPS * 3, 1), STEPS, 3),
  source: rowsOf(normals(BATCH * SOURCES * 2, 2), SOURCES, 2),
};
const targets = rowsOf(normals(BATCH * STEPS * (UNITS + 4), 3), STEPS, UNITS + 4);
const lengths = { source: [6, 2, 5] };

function rowsOf(values: ArrayLike<number>, steps: number, width: number): number[][][] {
  return Array.from({ length: BATCH }, (_, row) =>
    Array.from({ length: steps }, (_, step) =>
      Array.from({ length: width }, (_, i) => values[(row * steps + step) * width + i]!),
    ),
  );
}

describe.each<Case>(
  (["rnn", "gru", "lstm"] as const).flatMap((cell) => [
    { cell, score: "additive" },
    { cell, score: "dot" },
  ]),
)("attention inside $cell, $score", (each) => {
  test("is the cell over input and context side by side, forward and backward", async () => {
    const [one, other] = [await fused(each, 5), await unrolled(each, 6)];
    if (each.score === "additive") setParameter(one, `.${each.cell}.energy`, normals(7, 9));
    for (const [path, values] of asUnrolled(one, other, each)) setParameter(other, path, values);
    const [a, b] = [await one.predict(data, { lengths }), await other.predict(data, { lengths })];
    expectClose(a.data, b.data, 1e-6);
    const before = new Map(other.parameters().map(({ path, data }) => [path, data]));
    const options = { loss: squaredError(), optimiser: sgd(1), steps: 1 };
    const examples = [{ inputs: data, lengths, targets }];
    const [{ loss }, { loss: expected }] = [
      await one.fit(examples, options),
      await other.fit(examples, options),
    ];
    expectClose(loss, expected, 1e-6);
    const changed = asUnrolled(one, other, each);
    const change = (path: string, after: ArrayLike<number>) =>
      Array.from(after, (value, i) => value - before.get(path)![i]!);
    expectAllClose(
      other
        .parameters()
        .map(({ path, data }) => [path, change(path, changed.get(path)!), change(path, data)] as const),
      5e-6,
    );
  });

  test("streams with the bits of a batch", async () => {
    const net = await fused(each, 5);
    const { data: batch, shape } = await net.predict(data, { lengths });
    const width = shape[2]!;
    const stream = net.stream({ rows: BATCH, others: { source: data.source }, lengths });
    for (let step = 0; step < STEPS; step++) {
      const output = stream.step(data.target.flatMap((row) => row[step]!));
      for (let row = 0; row < BATCH; row++) {
        const from = (row * STEPS + step) * width;
        expectSameBits(output.slice(row * width, (row + 1) * width), batch.subarray(from, from + width));
      }
    }
  });
});

test("coverage enters the scores, and its gradient is the slope of the loss", async () => {
  const each = { cell: "gru", score: "additive", coverage: true } as const;
  const examples = [{ inputs: data, lengths, targets }];
  const loss = squaredError();
  const net = await fused(each, 5);
  const plain = await fused({ ...each, coverage: false }, 5);
  setParameter(net, ".gru.energy", normals(7, 9));
  const before = net.parameters();
  const weight = before.find(({ path }) => path.endsWith("weightCoverage"))!;
  for (const { path } of plain.parameters()) {
    setParameter(plain, path, before.find((each) => each.path === path)!.data);
  }
  const { data: first } = await plain.predict(data, { lengths });
  expectClose((await net.predict(data, { lengths })).data, first, 1e-7, "while its weight is 0");
  setParameter(net, weight.path, normals(7, 4));
  expect(distance((await net.predict(data, { lengths })).data, first)).toBeGreaterThan(1e-3);
  const start = net.parameters();
  await net.fit(examples, { loss, optimiser: sgd(1), steps: 1 });
  const gradients = net.parameters().map(({ data }, i) => data.map((value, j) => start[i]!.data[j]! - value));
  for (const [i, { path, data: values }] of start.entries()) {
    const norm = Math.sqrt(gradients[i]!.reduce((sum, g) => sum + g * g, 0));
    const lossAt = async (distance: number) => {
      for (const { path, data } of start) setParameter(net, path, data);
      setParameter(
        net,
        path,
        values.map((value, j) => value + (distance * gradients[i]![j]!) / norm),
      );
      return net.evaluate(examples, { loss });
    };
    const slope = ((await lossAt(0.01)) - (await lossAt(-0.01))) / 0.02;
    expect(Math.abs(slope - norm) / norm, path).toBeLessThan(0.02);
  }
});

test("coverage is carried by a stream", async () => {
  const net = await fused({ cell: "lstm", score: "additive", coverage: true }, 5);
  for (const { path } of net.parameters()) {
    if (path.endsWith("weightCoverage") || path.endsWith("energy")) setParameter(net, path, normals(7, 4));
  }
  const { data: batch } = await net.predict(data, { lengths });
  const stream = net.stream({ rows: BATCH, others: { source: data.source }, lengths });
  for (const again of [0, 1]) {
    for (let step = 0; step < STEPS; step++) {
      const output = stream.step(data.target.flatMap((row) => row[step]!));
      expectSameBits(output.slice(0, 9), batch.subarray(step * 9, step * 9 + 9), `${again} ${step}`);
    }
    stream.reset();
  }
});
