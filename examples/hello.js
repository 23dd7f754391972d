/** From its first letter a network writes hello: it must tell the first l from the second. */

import { adam, crossEntropy, dense, embedding, model, rnn, sampler, tokens, vocabularyOf } from "recurra";
import { softmax } from "./lib/softmax.js";
import { table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "writes hello from its first letter";

const word = "hello";
const steps = 200;

/** @param {Screen} screen */
export default async function hello({ print, follow }) {
  const letters = vocabularyOf({ kind: "characters", symbols: ["h", "e", "l", "o"] });
  const net = await model(tokens(letters), embedding(4), rnn(8), dense(letters.size), { seed: 1 });
  print(`\
An Elman network of ${net.size} parameters reads h, e, l, l and learns what comes next:
e, l, l, o. After the first l comes l, after the second o: only its state can
tell it which of them it reads.
`);
  const ids = letters.encode(word);
  const example = { inputs: ids.subarray(0, -1), targets: ids.subarray(1) };
  await follow(net.train([example], { loss: crossEntropy(), optimiser: adam(0.03), steps }), { steps });

  const stream = net.stream();
  const choose = sampler({ temperature: 0 });
  const rows = [["reads", ...letters.symbols, "writes"]];
  let written = "h";
  let certainty = 1;
  for (let letter = written; written.length < word.length; written += letter) {
    const logits = stream.step(letters.id(letter));
    const probabilities = softmax(logits);
    const next = choose(logits);
    certainty = Math.min(certainty, probabilities[next]);
    rows.push([letter, ...probabilities.map((p) => p.toFixed(3)), letters.symbol(next)]);
    letter = letters.symbol(next);
  }
  stream.close();
  print(`\nFrom h on, it reads each letter that it writes; the probabilities:\n\n${table(rows)}`);
  print(`It writes “${written}”, sure of each letter to at least ${(100 * certainty).toFixed(1)} %.`);
  return { written, certainty };
}
