/** Two versions of each file: whatever a crash does to one of them, a whole version is there. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Files, twoVersions } from "../../ts/platform/versions.js";

class Crash extends Error {}

/** Files in memory, whose next write can be cut off: after so many bytes, the rest being garbage or not there. */
function memory() {
  const files = new Map<string, Uint8Array>();
  let cut: { bytes: number; garbage: number | undefined } | undefined;
  const backing: Files = {
    read: async (name) => files.get(name)?.slice(),
    async write(name, bytes) {
      if (!cut) {
        files.set(name, bytes.slice());
        return;
      }
      const kept = bytes.slice(0, cut.garbage === undefined ? cut.bytes : bytes.length);
      if (cut.garbage !== undefined) kept.fill(cut.garbage, cut.bytes);
      files.set(name, kept);
      cut = undefined;
      throw new Crash();
    },
    remove: async (name) => {
      files.delete(name);
    },
  };
  return {
    files,
    backing,
    cutNext: (bytes: number, garbage?: number) => {
      cut = { bytes, garbage };
    },
  };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

test("the last that was saved is what is loaded", async () => {
  const { backing } = memory();
  const store = twoVersions(backing);
  expect(await store.load("a")).toBe(undefined);
  for (const value of [1, 2, 3, 4, 5]) {
    await store.save("a", bytes(value, value));
    await store.save("b", bytes(value));
    expect(await twoVersions(backing).load("a")).toEqual(bytes(value, value));
  }
  await store.save("a", bytes());
  expect(await store.load("a")).toEqual(bytes());
  expect(await store.load("b")).toEqual(bytes(5));
});

test("what is removed is gone, and can be saved anew", async () => {
  const { backing, files } = memory();
  const store = twoVersions(backing);
  for (const value of [1, 2, 3]) await store.save("a", bytes(value));
  await store.remove("a");
  expect(files.size).toBe(0);
  await store.remove("a");
  await store.save("a", bytes(9));
  expect(await store.load("a")).toEqual(bytes(9));
});

test("a removal that is cut off leaves the newest or nothing", async () => {
  const { backing } = memory();
  for (const value of [1, 2, 3]) await twoVersions(backing).save("a", bytes(value));
  let removals = 0;
  const dying: Files = {
    ...backing,
    async remove(name) {
      if (removals++ > 0) throw new Crash();
      await backing.remove(name);
    },
  };
  await expect(twoVersions(dying).remove("a")).rejects.toThrow(Crash);
  expect(await twoVersions(backing).load("a")).toEqual(bytes(3));
});

test("a save that is cut off anywhere leaves what was there before, or is whole", async () => {
  const crash = fc.record({ at: fc.nat(40), garbage: fc.option(fc.nat(255), { nil: undefined }) });
  const saves = fc.array(fc.tuple(fc.uint8Array({ maxLength: 16 }), fc.option(crash)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(saves, async (saves) => {
      const { backing, cutNext } = memory();
      let before: Uint8Array | undefined;
      for (const [data, crash] of saves) {
        if (crash) cutNext(crash.at, crash.garbage);
        const saved = await twoVersions(backing)
          .save("a", data)
          .then(() => true)
          .catch((error) => {
            expect(error).toBeInstanceOf(Crash);
            return false;
          });
        const found = await twoVersions(backing).load("a");
        if (saved) expect(found).toEqual(data);
        else if (found === undefined || before === undefined) expect([before, data]).toContainEqual(found);
        else expect([[...before], [...data]]).toContainEqual([...found]);
        before = found;
      }
    }),
    { numRuns: 500 },
  );
});
