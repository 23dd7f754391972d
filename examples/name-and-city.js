/** “My name is Ram.” “My city is Delhi.” A network learns the next word, and every number on the way is there to see. */

import { adam, crossEntropy, dense, features, model, rnn } from "recurra";
import { softmax } from "./lib/softmax.js";
import { table } from "./lib/terminal.js";
import { dictionary } from "./lib/words.js";

/** @import { Model, NamedTensor } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "tells a name from a city, every number shown";

const sentences = ["My name is Ram.", "My city is Delhi."].map((text) => text.toLowerCase().replace(".", ""));
const { size, words, encode } = dictionary([...new Set(sentences.join(" ").split(" "))]);
const units = 4;
const steps = 200;

/** @param {Screen} screen */
export default async function nameAndCity({ print, follow }) {
  const net = await model(features(size), rnn(units), dense(size), { seed: 1 });
  print(`\
Sentences  ${sentences.join(", ")}
Words      ${words.join(", ")}:
           each is ${size} numbers, a 1 in its own place and 0 elsewhere
Model      Elman ${units}, dense ${size}: ${net.size} parameters

input   the word
state   tanh(input Wx + state before Wh + b)
guess   softmax(state V + c), of which the likeliest word is shown
loss    -ln of the guess for the word that comes next

Before training:

${sentences.map((sentence) => walkThrough(net, sentence).report).join("\n")}`);

  const ids = sentences.map(encode);
  const inputs = ids.map((ids) => ids.slice(0, -1).map(oneHot));
  const targets = ids.map((ids) => ids.slice(1));
  const training = { loss: crossEntropy(), optimiser: adam(0.03), steps };
  await follow(net.train([{ inputs, targets }], training), { steps });

  const walks = sentences.map((sentence) => walkThrough(net, sentence));
  const accuracy = walks.filter(({ right }) => right).length / walks.length;
  const difference = largestDifference(
    walks.flatMap(({ guesses }) => guesses),
    (await net.predict(inputs)).data,
  );
  print(`
After training:

${walks.map(({ report }) => report).join("\n")}
After “my” nobody can know, and the loss stays at ln 2 = ${Math.LN2.toFixed(3)}; the last
words are ${100 * accuracy} % right. The tables are computed by hand from the parameters: the
network's own guesses differ by ${difference.toExponential(0)} at most.`);
  return { accuracy, difference };
}

/** @param {number} place */
function oneHot(place) {
  return words.map((_, word) => (word === place ? 1 : 0));
}

/**
 * What the network does with a sentence, by hand, in the order of its equations.
 *
 * @param {Model} net
 * @param {string} sentence
 */
function walkThrough(net, sentence) {
  const [Wx, Wh, b, V, c] = net.parameters();
  const ids = encode(sentence);
  const rows = [["word", "input", "state", "guess", "next", "loss"]];
  const guesses = [];
  let state = Array(units).fill(0);
  let right = false;
  for (let step = 0; step < ids.length - 1; step++) {
    const input = oneHot(ids[step]);
    state = sum(product(input, Wx), product(state, Wh), b.data).map(Math.tanh);
    const guess = softmax(sum(product(state, V), c.data));
    const next = ids[step + 1];
    const loss = -Math.log(guess[next]);

    const likeliest = guess.indexOf(Math.max(...guess));
    right = likeliest === next;
    guesses.push(guess);
    rows.push([
      words[ids[step]],
      input.join(""),
      state.map((value) => value.toFixed(2).padStart(5)).join(" "),
      `${words[likeliest]} ${guess[likeliest].toFixed(2)}`,
      words[next],
      loss.toFixed(3),
    ]);
  }
  return { report: table(rows), guesses, right };
}

/**
 * @param {readonly number[][]} guesses
 * @param {Float32Array} logits
 */
function largestDifference(guesses, logits) {
  return Math.max(
    ...guesses.flatMap((guess, row) => {
      const expected = softmax(logits.subarray(row * size, (row + 1) * size));
      return guess.map((p, word) => Math.abs(p - expected[word]));
    }),
  );
}

/**
 * @param {readonly number[]} row
 * @param {NamedTensor} matrix
 */
function product(row, { shape: [, columns], data }) {
  return Array.from({ length: columns }, (_, column) =>
    row.reduce((sum, value, i) => sum + value * data[i * columns + column], 0),
  );
}

/** @param {ArrayLike<number>[]} rows */
function sum(...rows) {
  return Array.from(rows[0], (_, i) => rows.reduce((sum, row) => sum + row[i], 0));
}
