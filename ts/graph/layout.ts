/** Gives spans their addresses: two spans share memory only if no step needs both. */
import type { Span } from "./span.js";

/** A span and the first and last step that touch it. */
export interface Lifetime {
  readonly span: Span;
  /** Floats that it needs. */
  readonly count: number;
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
  const ordered = lifetimes.toSorted((a, b) => b.count - a.count || a.first - b.first);
  for (const lifetime of ordered) {
    const { span, count: need, first, last } = lifetime;
    const neighbours = placed
      .filter(
        (other) => !passing(span) || !passing(other.span) || (other.first <= last && first <= other.last),
      )
      .map(({ span, count }) => ({ from: offsets.get(span)!, to: offsets.get(span)! + count }))
      .sort((a, b) => a.from - b.from);
    let offset = 0;
    for (const { from, to } of neighbours) {
      if (offset + need <= from) break;
      offset = Math.max(offset, to);
    }
    offsets.set(span, offset);
    placed.push(lifetime);
    count = Math.max(count, offset + need);
  }
  return { offsets, count };
}

/** Whether a span may share memory with others. */
function passing({ role }: Span): boolean {
  return role === "temporary" || role === "scratch";
}
