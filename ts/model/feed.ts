/** Batches of examples: what users hand over, checked and copied into the program of their size. */

import type { Batch } from "../data/windows.js";
import { InputError } from "../errors.js";
import type { Named } from "../layers/input.js";
import { type Data, FINITE, type Lengths, type Samples, samples } from "./data.js";
import { inputsOf, sizeOf } from "./inputs.js";
import type { Loss } from "./losses.js";
import type { Network } from "./network.js";
import type { Program } from "./program.js";
import type { Programs } from "./programs.js";

/** One batch of examples. */
export interface Example {
  /** Of a model with several inputs: data for each by name. */
  readonly inputs: Data | Named<Data>;
  /**
   * What the model shall give for every step, or for each row if it ends in one step; for `ctc` a sequence of labels for
   * each row, each of its own length.
   */
  readonly targets: Data;
  /** Which rows go on where the same rows of the batch before ended: all, or each by its own; default none. */
  readonly continues?: boolean | readonly boolean[];
  /** How many steps of each row count, by name for several inputs; what the data hold past them is never read. Default all. */
  readonly lengths?: Lengths;
  /** After how many steps the states are taken that the next batch continues from; default after the last. */
  readonly advance?: number;
  /**
   * How much each target counts, [batch][steps] numbers from 0, or [batch] where a row counts as a whole: a mask, with
   * holes if need be. Default 1 each.
   */
  readonly weights?: ArrayLike<number>;
}

/** Examples that can be gone through again for each epoch, for example an array, `windows(...)` or `batches(...)`. */
export type Examples = Pass | (Pass & Epochs);

type Pass = Iterable<Example | Batch> | AsyncIterable<Example | Batch>;

/** Examples that come in an order of its own each epoch, a function of its number. */
export interface Epochs {
  epoch(index: number): Pass;
}

/** The examples of one epoch, counted from 0. */
export function passOf(examples: Examples, epoch: number): Pass {
  return "epoch" in examples ? examples.epoch(epoch) : examples;
}

/** A program that holds a batch, the targets in it, and how many of its steps count, or the sum of their weights. */
export interface Fed {
  readonly program: Program;
  readonly targets: Samples;
  readonly counted: number;
}

/** Checks a batch and copies it in. */
export function feed(network: Network, programs: Programs, example: Example | Batch, where: string): Fed {
  const { continues = false, lengths, advance, weights } = example as Example;
  const inputs = inputsOf(`${where}.inputs`, network.input, example.inputs, lengths, FINITE);
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
  const goal = { where: `${where}.targets`, data: example.targets, inputs };
  const sequences = programs.loss!.sequences?.(goal.where, goal.data, batch, network.width);
  const size = { ...sizeOf(inputs), advance, labels: sequences?.steps };
  const program = programs.of(size, continuing, where);
  const targets = sequences ?? targetsOf(program, goal);
  if (weights) requireWeights(`${where}.weights`, weights, batch, program.recorded!.count / batch);
  network.begin(program, inputs, continues);
  const counted = network.aim(program, targets, weights);
  if (!(counted > 0)) {
    throw new InputError({ where, expected: "at least one step that counts", got: "none" });
  }
  return { program, targets, counted };
}

/** Targets as they are handed over, and the inputs they go with. */
interface Goal {
  readonly where: string;
  readonly data: Data;
  readonly inputs: Samples;
}

/** The targets for each step of a program's output, checked against what its loss wants. */
export function targetsOf({ targets: value, loss }: Program, { where, data, inputs }: Goal): Samples {
  const wanted = value!;
  const { kind, width } = wanted;
  const { ignore, range = FINITE } = loss!;
  const { batch, steps, lengths } = inputs;
  const each = wanted.steps === steps;
  const targets = samples(
    where,
    data,
    { kind, width, ignore, range },
    each ? lengths : undefined,
    each ? undefined : batch,
  );
  if (targets.batch !== wanted.batch || targets.steps !== wanted.steps) {
    throw new InputError({
      where,
      expected: `targets for ${wanted.batch} rows of ${wanted.steps} steps`,
      got: `${targets.batch} rows of ${targets.steps} steps`,
    });
  }
  return targets;
}

function requireWeights(where: string, weights: ArrayLike<number>, batch: number, steps: number): void {
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

/** A batch to look into a model with, from the beginning of every row. */
export interface Inspected {
  /** How many steps of each row count. */
  readonly lengths?: Lengths;
  /** With a loss and targets, gradients are looked at too. */
  readonly loss?: Loss;
  readonly targets?: Data;
  /** How much each target counts, [batch][steps]; default 1. */
  readonly weights?: ArrayLike<number>;
}

/** A program that has been given a batch to look at, with a backward pass if there is a loss; whoever asks releases its plan. */
export function inspected(
  where: string,
  network: Network,
  data: Data | Named<Data>,
  { lengths, loss, targets, weights }: Inspected,
): Program {
  if ((loss === undefined) !== (targets === undefined)) {
    throw new InputError({
      where,
      expected: "a loss and targets, or neither",
      got: loss ? "a loss alone" : "targets alone",
    });
  }
  const inputs = network.inputs(where, data, lengths);
  const { batch } = inputs;
  const goal = targets === undefined ? undefined : { where: `${where} targets`, data: targets, inputs };
  const sequences = goal && loss?.sequences?.(goal.where, goal.data, batch, network.width);
  const size = { ...sizeOf(inputs), labels: sequences?.steps };
  const program = network.program(size, loss, "inspect");
  try {
    network.begin(program, inputs, false);
    if (goal) network.aim(program, sequences ?? targetsOf(program, goal), weights);
    return program;
  } catch (error) {
    program.plan.release();
    throw error;
  }
}
