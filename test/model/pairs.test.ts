/** From texts to a translator: vocabularies, pairs, training, search and scores together. */
import { expect, test } from "vitest";
import {
  adam,
  attentionText,
  bleu,
  bytePairVocabulary,
  crossEntropy,
  dense,
  embedding,
  encoderDecoder,
  exactMatch,
  gru,
  inputs,
  load,
  model,
  pairs,
  random,
  tokens,
  translator,
  vocabulary,
} from "../../ts/index.js";

const draw = random(11);
const texts = [
  ...new Set(
    Array.from({ length: 160 }, () => {
      const letters = Array.from({ length: 1 + draw.integer(4) }, () => "abc"[draw.integer(3)]);
      return letters.join("");
    }),
  ),
];
const reversed = (text: string) => [...text].reverse().join("");
const special = { padding: "<pad>", start: "<start>", end: "<end>" };

test("a model learns from pairs to write words backwards, and is saved with both its vocabularies", async () => {
  const source = bytePairVocabulary(texts, { size: 262, special });
  const target = vocabulary(texts, { special });
  const { start, end } = target.special as Record<string, number>;
  const examples = texts.map((text) => ({
    source: source.encode(text),
    target: target.encode(reversed(text)),
  }));
  const net = await model(
    inputs({ target: tokens(target), source: tokens(source) }),
    encoderDecoder({ encoder: [embedding(16), gru(48)], decoder: [embedding(16), gru(48)], attention: {} }),
    dense(target.size),
    { seed: 3 },
  );
  const batches = pairs(examples, { batch: 16, start: start!, end: end!, seed: 1, unfit: "drop" });
  expect(batches.dropped).toBe(0);
  const { loss } = await net.fit(batches, {
    loss: crossEntropy(),
    optimiser: adam(0.01),
    clip: 1,
    epochs: 60,
  });
  expect(loss.at(-1)!).toBeLessThan(0.1);

  const again = await load(net.save());
  const found = await translator(again, { start: start!, end: end! }).translate(
    texts.map((text) => source.encode(text)),
  );
  const written = found.map(([best]) => target.decode(best!.tokens, { special: false }));
  expect(exactMatch(written, texts.map(reversed))).toBeGreaterThan(0.95);
  expect(bleu(written, texts.map(reversed), { tokenise: "characters" }).score).toBeGreaterThan(90);

  const [best] = found[0]!;
  const labels = [...best!.tokens, end!].map(target.symbol);
  const columns = Array.from(source.encode(texts[0]!), source.symbol);
  expect(attentionText(best!.attention!, labels, columns).trimEnd().split("\n").at(-1)).toContain("│");
});
