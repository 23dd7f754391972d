/** A queue that gives what comes first by an order, in logarithmic time (a binary heap; Williams 1964). */

export class Queue<T> {
  readonly #entries: T[] = [];
  readonly #before: (a: T, b: T) => boolean;

  /** `before`: whether `a` comes before `b`. */
  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  push(entry: T): void {
    const entries = this.#entries;
    let at = entries.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** Takes out the first; undefined where there is none. */
  pop(): T | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (entries.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && this.#before(entries[child + 1]!, entries[child]!)) child++;
      if (!this.#before(entries[child]!, last!)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last!;
    return first;
  }
}
