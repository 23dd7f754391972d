import { describe, expect, test } from "vitest";
import {
  adam,
  crossEntropy,
  dense,
  type Example,
  embedding,
  encoderDecoder,
  gru,
  inputs,
  type Model,
  model,
  type Pairs,
  pairs,
  random,
  scheduledSampling,
  type Tensor,
  tokens,
} from "../../ts/index.js";

const draw = random(4);
const examples = pairs(
  Array.from({ length: 24 }, () => {
    const source = Array.from({ length: 2 + draw.integer(4) }, () => 2 + draw.integer(5));
    return { source, target: source.toReversed() };
  }),
  { batch: 8, start: 0, end: 1, seed: 2 },
);

function make(): Promise<Model> {
  const coder = encoderDecoder({ encoder: [embedding(6), gru(12)], decoder: [embedding(6), gru(12)] });
  return model(inputs({ target: tokens(7), source: tokens(7) }), coder, dense(7), { seed: 1, threads: 1 });
}

type Given = Record<"target" | "source", Tensor<Uint32Array>>;
const given = ({ inputs }: Example) => inputs as unknown as Given;

async function all(batches: AsyncIterable<Example> | Iterable<unknown>): Promise<Example[]> {
  const list: Example[] = [];
  for await (const batch of batches) list.push(batch as Example);
  return list;
}

/** The share of tokens behind the start that are the right ones, where rows have not ended. */
function rightShare(sampled: readonly Example[], right: Pairs): number {
  let [same, total] = [0, 0];
  for (const [index, truth] of [...right].entries()) {
    const [batch, steps] = truth.inputs.target.shape as [number, number];
    for (let row = 0; row < batch; row++) {
      for (let step = 1; step < truth.lengths.target[row]!; step++) {
        const at = row * steps + step;
        if (given(sampled[index]!).target.data[at] === truth.inputs.target.data[at]) same++;
        total++;
      }
    }
  }
  return same / total;
}

describe("scheduled sampling", () => {
  test("leaves everything as it is with truth alone", async () => {
    const net = await make();
    expect(await all(scheduledSampling(net, examples, { truth: 1 }))).toEqual(await all(examples));
  });

  test("changes the inputs behind the start, and nothing else", async () => {
    const net = await make();
    const sampled = await all(scheduledSampling(net, examples, { truth: 0 }));
    for (const [index, batch] of [...examples].entries()) {
      const { inputs, ...rest } = sampled[index]!;
      const { inputs: before, ...others } = batch;
      expect(rest).toEqual(others);
      expect(given({ inputs, targets: [] }).source).toEqual(before.source);
      const { shape, data } = given({ inputs, targets: [] }).target;
      expect(shape).toEqual(before.target.shape);
      for (let row = 0; row < shape[0]!; row++) expect(data[row * shape[1]!]).toBe(0);
      for (const token of data) expect(token).toBeLessThan(7);
    }
    expect(rightShare(sampled, examples)).toBeLessThan(0.4);
  });

  test("draws what the model says: of one that knows all answers nothing but these", async () => {
    const net = await make();
    await net.fit(examples, { loss: crossEntropy(), optimiser: adam(0.02), clip: 1, epochs: 150 });
    const sampled = await all(scheduledSampling(net, examples, { truth: 0 }));
    expect(rightShare(sampled, examples)).toBeGreaterThan(0.97);
  });

  test("draws the same for a seed, and other tokens for another, epoch by epoch", async () => {
    const net = await make();
    const of = (seed: number) => scheduledSampling(net, examples, { truth: 0.5, seed });
    const first = await all(of(1).epoch(3));
    expect(await all(of(1).epoch(3))).toEqual(first);
    expect(await all(of(2).epoch(3))).not.toEqual(first);
    expect(await all(of(1).epoch(4))).not.toEqual(first);
  });

  test("follows a schedule over all epochs", async () => {
    const net = await make();
    const asked: number[] = [];
    const truth = (batch: number) => {
      asked.push(batch);
      return 1 - batch / 10;
    };
    const sampled = scheduledSampling(net, examples, { truth });
    expect(sampled.length).toBe(3);
    const { loss } = await net.fit(sampled, { loss: crossEntropy(), optimiser: adam(0.01), epochs: 3 });
    expect(loss).toHaveLength(9);
    expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("refuses a share that is none", async () => {
    const net = await make();
    expect(() => scheduledSampling(net, examples, { truth: -1 })).toThrow(/scheduledSampling/);
    expect(() => scheduledSampling(net, examples, { truth: 1, seed: -1 })).toThrow(/seed/);
  });
});
