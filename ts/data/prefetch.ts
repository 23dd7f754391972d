/** Examples read ahead while the model works. */

import { requireWhole } from "./checks.js";

/** Passes of examples that come one after the other, in an order of its own for each epoch if there are epochs. */
type Source<T> = (Iterable<T> | AsyncIterable<T>) & {
  epoch?(index: number): Iterable<T> | AsyncIterable<T>;
};

export interface Prefetched<T> extends AsyncIterable<T> {
  epoch(index: number): AsyncIterable<T>;
}

/**
 * Asks for up to `ahead` examples before they are wanted, for a source that waits: a disk, a network, a worker. In the same
 * order; an error comes where its example would have; leaving a pass leaves the source.
 */
export function prefetch<T>(
  source: Source<T>,
  { ahead = 2 }: { readonly ahead?: number } = {},
): Prefetched<T> {
  requireWhole("prefetch.ahead", ahead);

  async function* pass(examples: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void, void> {
    const iterator =
      Symbol.asyncIterator in examples ? examples[Symbol.asyncIterator]() : examples[Symbol.iterator]();
    const asked: Promise<IteratorResult<T>>[] = [];
    let ended = false;
    const ask = async () => iterator.next();
    try {
      for (;;) {
        while (asked.length <= ahead) {
          const result = ask();
          result.catch(() => {}); // it is thrown when its turn comes, and nobody's if the pass is left before
          asked.push(result);
        }
        const { done, value } = await asked.shift()!;
        if (done) {
          ended = true;
          return;
        }
        yield value;
      }
    } finally {
      if (!ended) await iterator.return?.();
    }
  }

  return {
    epoch: (index) => pass(source.epoch?.(index) ?? source),
    [Symbol.asyncIterator]: () => pass(source.epoch?.(0) ?? source),
  };
}
