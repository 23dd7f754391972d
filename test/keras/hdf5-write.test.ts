/** HDF5 files that are written are read back: the same tree, the same shapes, the same bits. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { type Hdf5Object, readHdf5 } from "../../ts/keras/hdf5/file.js";
import { type Hdf5Group, writeHdf5 } from "../../ts/keras/hdf5/write.js";
import type { Numbers } from "../../ts/keras/weights.js";
import { expectSameBits } from "../reference/compare.js";

const limits = { parts: 500_000, rank: 8 };
const vector = (...data: number[]): Numbers => ({ shape: [data.length], data: Float32Array.from(data) });

function expectSame(found: Hdf5Object | undefined, written: Hdf5Group | Numbers) {
  if ("data" in written) {
    expect(found!.shape).toEqual(written.shape);
    expect(found!.elements).toBe("float of 4 bytes");
    expectSameBits(found!.numbers(), written.data);
    return;
  }
  expect(found!.shape).toBeUndefined();
  expect(found!.names).toEqual([...written.keys()]);
  for (const [name, member] of written) expectSame(found!.find(name), member);
}

test("any tree of groups and datasets is read back with the same bits", () => {
  const dataset = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }).chain((shape) =>
    fc
      .float32Array({
        minLength: shape.reduce((a, b) => a * b, 1),
        maxLength: shape.reduce((a, b) => a * b, 1),
      })
      .map((data) => ({ shape, data })),
  );
  const name = fc
    .string({ unit: "binary", minLength: 1, maxLength: 20 })
    .filter((text) => !/[/\0\p{Cs}]|^\.$/u.test(text));
  const { group } = fc.letrec<{ group: Hdf5Group; member: Hdf5Group | Numbers }>((tie) => ({
    member: fc.oneof({ maxDepth: 4 }, dataset, tie("group")),
    group: fc
      .uniqueArray(fc.tuple(name, tie("member")), { selector: ([key]) => key, maxLength: 4 })
      .map((members) => new Map(members)),
  }));
  fc.assert(
    fc.property(group, (tree) => {
      const bytes = writeHdf5(tree);
      expectSame(readHdf5(bytes, limits), tree);
      expect(writeHdf5(tree)).toEqual(bytes);
    }),
    { numRuns: 100, seed: 11 },
  );
});

describe("limits", () => {
  test("of the bytes of a name", () => {
    for (const name of ["a".repeat(255), "é".repeat(127), "..", "name with spaces", "__proto__"]) {
      const tree = new Map([[name, vector(1)]]);
      expectSame(readHdf5(writeHdf5(tree), limits), tree);
    }
    for (const name of ["", "a".repeat(256), "é".repeat(128), "a/b", "a\0", ".", "\ud800"]) {
      const tree = new Map([["group", new Map([[name, vector(1)]])]]);
      expect(() => writeHdf5(tree)).toThrow(InputError);
      expect(() => writeHdf5(tree)).toThrow("HDF5 /group: expected names of 1 to 255 bytes");
    }
  });

  test("of the members of a group", () => {
    const tree = (count: number) => new Map(Array.from({ length: count }, (_, i) => [`${i}`, vector(i)]));
    const root = readHdf5(writeHdf5(tree(65_533)), limits);
    expect(root.names).toHaveLength(65_533);
    expectSame(root.find("65532"), vector(65_532));
    expect(() => writeHdf5(tree(65_534))).toThrow("HDF5 /: expected at most 65533 members, got 65534");
  });
});

test("a damaged name that would be a path is refused", () => {
  const bytes = writeHdf5(new Map([["kernel", vector(1)]]));
  const at = String.fromCharCode(...bytes).indexOf("kernel");
  bytes[at + 3] = "/".charCodeAt(0);
  expect(() => readHdf5(bytes, limits).names).toThrow('expected names without "/", got "ker/el"');
});
