/** HDF5 files of h5py are read as far as Keras makes use of the format; everything else in it is refused by name. */
import fc from "fast-check";
import { gunzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { readHdf5 } from "../../ts/keras/hdf5/file.js";
import cases from "../golden/keras/hdf5.json" with { type: "json" };

const limits = { parts: 100_000, rank: 8 };

const open = (base64: string) => gunzipSync(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)));
const named = (name: string) => open(cases.find((each) => each.name === name)!.file);

/** The root and what is in it, as far as it can be read. */
function readAll(bytes: Uint8Array, bounds = limits) {
  const root = readHdf5(bytes, bounds);
  root.texts("attribute 1");
  const a = root.find("a");
  return { names: root.names, shape: a?.shape, data: a?.numbers() };
}

describe("datasets", () => {
  test.each(cases.filter(({ a }) => a))("$name", ({ file, a }) => {
    const { shape, data } = readAll(open(file));
    expect(shape).toEqual(a!.shape);
    expect([...data!]).toEqual(a!.data);
  });

  test.each(cases.filter(({ refusal }) => refusal))("$name: $refusal", ({ file, refusal }) => {
    expect(() => readAll(open(file))).toThrow(FormatError);
    expect(() => readAll(open(file))).toThrow(`got ${refusal}`);
  });

  test("that were never written have no address", () => {
    expect(() => readAll(named("never written"))).toThrow(FormatError);
  });

  test("are found by paths, and nothing by others", () => {
    const root = readHdf5(named("contiguous"), limits);
    expect(root.find("/a")).toBe(root.find("a"));
    expect(root.find("")).toBe(root);
    for (const path of ["b", "a/b", "__proto__", "../a", "constructor"])
      expect(root.find(path)).toBeUndefined();
  });

  test("that overlap cannot be more than the file", () => {
    const root = readHdf5(named("contiguous"), limits);
    const a = root.find("a")!;
    expect(() => {
      for (let i = 0; i < 1000; i++) a.numbers();
    }).toThrow("more numbers than the file has");
  });
});

describe("limits", () => {
  test("of the parts of a file", () => {
    const bytes = named("among many");
    let parts = 1;
    for (; ; parts++) {
      try {
        readAll(bytes, { ...limits, parts });
        break;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }
    expect(parts).toBeGreaterThan(20); // 20 names
    expect(() => readAll(bytes, { ...limits, parts: parts + 1 })).not.toThrow();
    expect(() => readAll(bytes, { ...limits, parts: parts - 1 })).toThrow(`at most ${parts - 1} parts`);
  });

  test("of the axes of a dataset", () => {
    const bytes = named("contiguous");
    for (const rank of [2, 3]) expect(readAll(bytes, { ...limits, rank }).shape).toEqual([2, 3]);
    expect(() => readAll(bytes, { ...limits, rank: 1 })).toThrow("at most 1 axes, got 2");
  });
});

test("a file cut off anywhere is refused", () => {
  const bytes = named("contiguous");
  const whole = readAll(bytes);
  for (let length = 0; length < bytes.length; length++) {
    try {
      expect(readAll(bytes.subarray(0, length))).toEqual(whole); // what is cut off was not asked for
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  }
});

test("whatever bytes are changed, what comes is a FormatError or numbers", () => {
  const files = cases.map(({ file }) => open(file));
  const change = fc.record({ at: fc.nat(), to: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
  fc.assert(
    fc.property(
      fc.nat(files.length - 1),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (index, changes) => {
        const bytes = files[index]!.slice();
        for (const { at, to } of changes) bytes.set(to, at % (bytes.length - 8));
        try {
          readAll(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      },
    ),
    { numRuns: 2000, seed: 3 },
  );
});
