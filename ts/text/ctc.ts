/** Reading labels from the outputs of a model trained with connectionist temporal classification. */
import { logSumExp } from "../data/softmax.js";
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { exp } from "../numeric.js";

export interface CtcDecodeOptions {
  /** The class that stands for no label; default 0. */
  readonly blank?: number;
  /** How many steps of each row count; default all. */
  readonly lengths?: ArrayLike<number>;
  /**
   * How many beginnings to follow at a time (prefix beam search, Graves 2012): the more, the surer the likeliest labels over
   * all paths are found. Default none: the likeliest class of every step is taken, repeated ones merged and blanks dropped.
   */
  readonly beams?: number;
}

/** The labels of each row, from logits [batch, steps, classes]. InputError for another shape, or options out of range. */
export function ctcDecode(outputs: Tensor, options: CtcDecodeOptions = {}): number[][] {
  const { shape, data } = outputs;
  const { blank = 0, lengths, beams } = options;
  const [batch = 0, steps = 0, classes = 0] = shape;
  if (shape.length !== 3) {
    throw new InputError({ where: "ctcDecode", expected: "[batch, steps, classes]", got: `[${shape}]` });
  }
  requireWhole("ctcDecode.blank", blank, 0, classes - 1);
  if (beams !== undefined) requireWhole("ctcDecode.beams", beams, 1, Infinity);
  if (lengths && lengths.length !== batch) {
    throw new InputError({
      where: "ctcDecode.lengths",
      expected: `one for each of ${batch} rows`,
      got: String(lengths.length),
    });
  }
  return Array.from({ length: batch }, (_, row) => {
    const length = lengths?.[row] ?? steps;
    requireWhole(`ctcDecode.lengths[${row}]`, length, 0, steps);
    const starts = Array.from({ length }, (_, step) => (row * steps + step) * classes);
    return beams === undefined
      ? bestPath(data, starts, classes, blank)
      : beamSearch(data, starts, classes, blank, beams);
  });
}

function bestPath(data: Float32Array, starts: readonly number[], classes: number, blank: number): number[] {
  const path = starts.map((start) => {
    let best = 0;
    for (let c = 1; c < classes; c++) if (data[start + c]! > data[start + best]!) best = c;
    return best;
  });
  return path.filter((c, step) => c !== blank && c !== path[step - 1]);
}

/** Labels so far, and how likely the paths are that give them and end in a blank, or in their last label. */
interface Beginning {
  readonly labels: readonly number[];
  blank: number;
  label: number;
}

function beamSearch(
  data: Float32Array,
  starts: readonly number[],
  classes: number,
  blank: number,
  beams: number,
): number[] {
  let kept: Beginning[] = [{ labels: [], blank: 1, label: 0 }];
  for (const start of starts) {
    const norm = logSumExp(data, start, classes);
    const reached = new Map<string, Beginning>();
    const at = (labels: readonly number[]): Beginning => {
      const key = labels.join();
      const found = reached.get(key) ?? { labels, blank: 0, label: 0 };
      reached.set(key, found);
      return found;
    };
    for (const { labels, ...ends } of kept) {
      const all = ends.blank + ends.label;
      for (let c = 0; c < classes; c++) {
        const probability = exp(data[start + c]! - norm);
        if (c === blank) {
          at(labels).blank += all * probability;
        } else if (c === labels.at(-1)) {
          at(labels).label += ends.label * probability;
          at([...labels, c]).label += ends.blank * probability;
        } else {
          at([...labels, c]).label += all * probability;
        }
      }
    }
    const sorted = [...reached.values()].sort((a, b) => b.blank + b.label - a.blank - a.label);
    // Relative to the likeliest, so that long sequences do not underflow.
    const top = sorted[0]!.blank + sorted[0]!.label;
    kept = sorted.slice(0, beams).map(({ labels, blank, label }) => ({
      labels,
      blank: blank / top,
      label: label / top,
    }));
  }
  return [...kept[0]!.labels];
}

function requireWhole(where: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const expected = `a whole number from ${least}${most === Infinity ? "" : ` to ${most}`}`;
  throw new InputError({ where, expected, got: String(value) });
}
