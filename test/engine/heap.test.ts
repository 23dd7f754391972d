/** The heap never hands out a byte twice, and uses again what is given back, in whatever order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Block, Heap } from "../../ts/engine/heap.js";
import { EngineError } from "../../ts/errors.js";

const START = 1000; // not a multiple of 64
const FIRST = 1024;

/** A heap over a memory that may grow to `limit`, and how far it reached. */
function heapOf(limit = Infinity) {
  const memory = { end: START };
  const heap = new Heap(START, (end) => {
    if (end > limit) throw new RangeError("no more memory");
    memory.end = Math.max(memory.end, end);
  });
  return { heap, memory };
}

const size = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 100_000 }));
/** Allocate so many bytes, or release one of the blocks, chosen by a number. */
const action = fc.oneof(
  fc.record({ allocate: size, release: fc.constant(undefined) }),
  fc.record({ allocate: fc.constant(undefined), release: fc.nat() }),
);

describe("blocks", () => {
  test("that live at the same time never overlap, are aligned and large enough", () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const { heap, memory } = heapOf();
        const live: Block[] = [];
        for (const { allocate, release } of actions) {
          if (allocate !== undefined) {
            const block = heap.allocate(allocate, "test");
            expect(block.address % 64).toBe(0);
            expect(block.bytes % 64).toBe(0);
            expect(block.bytes).toBeGreaterThanOrEqual(Math.max(allocate, 1));
            expect(block.address).toBeGreaterThanOrEqual(START);
            expect(block.address + block.bytes).toBeLessThanOrEqual(memory.end);
            for (const { address, bytes } of live) {
              expect(block.address + block.bytes <= address || address + bytes <= block.address).toBe(true);
            }
            live.push(block);
          } else if (live.length > 0) {
            heap.release(live.splice(release! % live.length, 1)[0]);
          }
        }
      }),
    );
  });

  test("given back in any order leave the heap as new", () => {
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 30 }),
        fc.infiniteStream(fc.nat()),
        (sizes, order) => {
          const { heap, memory } = heapOf();
          const live = sizes.map((bytes) => heap.allocate(bytes, "test"));
          const total = live.reduce((sum, { bytes }) => sum + bytes, 0);
          expect(memory.end).toBe(FIRST + total);
          for (const choice of order) {
            if (live.length === 0) break;
            heap.release(live.splice(choice % live.length, 1)[0]);
          }
          expect(heap.allocate(total, "test")).toEqual({ address: FIRST, bytes: total });
          expect(memory.end).toBe(FIRST + total);
        },
      ),
    );
  });

  test("take the first place that is large enough", () => {
    const { heap, memory } = heapOf();
    const [first, , third] = [128, 64, 256, 64].map((bytes) => heap.allocate(bytes, "test"));
    heap.release(third);
    heap.release(first);
    const { end } = memory;
    expect(heap.allocate(192, "test")).toEqual({ address: third.address, bytes: 192 });
    expect(heap.allocate(64, "test")).toEqual({ address: first.address, bytes: 64 });
    expect(heap.allocate(64, "test").address).toBe(first.address + 64);
    expect(heap.allocate(64, "test").address).toBe(third.address + 192);
    expect(memory.end).toBe(end);
    expect(heap.allocate(64, "test").address).toBe(end);
  });

  test("join with free neighbours on both sides", () => {
    const { heap } = heapOf();
    const [a, b, c, last] = [64, 64, 64, 64].map((bytes) => heap.allocate(bytes, "test"));
    heap.release(a);
    heap.release(c);
    heap.release(b);
    expect(heap.allocate(192, "test").address).toBe(a.address);
    heap.release(last);
    expect(heap.allocate(128, "test").address).toBe(last.address);
  });
});

describe("a heap without enough memory", () => {
  test("passes on what growing threw, and is as before", () => {
    const { heap } = heapOf(FIRST + 512);
    const kept = heap.allocate(256, "test");
    expect(() => heap.allocate(320, "test")).toThrow("no more memory");
    const rest = heap.allocate(256, "test");
    expect(rest.address).toBe(kept.address + 256);
    heap.release(kept);
    expect(() => heap.allocate(512, "test")).toThrow("no more memory");
    heap.release(rest);
    expect(heap.allocate(512, "test").address).toBe(FIRST);
  });

  test.each([NaN, Infinity, 2 ** 53])("refuses %d bytes and says for what", (bytes) => {
    const { heap } = heapOf();
    expect(() => heap.allocate(bytes, "plan")).toThrow(EngineError);
    expect(() => heap.allocate(bytes, "plan")).toThrow(/^plan: /);
  });
});
