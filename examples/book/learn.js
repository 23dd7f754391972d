/** Training against the clock, with a look at the held-out text from time to time. */

import { adam, crossEntropy } from "recurra";

/** @import { Examples, Model, Windows } from "recurra" */
/** @import { Options } from "./options.js" */

/**
 * @typedef {object} Course How training has gone so far.
 * @property {number} done From 0 to 1, of the time or of the epochs.
 * @property {number} seconds
 * @property {number} characters
 * @property {number[]} training Loss of each step.
 * @property {{ step: number, loss: number }[]} heldOut
 */

/**
 * Trains until the time is over, the epochs are, or the signal says so, and calls `onStep` after every step.
 *
 * @param {Model} net
 * @param {{ training: Windows, glimpse: { batches: Examples } }} book
 * @param {Options} options
 * @param {AbortSignal} signal
 * @param {(course: Course) => void} onStep
 * @returns {Promise<Course>}
 */
export async function learn(net, { training, glimpse }, options, signal, onStep) {
  const { seconds, epochs, rate, batch, steps } = options;
  /** @type {Course} */
  const course = { done: 0, seconds: 0, characters: 0, training: [], heldOut: [] };
  const began = performance.now();
  const total = epochs * training.length;
  let measuring = 0;

  function advance() {
    course.seconds = (performance.now() - began) / 1000;
    course.done = Math.min(1, Math.max(course.seconds / seconds, course.training.length / total));
  }

  async function measure() {
    const from = performance.now();
    const loss = await net.evaluate(glimpse.batches, { loss: crossEntropy(), signal });
    course.heldOut.push({ step: course.training.length, loss });
    measuring += (performance.now() - from) / 1000;
  }

  const optimiser = adam(() => rate * schedule(course.done));
  const settings = { loss: crossEntropy(), optimiser, clip: 1, epochs, signal };
  try {
    for await (const { loss } of net.train(training, settings)) {
      course.training.push(loss);
      course.characters += batch * steps;
      advance();
      // Twenty times, or less often where that would take more than a twentieth of the time.
      if (course.done * 20 >= course.heldOut.length + 1 && course.seconds >= measuring * 20) await measure();
      onStep(course);
      if (course.done === 1) break;
    }
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  advance();
  return course;
}

/**
 * The full rate while there is much to learn, then ever smaller steps into the minimum.
 *
 * @param {number} done
 */
function schedule(done) {
  return Math.min(1, Math.max(0.02, 2 - 2 * done));
}
