/** The layout of a plan: properties that hold for every set of lifetimes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { arrange, type Lifetime } from "../../ts/graph/layout.js";
import { span } from "../../ts/graph/span.js";

const lifetime = fc
  .record({
    floats: fc.integer({ min: 1, max: 5000 }),
    first: fc.integer({ min: 0, max: 40 }),
    length: fc.integer({ min: 0, max: 40 }),
    kept: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ floats, first, length, kept }, index?: number): Lifetime => {
    const own = span(`span ${index}`, floats, { role: kept === 0 ? "kept" : "temporary" });
    return { span: own, count: own.count, first, last: first + length };
  });

function alive(a: Lifetime, b: Lifetime): boolean {
  const kept = a.span.role === "kept" || b.span.role === "kept";
  return kept || (a.first <= b.last && b.first <= a.last);
}

test("no two spans that are alive at the same time overlap", () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
      const { offsets, count } = arrange(lifetimes);
      for (const [i, a] of lifetimes.entries()) {
        const from = offsets.get(a.span)!;
        expect(from + a.span.count).toBeLessThanOrEqual(count);
        for (const b of lifetimes.slice(i + 1)) {
          const start = offsets.get(b.span)!;
          const apart = from + a.span.count <= start || start + b.span.count <= from;
          expect(apart || !alive(a, b)).toBe(true);
        }
      }
    }),
  );
});

test("every span starts on a cache line", () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 40 }), (lifetimes) => {
      for (const offset of arrange(lifetimes).offsets.values()) expect(offset % 16).toBe(0);
    }),
  );
});

test("a chain of temporaries needs no more than the two largest neighbours", () => {
  const chain = Array.from({ length: 20 }, (_, i) => ({
    span: span(`link ${i}`, 1024),
    count: 1024,
    first: i,
    last: i + 1,
  }));
  expect(arrange(chain).count).toBe(2048);
});

test("the same lifetimes are arranged the same way each time", () => {
  fc.assert(
    fc.property(fc.array(lifetime, { maxLength: 20 }), (lifetimes) => {
      expect([...arrange(lifetimes).offsets.values()]).toEqual([...arrange(lifetimes).offsets.values()]);
    }),
  );
});
