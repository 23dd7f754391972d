/** How a model writes: it reads a prompt, chooses a character, reads that one, chooses the next. */

import { sampler } from "recurra";

/** @import { Model, Vocabulary } from "recurra" */

/**
 * What follows the prompt, one character at a time.
 *
 * @param {Model} net
 * @param {string} prompt
 * @param {{ length: number, seed: number }} options
 */
export function* write(net, prompt, { length, seed }) {
  const chars = /** @type {Vocabulary} */ (net.vocabulary);
  const choose = sampler({ temperature: 0.8, topP: 0.95, seed });
  const stream = net.stream();
  try {
    const [first, ...rest] = chars.encode(prompt);
    let logits = stream.step(first);
    for (const id of rest) logits = stream.step(id);
    for (let i = 0; i < length; i++) {
      const id = choose(logits);
      yield chars.symbol(id);
      logits = stream.step(id);
    }
  } finally {
    stream.close();
  }
}
