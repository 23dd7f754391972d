/** The best of many ways to train: all combinations of some options, or combinations drawn at random. */

import { requireSome, requireWhole } from "../data/checks.js";
import { DivergedError, InputError } from "../errors.js";
import { exp, log } from "../numeric.js";
import { type Random, random } from "../random.js";

/** One combination of options, tried. */
export interface Trial<O> {
  /** Counted from 0. */
  readonly index: number;
  readonly options: O;
  /** What `run` gave; Infinity if training diverged. */
  readonly score: number;
}

export interface SearchOptions<O> {
  /** Trains with the options and gives a score, the less the better. */
  readonly run: (options: O, index: number) => number | Promise<number>;
  /** How many may run side by side: more than 1 is of use where `run` hands its work on, as that of `trialWorkers` does. Default 1. */
  readonly atOnce?: number;
  /** Starts no further trial once it is aborted, and rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The values that each option can have. */
export type Grid<O> = { readonly [K in keyof O]: readonly O[K][] };

/** For each option its values, each equally likely, or how to draw one. */
export type Space<O> = { readonly [K in keyof O]: readonly O[K][] | ((draw: Random) => O[K]) };

/** Tries every combination; the last option changes first. Yields trials in this order. */
export function gridSearch<O extends object>(
  grid: Grid<O>,
  options: SearchOptions<O>,
): AsyncGenerator<Trial<O>, void, void> {
  let combinations: object[] = [{}];
  for (const [name, values] of Object.entries(grid) as [string, readonly unknown[]][]) {
    requireSome(`gridSearch.${name}`, values, "value");
    combinations = combinations.flatMap((before) => values.map((value) => ({ ...before, [name]: value })));
  }
  return search(combinations as O[], options);
}

/**
 * Tries `trials` combinations drawn at random, which finds more than a grid where few of the options matter (Bergstra & Bengio
 * 2012). Each is a function of the seed and its index alone. Yields trials in the order of their indices.
 */
export function randomSearch<O extends object>(
  space: Space<O>,
  options: SearchOptions<O> & { readonly trials: number; readonly seed: number },
): AsyncGenerator<Trial<O>, void, void> {
  const { trials, seed } = options;
  requireWhole("randomSearch.trials", trials);
  const ways = Object.entries(space) as [string, readonly unknown[] | ((draw: Random) => unknown)][];
  for (const [name, way] of ways)
    if (typeof way !== "function") requireSome(`randomSearch.${name}`, way, "value");
  const combinations = Array.from({ length: trials }, (_, index) => {
    const draw = random(seed, index);
    const drawn = ways.map(([name, way]) => [
      name,
      typeof way === "function" ? way(draw) : way[draw.integer(way.length)],
    ]);
    return Object.fromEntries(drawn);
  });
  return search(combinations, options);
}

/** A way to draw a number from [low, high), each equally likely. */
export function uniformly(low: number, high: number): (draw: Random) => number {
  requireRange("uniformly", low, high);
  return (draw) => low + (high - low) * draw.uniform();
}

/** A way to draw a number from [low, high), each order of magnitude equally likely: for rates, and whatever is a factor. */
export function logUniformly(low: number, high: number): (draw: Random) => number {
  requireRange("logUniformly", low, high);
  if (!(low > 0)) throw new InputError({ where: "logUniformly", expected: "numbers above 0", got: `${low}` });
  return (draw) => Math.min(high, Math.max(low, low * exp(log(high / low) * draw.uniform())));
}

async function* search<O>(
  combinations: readonly O[],
  { run, atOnce = 1, signal }: SearchOptions<O>,
): AsyncGenerator<Trial<O>, void, void> {
  requireWhole("search.atOnce", atOnce);
  let started = 0;
  let left = false;
  const trials: Promise<Trial<O>>[] = [];

  async function attempt(index: number): Promise<Trial<O>> {
    const options = combinations[index];
    try {
      const score = await run(options, index);
      if (Number.isNaN(score))
        throw new InputError({ where: `search trial ${index}`, expected: "a score", got: "NaN" });
      return { index, options, score };
    } catch (error) {
      if (error instanceof DivergedError) return { index, options, score: Infinity };
      left = true;
      throw error;
    }
  }

  /** Begins the next trial as soon as one has ended. */
  function begin(): void {
    if (left || signal?.aborted || started === combinations.length) return;
    const trial = attempt(started++);
    trial.then(begin, () => {}); // an error is thrown when its turn comes
    trials.push(trial);
  }

  try {
    for (let i = 0; i < atOnce; i++) begin();
    for (let index = 0; index < combinations.length; index++) {
      if (index >= trials.length) signal?.throwIfAborted();
      yield await trials[index];
    }
  } finally {
    left = true;
    await Promise.allSettled(trials);
  }
}

function requireRange(where: string, low: number, high: number): void {
  if (!(low < high && Number.isFinite(high - low)))
    throw new InputError({
      where,
      expected: "two finite numbers, the lower first",
      got: `${low} and ${high}`,
    });
}
