import { describe, expect, test } from "vitest";
import {
  adam,
  checkpoint,
  crossEntropy,
  dense,
  embedding,
  features,
  gru,
  InputError,
  inputs,
  last,
  load,
  lstm,
  model,
  type Named,
  resume,
  squaredError,
  tokens,
  type Value,
  wiring,
} from "../../ts/index.js";

/** A decoder that begins with the final state of an encoder of the other input. */
function translator() {
  const [encode, look, decode] = [gru(8), embedding(5), gru(8)];
  const of = inputs({ target: tokens(7), source: tokens(6) });
  const part = (x: Value, { source }: Named<Value>) => {
    const { states } = encode.sequence(embedding(4)(source!));
    return decode.sequence(look(x), states).output;
  };
  return model(of, part, dense(7), { seed: 3, threads: 1 });
}

const target = [
  [1, 2, 3, 4],
  [5, 6, 0, 0],
  [2, 2, 1, 6],
];
const source = [
  [1, 2, 3, 4, 5, 0],
  [3, 2, 0, 0, 0, 0],
  [5, 5, 1, 4, 0, 0],
];
const lengths = { target: [4, 2, 4], source: [5, 2, 4] };

describe("a model of several inputs", () => {
  test("gives each row what it gives the row alone, whatever the padding of the other input", async () => {
    const net = await translator();
    const together = await net.predict({ target, source }, { lengths });
    expect(together.shape).toEqual([3, 4, 7]);
    for (const row of [0, 1, 2]) {
      const [ends, begins] = [lengths.target[row]!, lengths.source[row]!];
      const alone = await net.predict({
        target: target[row]!.slice(0, ends),
        source: source[row]!.slice(0, begins),
      });
      expect(alone.data).toEqual(together.data.subarray(row * 28, row * 28 + ends * 7));
    }
  });

  test("streams with the bits of a batch, computing what the other input alone decides only once", async () => {
    const net = await translator();
    const batch = await net.predict({ target, source }, { lengths: { source: lengths.source } });
    const stream = net.stream({ rows: 3, others: { source }, lengths: { source: lengths.source } });
    for (const again of [0, 1]) {
      for (let step = 0; step < 4; step++) {
        const output = stream.step(target.map((row) => row[step]!));
        for (const row of [0, 1, 2]) {
          const at = (row * 4 + step) * 7;
          expect(output.subarray(row * 7, row * 7 + 7)).toEqual(batch.data.subarray(at, at + 7));
        }
      }
      if (again === 0) stream.reset();
    }
    stream.close();
  });

  test("begins its stream anew with other sources for which there is room", async () => {
    const net = await translator();
    const stream = net.stream({ others: { source: [1, 2] }, room: { source: 6 } });
    stream.step(3);
    for (const [row, length] of [5, 2, 4].entries()) {
      stream.begin({ others: { source: source[row]!.slice(0, length) } });
      const alone = await net.predict({ target: target[row]!, source: source[row]!.slice(0, length) });
      for (let step = 0; step < 4; step++) {
        expect(stream.step(target[row]![step]!)).toEqual(alone.data.subarray(step * 7, step * 7 + 7));
      }
    }
    expect(() => stream.begin({ others: { source: [1, 2, 3, 4, 5, 0, 1] } })).toThrow(/at most 6 steps/);
    expect(() => stream.begin({ others: { source: [9] } })).toThrow(InputError);
    expect(() => stream.begin()).toThrow(/source/);
  });

  test("begins its encoder anew with what it has learned meanwhile", async () => {
    const [encode, look, decode] = [gru(8, { initial: "learned" }), embedding(5), gru(8)];
    const part = (x: Value, { source }: Named<Value>) =>
      decode.sequence(look(x), encode.sequence(embedding(4)(source!)).states).output;
    const of = inputs({ target: tokens(7), source: tokens(6) });
    const net = await model(of, part, dense(7), { seed: 3, threads: 1 });
    const stream = net.stream({ others: { source: source[2]! } });
    stream.step(1);
    const batch = { inputs: { target, source }, lengths, targets: target };
    await net.fit([batch], { loss: crossEntropy(), optimiser: adam(0.1), epochs: 3 });
    stream.begin({ others: { source: source[2]! } });
    const { data } = await net.predict({ target: [1], source: source[2]! });
    expect(stream.step(1)).toEqual(data);
  });

  test("lets rows of a stream go on from where others are", async () => {
    const net = await translator();
    const same = [source[0]!, source[0]!, source[0]!];
    const stream = net.stream({ rows: 3, others: { source: same } });
    stream.step([1, 2, 3]);
    stream.step([4, 5, 6]);
    stream.select([2, 0, 0]);
    const chosen = stream.step([1, 1, 1]).slice();
    for (const [row, path] of [
      [3, 6, 1],
      [1, 4, 1],
      [1, 4, 1],
    ].entries()) {
      const alone = await net.predict({ target: path, source: source[0]! });
      expect(chosen.subarray(row * 7, row * 7 + 7)).toEqual(alone.data.subarray(14, 21));
    }
    expect(() => stream.select([0, 1])).toThrow(/3 rows/);
    expect(() => stream.select([0, 1, 3])).toThrow(/a row from 0 to 2/);
  });

  test("continues the bits of its streams in a clone", async () => {
    const net = await translator();
    const stream = net.stream({ others: { source: source[0]! } });
    stream.step(3);
    const clone = stream.clone();
    expect(clone.step(2)).toEqual(stream.step(2));
  });

  test("is saved with its inputs and their names, and loaded", async () => {
    const net = await model(
      inputs({ target: tokens(7), source: features(3) }),
      wiring({
        nodes: [
          { name: "read", of: embedding(4), inputs: ["input"] },
          { name: "seen", of: lstm(4), inputs: ["source"] },
          { name: "end", of: { op: "last" }, inputs: ["seen"] },
          { name: "write", of: gru(4), inputs: ["read"], initial: ["end"] },
        ],
      }),
      dense(7),
      { seed: 1, threads: 1 },
    );
    const data = {
      target: [[1, 2, 3]],
      source: [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
    };
    const expected = await net.predict(data);
    const again = await load(net.save(), { threads: 1 });
    expect(again.definition).toEqual(net.definition);
    expect(await again.predict(data)).toEqual(expected);
  });

  test("learns through both inputs", async () => {
    const net = await translator();
    const before = net.parameters();
    const batch = { inputs: { target, source }, lengths, targets: target };
    const { loss: losses } = await net.fit([batch], {
      loss: crossEntropy(),
      optimiser: adam(0.02),
      epochs: 120,
    });
    expect(losses.at(-1)!).toBeLessThan(0.1 * losses[0]!);
    for (const [i, { path, data }] of net.parameters().entries()) {
      expect(data, path).not.toEqual(before[i]!.data);
    }
  });

  test("goes on after a checkpoint with the same bits", async () => {
    const batches = [
      { inputs: { target, source }, lengths, targets: target },
      { inputs: { target, source: source.map((row) => row.slice(0, 2)) }, targets: target },
    ];
    const options = { loss: crossEntropy(), optimiser: adam(0.02), epochs: 3 };
    const whole = await translator();
    await whole.fit(batches, options);
    const first = await translator();
    let saved: Uint8Array | undefined;
    for await (const { step } of first.train(batches, options)) {
      if (step === 2) {
        saved = checkpoint(first);
        break;
      }
    }
    const second = await translator();
    await second.fit(batches, { ...options, start: resume(saved!) });
    expect(second.save()).toEqual(whole.save());
  });

  test("takes rows of numbers as one input and tokens as another, of different steps", async () => {
    const of = inputs({ series: features(2), place: tokens(3) });
    const part = (x: Value, { place }: Named<Value>) =>
      lstm(4).sequence(x, [last()(embedding(4)(place!)), last()(embedding(4)(place!))]).output;
    const net = await model(of, part, dense(1), { threads: 1 });
    const series = [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ];
    const examples = [{ inputs: { series, place: [[1]] }, targets: [[[1], [2], [3]]] }];
    const { loss: losses } = await net.fit(examples, {
      loss: squaredError(),
      optimiser: adam(0.05),
      epochs: 50,
    });
    expect(losses.at(-1)!).toBeLessThan(losses[0]!);
  });

  test("refuses data that are not one for each input, or not for as many rows", async () => {
    const net = await translator();
    const message = async (run: () => Promise<unknown>) =>
      await run().then(String, (error: Error) => error.message);
    expect(await message(() => net.predict(target))).toMatch(/target, source/);
    expect(await message(() => net.predict({ target } as never))).toMatch(/target, source/);
    expect(await message(() => net.predict({ target, source, more: [1] }))).toMatch(/one with .*more/);
    expect(await message(() => net.predict({ target, source: source.slice(1) }))).toMatch(/3 rows/);
    expect(await message(() => net.predict({ target, source: [[1], [2], [6]] }))).toMatch(
      /predict\.source\[2]\[0].*from 0 to 5/,
    );
    expect(await message(() => net.predict({ target, source }, { lengths: { sauce: [1] } }))).toMatch(
      /sauce/,
    );
    expect(() => net.stream()).toThrow(/source/);
    expect(() => inputs({})).toThrow(InputError);
    expect(() => inputs({ a: inputs({ b: tokens(2) }) })).toThrow(/tokens\(\.\.\.\) or features/);
  });
});
