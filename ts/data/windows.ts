/** One long text cut into batches for truncated backpropagation through time. */

import { InputError } from "../errors.js";
import { type Tensor, tensor } from "./tensor.js";

/** What one training step reads. */
export interface Batch {
  /** Ids, [batch, steps]. */
  readonly inputs: Tensor<Uint32Array>;
  /** The id that follows each input, [batch, steps]. */
  readonly targets: Tensor<Uint32Array>;
  /** Whether the state carries on from the batch before; false where a pass begins, with a state of zeros. */
  readonly continues: boolean;
  /** Of how many steps the state is carried to the next batch; undefined for all. */
  readonly advance?: number;
  /** How much each target counts, [batch][steps]: 0 for those that a window before had too; undefined for 1 each. */
  readonly weights?: Float32Array;
}

/** A pass over the text each time it is iterated. */
export interface Windows extends Iterable<Batch> {
  /** Batches in a pass. */
  readonly length: number;
  /** Target symbols in a pass, each counted once. */
  readonly symbols: number;
}

/**
 * Truncated backpropagation through time over `ids` (Williams & Peng 1990, batched as in Zaremba, Sutskever & Vinyals
 * 2014): the text is cut into `batch` lanes of equal length, and each window takes the next `steps` symbols of every
 * lane, so that row b of one window continues row b of the one before. What is left over of a lane is dropped.
 *
 * With `advance` below `steps`, each window begins only so many symbols after the one before, and its loss counts only the
 * new ones: Williams & Peng's BPTT(h; h') with h = steps and h' = advance, k2 and k1 elsewhere. Every target still has
 * at least `steps` - `advance` + 1 steps behind it, once there are so many. Default: `steps`.
 * Throws InputError unless every lane holds a window.
 */
export function windows(
  ids: ArrayLike<number>,
  options: { readonly batch: number; readonly steps: number; readonly advance?: number },
): Windows {
  const { batch, steps, advance = steps } = options;
  positive("windows.batch", batch);
  positive("windows.steps", steps);
  positive("windows.advance", advance);
  if (advance > steps)
    throw new InputError({
      where: "windows.advance",
      expected: `at most ${steps}, the steps`,
      got: `${advance}`,
    });
  const text = ids instanceof Uint32Array ? ids : whole(ids);
  const lane = Math.floor((text.length - 1) / batch);
  const length = lane < steps ? 0 : Math.floor((lane - steps) / advance) + 1;
  if (length < 1)
    throw new InputError({
      where: "windows.batch",
      expected: `at least ${batch * steps + 1} symbols for ${batch} lanes of ${steps} steps`,
      got: `${text.length}`,
      hint: "take fewer lanes or fewer steps, or a longer text",
    });

  function window(index: number, shift: 0 | 1): Tensor<Uint32Array> {
    const data = new Uint32Array(batch * steps);
    for (let row = 0; row < batch; row++) {
      const start = row * lane + index * advance + shift;
      data.set(text.subarray(start, start + steps), row * steps);
    }
    return tensor(data, [batch, steps]);
  }

  const seen = steps - advance;
  const newOnes = Float32Array.from({ length: batch * steps }, (_, i) => (i % steps < seen ? 0 : 1));

  return {
    length,
    symbols: batch * (steps + (length - 1) * advance),
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) {
        const batch = { inputs: window(index, 0), targets: window(index, 1), continues: index > 0 };
        if (seen === 0) yield batch;
        else yield { ...batch, advance, ...(index > 0 && { weights: newOnes }) };
      }
    },
  };
}

function positive(where: string, value: number): void {
  if (!(Number.isSafeInteger(value) && value > 0))
    throw new InputError({ where, expected: "a whole number from 1", got: `${value}` });
}

function whole(ids: ArrayLike<number>): Uint32Array {
  const copy = Uint32Array.from(ids);
  for (let i = 0; i < copy.length; i++)
    if (copy[i] !== ids[i])
      throw new InputError({
        where: `windows.ids[${i}]`,
        expected: "a whole number from 0 to 2^32 - 1",
        got: `${ids[i]}`,
      });
  return copy;
}
