/** Batches of rows that come one by one, out of a set that need not be held in memory. */

import { random, requireSeed } from "../random.js";
import { type BatchOptions, batchesFrom, type PaddedBatch } from "./batches.js";
import { requireSome, requireWhole } from "./checks.js";
import type { Row } from "./rows.js";

export interface GatherOptions extends BatchOptions {
  /** How many rows are held at a time: shuffling and buckets reach no further. Default: 64 batches. */
  readonly pool?: number;
}

export interface Gathered extends AsyncIterable<PaddedBatch> {
  /** Pass number `index`, from 0; its order is a function of seed and index, if the rows come in the same order. */
  epoch(index: number): AsyncIterable<PaddedBatch>;
}

/**
 * Batches like those of `batches` from rows that an iterable or async iterable gives: the lines of a file, the answers of a
 * server. `rows` of a batch counts them as they come. InputError, when it is reached, for a row that cannot be used, and
 * for a source without rows.
 */
export function gather(source: Iterable<Row> | AsyncIterable<Row>, options: GatherOptions): Gathered {
  const { batch, seed } = options;
  requireWhole("gather.batch", batch);
  const { pool = 64 * batch } = options;
  requireWhole("gather.pool", pool, batch);
  if (seed !== undefined) requireSeed("gather.seed", seed);

  async function* pass(epoch: number): AsyncGenerator<PaddedBatch, void, void> {
    const draw = seed === undefined ? undefined : random(seed, epoch);
    let held: Row[] = [];
    let passed = 0;

    function* release(): Generator<PaddedBatch, void, void> {
      if (held.length === 0) return;
      const size = Math.min(batch, held.length);
      const order = draw && { seed: draw.bits() };
      yield* batchesFrom(passed, held, { ...options, batch: size, ...order });
      passed += held.length;
      held = [];
    }

    for await (const row of source) {
      held.push(row);
      if (held.length === pool) yield* release();
    }
    yield* release();
    requireSome("gather", { length: passed }, "row");
  }

  return { epoch: pass, [Symbol.asyncIterator]: () => pass(0) };
}
