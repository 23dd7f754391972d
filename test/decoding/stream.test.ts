/** A stream is a decoder: what is found is what the model says of whole sequences. */
import { expect, test } from "vitest";
import {
  beamSearch,
  decode,
  dense,
  embedding,
  fromLogits,
  gru,
  logSoftmax,
  lstm,
  model,
  sampling,
  score,
  tokens,
} from "../../ts/index.js";
import { logSoftmax as reference } from "../reference/losses.js";

const width = 5;
const start = 0;
const end = 1;
const net = await model(tokens(width), embedding(6), lstm(8), gru(7), dense(width), { seed: 4 });

/** The log-probabilities of the tokens of a sentence and of its end, from one prediction. */
async function predicted(sentence: readonly number[]): Promise<number[]> {
  const { data } = await net.predict([[start, ...sentence]]);
  return [...sentence, end].map(
    (token, step) => reference(data.subarray(step * width, (step + 1) * width))[token],
  );
}

test("the score of sentences is what predicting them whole gives", async () => {
  const sentences = [[2, 3, 4, 2], [], [4, 4]];
  const found = score(fromLogits(net.stream({ rows: 3 })), sentences, { start, end });
  for (const [row, sentence] of sentences.entries()) {
    const logs = await predicted(sentence);
    expect(found[row].logProbabilities.length).toBe(logs.length);
    for (const [step, log] of logs.entries()) expect(found[row].logProbabilities[step]).toBeCloseTo(log, 5);
  }
});

test("beam search over a stream finds the likeliest of all sentences", async () => {
  const sentences = [0, 2, 3, 4].flatMap((a) => [[a], ...[0, 2, 3, 4].map((b) => [a, b])]);
  const worth = await Promise.all(
    [[], ...sentences].map(async (sentence) => ({
      sentence,
      sum: (await predicted(sentence))
        .slice(0, sentence.length === 2 ? 2 : undefined)
        .reduce((a, b) => a + b, 0),
    })),
  );
  const likeliest = worth.toSorted((a, b) => b.sum - a.sum).slice(0, 7);
  const stream = net.stream({ rows: 30 });
  const search = beamSearch({ beams: 30, best: 7 });
  for (let again = 0; again < 2; again++) {
    stream.reset();
    const [found] = decode(fromLogits(stream), { start, end, maxLength: 2, search });
    expect(found.map(({ tokens }) => tokens)).toEqual(likeliest.map(({ sentence }) => sentence));
    for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(likeliest[i].sum, 5);
  }
});

test("a model that ends in log-softmax is decoded as it is", async () => {
  const own = await model(tokens(width), embedding(6), lstm(8), gru(7), dense(width), logSoftmax(), {
    seed: 4,
  });
  const given = { start, end, maxLength: 9, search: sampling({ seed: 2, samples: 4 }) };
  const found = decode(own.stream({ rows: 4 }), given)[0];
  const same = decode(fromLogits(net.stream({ rows: 4 })), given)[0];
  expect(found.map(({ tokens }) => tokens)).toEqual(same.map(({ tokens }) => tokens));
  for (const [i, { score }] of found.entries()) expect(score).toBeCloseTo(same[i].score, 4);
  expect(() => decode(net.stream({ rows: 4 }), { ...given, search: beamSearch({ beams: 4 }) })).toThrow(
    "fromLogits(decoder) makes them of logits",
  );
});
