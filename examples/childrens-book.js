/** A network reads a children's book and writes one of its own, in which nobody ever sees himself. */

import { adam, crossEntropy, dense, embedding, lstm, model, random, sampler, tokens, windows } from "recurra";
import { count, table } from "./lib/terminal.js";
import { dictionary } from "./lib/words.js";

/** @import { Model } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "writes 10,000 sentences, all well formed";

const names = ["Doug", "Jane", "Spot"];
const { size, words, id, encode } = dictionary([...names, "saw", "."]);
const wellFormed = names.flatMap((who) =>
  names.filter((whom) => whom !== who).map((whom) => `${who} saw ${whom} .`),
);
const sentences = 10_000;
const steps = 4000;

/** @param {Screen} screen */
export default async function childrensBook({ print, follow }) {
  const book = writeBook(2 * sentences);
  const net = await model(tokens(size), embedding(8), lstm(16), dense(size), { seed: 1 });
  print(`\
Book   ${count(book.length)} sentences: ${book.slice(0, 3).join(" ")} ...
       anybody sees anybody else, and nobody himself
Words  ${words.join(" ")}
Model  embedding 8, LSTM 16, dense ${size}: ${count(net.size)} parameters

After a name comes “saw” or “.”, after “saw” any name but the one before: the
word it reads is not enough to know what may follow.
`);
  const examples = windows(encode(book.join(" ")), { batch: 32, steps: 16 });
  const training = { loss: crossEntropy(), optimiser: adam(0.01), clip: 1, steps };
  await follow(net.train(examples, training), { steps });

  const written = write(net, 0.5);
  const malformed = countMalformed(written);
  const malformedAtOne = countMalformed(write(net, 1));
  const rows = wellFormed.map((text) => [
    text,
    count(written.filter((sentence) => sentence === text).length),
  ]);
  print(`
It writes on at temperature 0.5:

${table([["sentence", "times"], ...rows, ["any other", count(malformed)]])}
At temperature 1, where every word keeps the little probability that training
has left it, ${malformedAtOne} of ${count(sentences)} are any other.`);
  return { sentences, malformed, malformedAtOne };
}

/**
 * The three sentences of the lecture, and then who saw whom at random.
 *
 * @param {number} length In sentences.
 */
function writeBook(length) {
  const draw = random(1);
  const book = ["Doug saw Jane .", "Jane saw Spot .", "Spot saw Doug ."];
  while (book.length < length) book.push(wellFormed[draw.integer(wellFormed.length)]);
  return book;
}

/**
 * Sentences that follow one another in one stream, each up to its full stop or to twenty words.
 *
 * @param {Model} net
 * @param {number} temperature
 */
function write(net, temperature) {
  const choose = sampler({ temperature, seed: 1 });
  const stream = net.stream();
  const fullStop = id(".");
  /** @type {string[]} */
  const written = [];
  let sentence = [];
  for (let next = fullStop; written.length < sentences; ) {
    next = choose(stream.step(next));
    sentence.push(words[next]);
    if (next === fullStop || sentence.length === 20) {
      written.push(sentence.join(" "));
      sentence = [];
    }
  }
  stream.close();
  return written;
}

/** @param {readonly string[]} written */
function countMalformed(written) {
  return written.filter((sentence) => !wellFormed.includes(sentence)).length;
}
