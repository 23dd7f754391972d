/** Pizza, sushi, waffles, and round again: a network knows what is for dinner, also after two weeks away. */

import { adam, crossEntropy, dense, features, model, random, rnn, sampler } from "recurra";
import { table } from "./lib/terminal.js";

/** @import { Screen } from "./lib/terminal.js" */

export const about = "knows the dinners through two weeks away";

const dinners = ["pizza", "sushi", "waffles"];
const onehot = dinners.map((_, dinner) => dinners.map((_, other) => (other === dinner ? 1 : 0)));
/** In place of a dinner that nobody saw. */
const unseen = [0, 0, 0];
const away = 14;
const steps = 300;

/** @param {Screen} screen */
export default async function dinner({ print, follow }) {
  const net = await model(features(3), rnn(8), dense(3), { seed: 1 });
  print(`\
Dinner is ${dinners.join(", ")}, and round again. An Elman network of ${net.size}
parameters predicts it from yesterday's dinner and from its state, in which it
has what it predicted for yesterday. Where nobody saw the dinner, it reads
${unseen.join(", ")}: for a week at most in training, for ${away} days afterwards.
`);
  const { inputs, targets } = keepDiaries({ families: 32, days: 30, longest: 7 });
  const training = { loss: crossEntropy(), optimiser: adam(0.02), clip: 1, steps };
  await follow(net.train([{ inputs, targets }], training), { steps });

  const choose = sampler({ temperature: 0 });
  const { data } = await net.predict(inputs);
  const eaten = targets.flat();
  const right = eaten.filter((dinner, i) => choose(data.subarray(3 * i, 3 * i + 3)) === dinner).length;

  const rows = [["day", "seen yesterday", "predicted", "dinner"]];
  let found = 0;
  for (const last of onehot.keys()) {
    const stream = net.stream();
    for (let day = 0; day <= away; day++) {
      const predicted = choose(stream.step(day === 0 ? onehot[last] : unseen));
      const dinner = (last + day + 1) % 3;
      if (day > 0 && predicted === dinner) found++;
      if (last === 0) {
        rows.push([`${day}`, day === 0 ? dinners[last] : "–", dinners[predicted], dinners[dinner]]);
      }
    }
    stream.close();
  }
  const accuracy = right / eaten.length;
  print(`
Of ${eaten.length} dinners in training it predicts ${100 * accuracy} %. Then it sees one, and none after:

${table(rows)}
From each of the three dinners it rolls on for ${away} days: ${found} of ${3 * away} are right.`);
  return { accuracy, away: 3 * away, found };
}

/**
 * What some families had for dinner, and what they saw of the dinner before.
 *
 * @param {{ families: number, days: number, longest: number }} options `longest`: days in a row that nobody sees.
 */
function keepDiaries({ families, days, longest }) {
  const draw = random(1);
  const diaries = Array.from({ length: families }, () => {
    const first = draw.integer(3);
    const targets = Array.from({ length: days }, (_, day) => (first + day + 1) % 3);
    const inputs = [onehot[first]];
    while (inputs.length < days) {
      inputs.push(...Array(draw.integer(longest + 1)).fill(unseen));
      inputs.push(onehot[(first + inputs.length) % 3]);
    }
    return { inputs: inputs.slice(0, days), targets };
  });
  return { inputs: diaries.map(({ inputs }) => inputs), targets: diaries.map(({ targets }) => targets) };
}
