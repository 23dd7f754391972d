/** word2vec as its papers write it, in float64, one pair at a time, with the random words of the kernel. */
import { threefry } from "../../ts/random.js";

export interface Setting {
  /** The corpus: sentences of words. */
  readonly sentences: readonly (readonly number[])[];
  /** Rows of `inputs` that make each word up. */
  readonly bags: readonly (readonly number[])[];
  /** A word counts where its random word is not above. */
  readonly keep?: readonly number[];
  /** Threshold and other word of each column of the alias table. */
  readonly alias: readonly (readonly [number, number])[];
  readonly negatives: number;
  /** Node and turn (1: right) on the way to each word, for hierarchical softmax. */
  readonly paths: readonly (readonly (readonly [node: number, turn: number])[])[];
  readonly window: number;
  readonly cbow: boolean;
  readonly rate: number;
  readonly key: number;
  readonly epoch: number;
}

const scale = 0x100000000;

/** The two random words at a counter. */
function at(counter: number, stream: number, key: number): [number, number] {
  const out = new Uint32Array(2);
  threefry(counter, stream, key, 0, out);
  return [out[0]!, out[1]!];
}

/** Trains `inputs` and `outputs`, rows of numbers, in place; gives the sum of the losses and how many there were. */
export function train(setting: Setting, inputs: number[][], outputs: number[][]): [number, number] {
  const { sentences, bags, keep, window, cbow, rate, key, epoch } = setting;
  let total = 0;
  let terms = 0;
  let first = 0;
  for (const sentence of sentences) {
    const kept = sentence
      .map((word, i) => {
        const [chance, far] = at(first + i, 2 * epoch, key);
        return { word, place: first + i, chance, reach: 1 + Math.floor((far * window) / scale) };
      })
      .filter(({ word, chance }) => !keep || chance <= keep[word]!);
    first += sentence.length;
    for (const [centre, { word, place, reach }] of kept.entries()) {
      const around = kept.filter((_, k) => k !== centre && Math.abs(k - centre) <= reach);
      if (around.length === 0) continue;
      const targets = setting.negatives > 0 ? drawn(setting, word, place) : turns(setting, word);
      const members = around.map((other) => bags[other.word]!);
      const sets = cbow ? [members.flat()] : members;
      const hidden = sets.map((rows) => mean(rows.map((row) => inputs[row]!)));
      const dHidden = hidden.map((h) => h.map(() => 0));
      const dOutput = targets.map(() => hidden[0]!.map(() => 0));
      for (const [i, h] of hidden.entries()) {
        for (const [o, { row, sign }] of targets.entries()) {
          const y = outputs[row]!;
          const p = 1 / (1 + Math.exp(-sign * h.reduce((sum, value, k) => sum + value * y[k]!, 0)));
          total -= Math.log(p);
          terms++;
          for (const k of h.keys()) {
            dHidden[i]![k]! += rate * sign * (1 - p) * y[k]!;
            dOutput[o]![k]! += rate * sign * (1 - p) * h[k]!;
          }
        }
      }
      for (const [o, { row }] of targets.entries()) addTo(outputs[row]!, dOutput[o]!);
      for (const [i, rows] of sets.entries()) for (const row of rows) addTo(inputs[row]!, dHidden[i]!);
    }
  }
  return [total, terms];
}

function drawn({ alias, negatives, epoch, key }: Setting, word: number, place: number) {
  const rows = new Set([word]);
  const groups = Math.ceil(negatives / 8);
  for (let n = 0; n < negatives; n++) {
    // A group of eight words are the first words of four counters, then their second ones.
    const counter = (place * groups + (n >> 3)) * 4 + (n & 3);
    const drawn = at(counter, 2 * epoch + 1, key)[(n >> 2) & 1]!;
    const column = Math.floor((drawn * alias.length) / scale);
    const [threshold, other] = alias[column]!;
    rows.add(drawn * alias.length - column * scale < threshold ? column : other);
  }
  return [...rows].map((row) => ({ row, sign: row === word ? 1 : -1 }));
}

function turns({ paths }: Setting, word: number) {
  return paths[word]!.map(([row, turn]) => ({ row, sign: turn === 1 ? -1 : 1 }));
}

function mean(rows: readonly (readonly number[])[]): number[] {
  return rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
}

function addTo(row: number[], change: readonly number[]): void {
  for (const k of row.keys()) row[k]! += change[k]!;
}
