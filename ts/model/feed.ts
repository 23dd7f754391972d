/** Batches of examples: what users hand over, checked and copied into the program of their size. */

import type { Batch } from "../data/windows.js";
import { InputError } from "../errors.js";
import { type Data, type Samples, samples } from "./data.js";
import type { Network, Program } from "./network.js";
import type { Programs } from "./programs.js";

/** One batch of examples. */
export interface Example {
  readonly inputs: Data;
  /** What the model shall give for every step, or for each row if it ends in one step. */
  readonly targets: Data;
  /** Which rows go on where the same rows of the batch before ended: all, or each by its own; default none. */
  readonly continues?: boolean | readonly boolean[];
  /** How many steps of each row count; what the data hold past them is never read. Default all. */
  readonly lengths?: ArrayLike<number>;
  /** After how many steps the states are taken that the next batch continues from; default after the last. */
  readonly advance?: number;
  /** How much each target counts, [batch][steps] numbers from 0: a mask, with holes if need be. Default 1 each. */
  readonly weights?: ArrayLike<number>;
}

/** Examples that can be gone through again for each epoch, for example an array or `windows(...)`. */
export type Examples = Iterable<Example | Batch> | AsyncIterable<Example | Batch>;

/** A program that holds a batch, and how many of its steps count, or the sum of their weights. */
export interface Fed {
  readonly program: Program;
  readonly counted: number;
}

/** Checks a batch and copies it in. */
export function feed(network: Network, programs: Programs, example: Example | Batch, where: string): Fed {
  const { continues = false, lengths, advance, weights } = example as Example;
  const inputs = network.inputs(`${where}.inputs`, example.inputs, lengths);
  const { batch, steps } = inputs;
  if (typeof continues !== "boolean" && continues.length !== batch) {
    throw new InputError({
      where: `${where}.continues`,
      expected: `one for each of ${batch} rows`,
      got: String(continues.length),
    });
  }
  const continuing = typeof continues === "boolean" ? continues : continues.includes(true);
  if (advance !== undefined && !(Number.isInteger(advance) && advance >= 1 && advance <= steps)) {
    throw new InputError({
      where: `${where}.advance`,
      expected: `a whole number from 1 to ${steps}`,
      got: String(advance),
    });
  }
  const program = programs.of({ batch, steps, ragged: lengths !== undefined, advance }, continuing, where);
  const wanted = program.targets!;
  const each = wanted.steps === steps;
  const targets = samples(
    `${where}.targets`,
    example.targets,
    wanted,
    each ? lengths : undefined,
    each ? undefined : batch,
  );
  if (targets.batch !== wanted.batch || targets.steps !== wanted.steps) {
    throw new InputError({
      where: `${where}.targets`,
      expected: `targets for ${wanted.batch} rows of ${wanted.steps} steps`,
      got: `${targets.batch} rows of ${targets.steps} steps`,
    });
  }
  if (weights) requireWeights(`${where}.weights`, weights, targets);
  network.begin(program, inputs, continues);
  const counted = network.aim(program, targets, weights);
  if (!(counted > 0)) {
    throw new InputError({ where, expected: "at least one step that counts", got: "none" });
  }
  return { program, counted };
}

function requireWeights(where: string, weights: ArrayLike<number>, { batch, steps }: Samples): void {
  if (weights.length !== batch * steps) {
    throw new InputError({
      where,
      expected: `${batch} rows of ${steps} weights`,
      got: `${weights.length} weights`,
    });
  }
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i]! >= 0 && weights[i]! < Infinity)) {
      throw new InputError({
        where: `${where}[${i}]`,
        expected: "a finite number from 0",
        got: String(weights[i]),
      });
    }
  }
}
