/** Gives spans their addresses: two spans share memory only if no step needs both. */
import type { Span } from "./span.js";

/** A span and the first and last step that touch it. */
export interface Lifetime {
  readonly span: Span;
  readonly first: number;
  readonly last: number;
}

/** Offsets in floats for each span, and the floats they need in all. */
export interface Arrangement {
  readonly offsets: ReadonlyMap<Span, number>;
  readonly count: number;
}

/** Largest first, each at the lowest offset where it fits between those alive at the same time. */
export function arrange(lifetimes: readonly Lifetime[]): Arrangement {
  const offsets = new Map<Span, number>();
  const placed: Lifetime[] = [];
  let count = 0;
  const ordered = lifetimes.toSorted((a, b) => b.span.count - a.span.count || a.first - b.first);
  for (const lifetime of ordered) {
    const { span, first, last } = lifetime;
    const neighbours = placed
      .filter(
        (other) =>
          span.role !== "temporary" ||
          other.span.role !== "temporary" ||
          (other.first <= last && first <= other.last),
      )
      .map(({ span }) => ({ from: offsets.get(span)!, to: offsets.get(span)! + span.count }))
      .sort((a, b) => a.from - b.from);
    let offset = 0;
    for (const { from, to } of neighbours) {
      if (offset + span.count <= from) break;
      offset = Math.max(offset, to);
    }
    offsets.set(span, offset);
    placed.push(lifetime);
    count = Math.max(count, offset + span.count);
  }
  return { offsets, count };
}
