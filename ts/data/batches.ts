/** Rows of a set put together to batches: shuffled, padded to one length, in an order that can be made again. */

import { InputError } from "../errors.js";
import { random, requireSeed } from "../random.js";
import { bucketLengths } from "./buckets.js";
import { requireWhole } from "./checks.js";
import { formOf, type Kind, type Rows, readRow } from "./rows.js";
import { type Tensor, tensor } from "./tensor.js";

/** Rows as one step of training reads them. */
export interface PaddedBatch {
  /** Indices [batch, steps] or numbers [batch, steps, width]; 0 past the end of a row. */
  readonly inputs: Tensor<Float32Array | Uint32Array>;
  /** Of as many steps as the inputs, or of those that all targets have. */
  readonly targets: Tensor<Float32Array | Uint32Array>;
  /** Steps of each row, unless all rows of the set have the same. */
  readonly lengths?: Uint32Array;
  /** [batch][steps of the targets], if any row of the set has a weight. */
  readonly weights?: Float32Array;
  /** Which rows of the set these are. */
  readonly rows: Uint32Array;
}

/** Passes over a set of rows, in each of which every row is once. Iterated, it gives the first. */
export interface Batches extends Iterable<PaddedBatch> {
  /** Batches in a pass. */
  readonly length: number;
  /** Pass number `index`, from 0. Its order is a function of seed and index alone, so that training can be taken up at any. */
  epoch(index: number): Iterable<PaddedBatch>;
}

export interface BatchOptions {
  /** Rows in a batch; what is left over makes a smaller one. */
  readonly batch: number;
  /** Shuffles, in another order each epoch. Without it the rows stay in their order, but for buckets. */
  readonly seed?: number;
  /**
   * Into how many groups of like length the rows are put, so that there is less padding; a batch has rows of one group.
   * Default 1. As each group has its own size of batch, a few are better than many.
   */
  readonly buckets?: number;
}

/**
 * Batches of a set of rows. All of it is looked at first: InputError if there are no rows, fewer than a batch, rows that do not
 * fit each other, or what is not a finite number, with its row and column.
 */
export function batches(rows: Rows, options: BatchOptions): Batches {
  return batchesFrom(0, rows, options);
}

/** Batches of a set that is part of another, of which it begins at row `called`. */
export function batchesFrom(called: number, rows: Rows, options: BatchOptions): Batches {
  const { batch, seed, buckets = 1 } = options;
  requireWhole("batches.batch", batch);
  requireWhole("batches.buckets", buckets);
  if (seed !== undefined) requireSeed("batches.seed", seed);
  const form = formOf(rows, called);
  if (batch > rows.length)
    throw new InputError({
      where: "batches.batch",
      expected: `at most the ${rows.length} rows`,
      got: `${batch}`,
    });
  const paddings = bucketLengths(form.lengths, buckets);
  const groups = paddings.map((): number[] => []);
  for (const [row, length] of form.lengths.entries())
    groups[paddings.findIndex((padding) => length <= padding)].push(row);

  /** Rows of each batch of a pass, in order. */
  function order(epoch: number): number[][] {
    const draw = seed === undefined ? undefined : random(seed, epoch);
    const cut = groups.flatMap((group) => {
      const shuffled = [...group];
      draw?.shuffle(shuffled);
      return Array.from({ length: Math.ceil(group.length / batch) }, (_, i) =>
        shuffled.slice(i * batch, (i + 1) * batch),
      );
    });
    draw?.shuffle(cut);
    return cut;
  }

  function pad(chosen: readonly number[], steps: number): PaddedBatch {
    const each = form.targets.steps ?? steps;
    const inputs = room(form.inputs, chosen.length, steps);
    const targets = room(form.targets, chosen.length, each);
    const weights = new Float32Array(chosen.length * each);
    for (const [place, index] of chosen.entries()) {
      const row = readRow(rows, index, called);
      row.inputs.copyTo(inputs.data, place * steps * form.inputs.width);
      row.targets.copyTo(targets.data, place * each * form.targets.width);
      weights.fill(row.weight, place * each, (place + 1) * each);
    }
    return {
      inputs,
      targets,
      ...(form.ragged && { lengths: Uint32Array.from(chosen, (index) => form.lengths[index]) }),
      ...(form.weighted && { weights }),
      rows: Uint32Array.from(chosen, (index) => called + index),
    };
  }

  function epoch(index: number): Iterable<PaddedBatch> {
    requireWhole("batches.epoch", index, 0, 0xffffffff);
    return {
      *[Symbol.iterator]() {
        for (const chosen of order(index)) {
          const longest = form.lengths[chosen[0]];
          yield pad(chosen, paddings.find((padding) => longest <= padding)!);
        }
      },
    };
  }

  return {
    length: groups.reduce((sum, group) => sum + Math.ceil(group.length / batch), 0),
    epoch,
    [Symbol.iterator]: () => epoch(0)[Symbol.iterator](),
  };
}

function room({ flat, width }: Kind, batch: number, steps: number) {
  return flat
    ? tensor(new Uint32Array(batch * steps), [batch, steps])
    : tensor(new Float32Array(batch * steps * width), [batch, steps, width]);
}
