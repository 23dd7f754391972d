/** One long text cut into batches for truncated backpropagation through time. */

import { InputError } from "../errors.js";
import { requireWhole } from "./checks.js";
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
  /** How much each target counts, [batch][steps]: 0 for those that a window before had too or that lie past the end of a lane; undefined for 1 each. */
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
 * 2014): the text is cut into `batch` lanes, of which some are one symbol longer where it does not divide, and each window
 * takes the next `steps` symbols of every lane, so that row b of one window continues row b of the one before. Where a lane
 * ends within the last window, the rest of its row has the id 0 and counts nothing.
 *
 * With `advance` below `steps`, each window begins only so many symbols after the one before, and its loss counts only the
 * new ones: Williams & Peng's BPTT(h; h') with h = steps and h' = advance, k2 and k1 elsewhere. Every target still has
 * at least `steps` - `advance` + 1 steps behind it, once there are so many. Default: `steps`.
 * Throws InputError unless every lane fills a window.
 */
export function windows(
  ids: ArrayLike<number>,
  options: { readonly batch: number; readonly steps: number; readonly advance?: number },
): Windows {
  const { batch, steps, advance = steps } = options;
  requireWhole("windows.batch", batch);
  requireWhole("windows.steps", steps);
  requireWhole("windows.advance", advance);
  if (advance > steps)
    throw new InputError({
      where: "windows.advance",
      expected: `at most ${steps}, the steps`,
      got: `${advance}`,
    });
  const text = ids instanceof Uint32Array ? ids : whole(ids);
  const symbols = text.length - 1;
  if (symbols < batch * steps)
    throw new InputError({
      where: "windows.batch",
      expected: `at least ${batch * steps + 1} symbols for ${batch} lanes of ${steps} steps`,
      got: `${text.length}`,
      hint: "take fewer lanes or fewer steps, or a longer text",
    });
  const short = Math.floor(symbols / batch);
  const longer = symbols % batch;
  const length = 1 + Math.ceil((short + Math.min(longer, 1) - steps) / advance);
  const begin = (row: number) => row * short + Math.min(row, longer);

  function window(index: number): Batch {
    const inputs = new Uint32Array(batch * steps);
    const targets = new Uint32Array(batch * steps);
    const seen = index > 0 ? steps - advance : 0;
    const whole = seen === 0 && index * advance + steps <= short;
    const weights = whole ? undefined : new Float32Array(batch * steps);
    for (let row = 0; row < batch; row++) {
      const from = begin(row) + index * advance;
      const to = Math.min(from + steps, begin(row + 1));
      const at = row * steps;
      inputs.set(text.subarray(from, to), at);
      targets.set(text.subarray(from + 1, to + 1), at);
      weights?.fill(1, at + seen, at + Math.max(seen, to - from));
    }
    return {
      inputs: tensor(inputs, [batch, steps]),
      targets: tensor(targets, [batch, steps]),
      continues: index > 0,
      ...(advance < steps && { advance }),
      ...(weights && { weights }),
    };
  }

  return {
    length,
    symbols,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) yield window(index);
    },
  };
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
