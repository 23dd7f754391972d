/** Pairs of sequences put together to batches, for models that read one and write the other. */

import { InputError } from "../errors.js";
import { random, requireSeed } from "../random.js";
import { requireSome, requireWhole } from "./checks.js";
import type { Rows } from "./rows.js";
import { type Tensor, tensor } from "./tensor.js";

/** What is read, and what shall be written for it: ids, without start and end. */
export interface Pair {
  readonly source: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  /** How much the pair counts, from 0; default 1. */
  readonly weight?: number;
}

/** Pairs as one step of training reads them, padded with 0 to the longest of the batch. */
export interface PairBatch {
  /** `source`: [batch, steps]. `target`: what the decoder is given, [batch, steps], the start and then the target. */
  readonly inputs: { readonly target: Tensor<Uint32Array>; readonly source: Tensor<Uint32Array> };
  /** Steps of each row. */
  readonly lengths: { readonly target: Uint32Array; readonly source: Uint32Array };
  /** What it shall answer, [batch, steps], the target and then the end. */
  readonly targets: Tensor<Uint32Array>;
  /** [batch][steps of the target], if any pair of the set has a weight. */
  readonly weights?: Float32Array;
  /** Which pairs of the set these are. */
  readonly rows: Uint32Array;
}

/** Passes over a set of pairs, in each of which every pair is once. Iterated, it gives the first. */
export interface Pairs extends Iterable<PairBatch> {
  /** Batches in a pass. */
  readonly length: number;
  /** How many pairs were left out. */
  readonly dropped: number;
  /** Pass number `index`, from 0. Its order is a function of seed and index alone, so that training can be taken up at any. */
  epoch(index: number): Iterable<PairBatch>;
}

export interface PairOptions {
  /** Pairs in a batch; what is left over makes one smaller batch. */
  readonly batch: number;
  /** The id that the decoder is given first. */
  readonly start: number;
  /** The id that it shall answer last. */
  readonly end: number;
  /** Shuffles, in another order each epoch. */
  readonly seed?: number;
  /** How many steps a source may have, and a target without its start and end; default any number. */
  readonly longest?: number;
  /** What is done with a pair of which one part is empty or too long; default "refuse", which is an InputError. */
  readonly unfit?: "refuse" | "drop";
  /**
   * How many pairs are put in the order of their lengths at a time, so that those of a batch are alike: the more, the less
   * padding, and the more often the same pairs meet. Default 64 batches; with 1, lengths do not matter.
   */
  readonly pool?: number;
}

/**
 * Batches for an encoder-decoder that learns with the right answers as its inputs (teacher forcing; Williams & Zipser 1989).
 * In a pool, pairs are sorted by the length of the target and then of the source, up and down in turn. All of the set is looked at
 * first: InputError for what is no id, with pair and place, and where no pair is left.
 */
export function pairs(examples: Rows<Pair>, options: PairOptions): Pairs {
  const { batch, start, end, seed, longest = Infinity, unfit = "refuse", pool = 64 * batch } = options;
  requireWhole("pairs.batch", batch);
  requireWhole("pairs.pool", pool);
  requireId("pairs.start", start);
  requireId("pairs.end", end);
  if (longest !== Infinity) requireWhole("pairs.longest", longest);
  if (seed !== undefined) requireSeed("pairs.seed", seed);
  if (unfit !== "refuse" && unfit !== "drop") {
    throw new InputError({ where: "pairs.unfit", expected: '"refuse" or "drop"', got: String(unfit) });
  }
  requireSome("pairs", examples, "pair");
  const fitting: number[] = [];
  let weighted = false;
  for (let row = 0; row < examples.length; row++) {
    const where = `pairs[${row}]`;
    const pair = pairAt(row);
    const { weight = 1 } = pair;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new InputError({
        where: `${where}.weight`,
        expected: "a finite number from 0",
        got: `${weight}`,
      });
    }
    const odd = (["source", "target"] as const).find((part) => {
      for (let i = 0; i < pair[part].length; i++) requireId(`${where}.${part}[${i}]`, pair[part][i]!);
      return !(pair[part].length >= 1 && pair[part].length <= longest);
    });
    if (odd === undefined) {
      fitting.push(row);
      weighted ||= weight !== 1;
    } else if (unfit === "refuse") {
      throw new InputError({
        where: `${where}.${odd}`,
        expected: longest === Infinity ? "at least one id" : `from 1 to ${longest} ids`,
        got: `${pair[odd].length}`,
        hint: 'unfit: "drop" leaves such pairs out',
      });
    }
  }
  requireSome("pairs", fitting, "pair that is neither empty nor too long");

  function pairAt(row: number): Pair {
    const pair = examples.at(row);
    if (pair?.source?.length !== undefined && pair.target?.length !== undefined) return pair;
    throw new InputError({ where: `pairs[${row}]`, expected: "a source and a target", got: String(pair) });
  }

  function byLength(a: number, b: number): number {
    const [one, other] = [pairAt(a), pairAt(b)];
    const source = one.source.length - other.source.length;
    return one.target.length - other.target.length || (one.target.length % 2 === 0 ? source : -source);
  }

  /** Pairs of each batch of a pass, in order. */
  function order(epoch: number): number[][] {
    const draw = seed === undefined ? undefined : random(seed, epoch);
    const shuffled = [...fitting];
    draw?.shuffle(shuffled);
    const sorted = cut(shuffled, pool).flatMap((part) => part.sort(byLength));
    const batches = cut(sorted, batch);
    draw?.shuffle(batches);
    return batches;
  }

  function pad(rows: readonly number[]): PairBatch {
    const chosen = rows.map(pairAt);
    const lengths = {
      target: Uint32Array.from(chosen, ({ target }) => target.length + 1),
      source: Uint32Array.from(chosen, ({ source }) => source.length),
    };
    const steps = Math.max(...lengths.target);
    const size = chosen.length * steps;
    const sources = Math.max(...lengths.source);
    const [given, answers] = [new Uint32Array(size), new Uint32Array(size)];
    const read = new Uint32Array(chosen.length * sources);
    const weights = new Float32Array(size);
    for (const [place, { source, target, weight = 1 }] of chosen.entries()) {
      const at = place * steps;
      given[at] = start;
      given.set(target, at + 1);
      answers.set(target, at);
      answers[at + target.length] = end;
      read.set(source, place * sources);
      weights.fill(weight, at, at + target.length + 1);
    }
    return {
      inputs: {
        target: tensor(given, [chosen.length, steps]),
        source: tensor(read, [chosen.length, sources]),
      },
      lengths,
      targets: tensor(answers, [chosen.length, steps]),
      ...(weighted && { weights }),
      rows: Uint32Array.from(rows),
    };
  }

  function epoch(index: number): Iterable<PairBatch> {
    requireWhole("pairs.epoch", index, 0, 0xffffffff);
    return {
      *[Symbol.iterator]() {
        for (const rows of order(index)) yield pad(rows);
      },
    };
  }

  return {
    length: Math.ceil(fitting.length / batch),
    dropped: examples.length - fitting.length,
    epoch,
    [Symbol.iterator]: () => epoch(0)[Symbol.iterator](),
  };
}

function cut(rows: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
    rows.slice(i * size, (i + 1) * size),
  );
}

function requireId(where: string, id: number): void {
  requireWhole(where, id, 0, 0xffffffff);
}
