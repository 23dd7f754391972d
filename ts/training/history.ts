/** What a training has been: plain arrays, ready to be plotted. */
import type { Progress } from "./train.js";
import type { Validated } from "./validation.js";

export interface History {
  /** Of every step. */
  readonly loss: number[];
  readonly gradientNorm: number[];
  readonly rate: number[];
  readonly validations: Validated[];
}

/** Runs a training to its end: `const { loss } = await historyOf(net.train(...))`. */
export async function historyOf(training: AsyncIterable<Progress>): Promise<History> {
  const history: History = { loss: [], gradientNorm: [], rate: [], validations: [] };
  for await (const { loss, gradientNorm, rate, validation } of training) {
    history.loss.push(loss);
    history.gradientNorm.push(gradientNorm);
    history.rate.push(rate);
    if (validation) history.validations.push(validation);
  }
  return history;
}
