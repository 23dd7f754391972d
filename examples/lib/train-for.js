/** Training for some time or for some steps, with a rate that falls to nothing by the end. */

/** @import { Examples, Model, TrainOptions } from "recurra" */
/** @import { Screen } from "./terminal.js" */

/**
 * Trains for some minutes, or for some steps where they are given: these have the same result on every machine. Gives the
 * number of steps that were done.
 *
 * @param {Model} net
 * @param {Examples} examples
 * @param {object} options
 * @param {number} options.minutes
 * @param {number | undefined} [options.steps]
 * @param {Screen["follow"]} options.follow
 * @param {string} options.label
 * @param {(rate: (highest: number) => () => number) => TrainOptions} options.settings Given what makes a rate that falls to
 *   nothing along half a wave.
 */
export async function trainFor(net, examples, { minutes, steps: most, follow, label, settings }) {
  const limit = minutes * 60_000;
  const began = performance.now();
  let fraction = 0;
  let steps = 0;
  const falling = (/** @type {number} */ highest) => () => (highest * (1 + Math.cos(Math.PI * fraction))) / 2;

  async function* timed() {
    for await (const progress of net.train(examples, {
      steps: most ?? Infinity,
      ...settings(falling),
    })) {
      steps++;
      fraction = most ? steps / most : Math.min(1, (performance.now() - began) / limit);
      yield { ...progress, fraction };
      if (fraction === 1) return;
    }
  }
  await follow(timed(), { label });
  return steps;
}
