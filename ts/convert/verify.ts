/** Whether a model gives the outputs that it should. */
import { InputError } from "../errors.js";
import { type Data, samples as read } from "../model/data.js";
import type { Model } from "../model/model.js";

/** What goes into a model and what shall come out, for example of the program that it was trained with. */
export interface Sample {
  readonly inputs: Data;
  /** As `predict` gives them, [batch, steps, width], or nested lists; of one row, or of one step, without that axis. */
  readonly outputs: Data;
  /** How many steps of each row count. */
  readonly lengths?: ArrayLike<number> | undefined;
}

export interface Verification {
  /** How many numbers were compared. */
  readonly numbers: number;
  /** The largest difference between two numbers; infinite where only one of them is NaN. */
  readonly largest: number;
  /** The same, each relative to 1 + the size of the expected number. */
  readonly relative: number;
  /** Where the largest difference is. */
  readonly at: {
    readonly sample: number;
    readonly row: number;
    readonly step: number;
    readonly unit: number;
  };
}

/** Compares what a model predicts with what it should. InputError for samples that do not fit the model. */
export async function verify(model: Model, samples: readonly Sample[]): Promise<Verification> {
  if (!Array.isArray(samples) || samples.length === 0) {
    throw new InputError({ where: "verify", expected: "a list of at least one sample", got: "none" });
  }
  let found: Verification = {
    numbers: 0,
    largest: 0,
    relative: 0,
    at: { sample: 0, row: 0, step: 0, unit: 0 },
  };
  for (const [index, sample] of samples.entries()) {
    if (typeof sample !== "object" || sample === null) {
      throw new InputError({
        where: `samples[${index}]`,
        expected: "inputs and outputs",
        got: String(sample),
      });
    }
    const { inputs, outputs, lengths } = sample;
    const { shape, data } = await model.predict(inputs, { lengths });
    const [batch, steps, width] = shape as [number, number, number];
    const where = `samples[${index}].outputs`;
    const expected = read(
      where,
      outputs,
      { kind: "features", width },
      undefined,
      steps === 1 ? batch : undefined,
    );
    if (expected.batch !== batch || expected.steps !== steps) {
      throw new InputError({
        where,
        expected: `shape [${shape}]`,
        got: `[${expected.batch},${expected.steps},${width}]`,
      });
    }
    let { numbers, largest, relative, at } = found;
    for (let row = 0; row < batch; row++) {
      const begin = row * steps * width;
      const end = begin + Math.min(steps, lengths?.[row] ?? steps) * width;
      numbers += end - begin;
      for (let i = begin; i < end; i++) {
        const difference = between(data[i]!, expected.values[i]!);
        relative = Math.max(relative, difference / (1 + Math.abs(expected.values[i]!) || 1));
        if (difference <= largest) continue;
        largest = difference;
        at = { sample: index, row, step: Math.floor(i / width) % steps, unit: i % width };
      }
    }
    found = { numbers, largest, relative, at };
  }
  return found;
}

function between(actual: number, expected: number): number {
  if (Object.is(actual, expected) || actual === expected) return 0;
  const difference = Math.abs(actual - expected);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}
