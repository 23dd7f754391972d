/** Tables to draw words by, paths to them, and the rows that make them up. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aliasTable, huffmanPaths, keepThresholds, negativeTable } from "../../ts/words/draws.js";
import { hash } from "../../ts/words/hash.js";
import { bags, bucketsOf } from "../../ts/words/subwords.js";
import golden from "../golden/words/scikit-learn.json" with { type: "json" };

/** The probability of each entry of an alias table. */
function probabilities(table: Uint32Array): number[] {
  const size = table.length / 2;
  const shares = Array(size).fill(0);
  for (let column = 0; column < size; column++) {
    const own = table[2 * column]! / 0x100000000;
    shares[column] += own / size;
    shares[table[2 * column + 1]!] += (1 - own) / size;
  }
  return shares;
}

const weights = fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 40 });

test("an alias table gives every entry its share", () => {
  fc.assert(
    fc.property(weights, (given) => {
      const total = given.reduce((sum, weight) => sum + weight, 0);
      for (const [i, share] of probabilities(aliasTable(given)).entries()) {
        expect(Math.abs(share - given[i]! / total)).toBeLessThan(1e-8);
      }
    }),
  );
});

test("negative samples are drawn in proportion to counts to the power 3/4", () => {
  const [first, second] = probabilities(negativeTable(Uint32Array.of(16, 81)));
  expect(first! / second!).toBeCloseTo(8 / 27, 6);
});

test("frequent words are kept at the rate of the authors' program", () => {
  const [often, seldom] = keepThresholds(Uint32Array.of(99_990, 10), 0.001);
  const ratio = 0.001 / 0.9999;
  expect(often! / 0xffffffff).toBeCloseTo(Math.sqrt(ratio) + ratio, 8);
  expect(seldom).toBe(0xffffffff);
});

describe("Huffman paths", () => {
  const counts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 60 });
  const pathsOf = (given: readonly number[]) => {
    const { starts, nodes } = huffmanPaths(Uint32Array.from(given));
    return given.map((_, word) => [...nodes.subarray(starts[word], starts[word + 1])]);
  };

  test("lead to one word each, from the same root, through as many nodes as words but one", () => {
    fc.assert(
      fc.property(counts, (given) => {
        const paths = pathsOf(given);
        const codes = paths.map((path) => path.map((node) => node & 1).join(""));
        for (const [i, code] of codes.entries()) {
          expect(codes.filter((other, j) => j !== i && other.startsWith(code))).toEqual([]);
        }
        expect(new Set(paths.map((path) => path[0]! >> 1)).size).toBe(1);
        const nodes = new Set(paths.flat().map((node) => node >> 1));
        expect(nodes.size).toBe(given.length - 1);
        expect(Math.max(...nodes)).toBeLessThan(given.length - 1);
        // Of a full binary tree the lengths satisfy Kraft's equation.
        expect(codes.reduce((sum, code) => sum + 2 ** -code.length, 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test("are the shortest there are: their lengths by the counts sum up to the merged weights", () => {
    fc.assert(
      fc.property(counts, (given) => {
        const length = pathsOf(given).reduce((sum, path, word) => sum + path.length * given[word]!, 0);
        const heap = [...given];
        let merged = 0;
        while (heap.length > 1) {
          heap.sort((a, b) => b - a);
          const sum = heap.pop()! + heap.pop()!;
          merged += sum;
          heap.push(sum);
        }
        expect(length).toBe(merged);
      }),
    );
  });
});

test.each(golden.murmur as [string, number][])("the hash of %j is MurmurHash3's", (text, expected) => {
  expect(hash(text)).toBe(expected);
});

describe("subwords", () => {
  test("are the runs of letters of a word in angle brackets, but the whole", () => {
    const options = { least: 3, most: 6, buckets: 1000 };
    const runs = ["<wh", "<whe", "<wher", "<where", "whe", "wher", "where", "where>", "her", "here", "here>"];
    const all = [...runs, "ere", "ere>", "re>"];
    expect(bucketsOf("where", options)).toEqual(all.map((run) => hash(run) % 1000));
    expect(bucketsOf("a", { ...options, most: 3 })).toEqual([]);
    expect(bucketsOf("漢😀", { least: 2, most: 2, buckets: 50 })).toEqual(
      ["<漢", "漢😀", "😀>"].map((run) => hash(run) % 50),
    );
  });

  test("stand behind the word itself, in rows behind all words", () => {
    const { starts, rows } = bags(["ab", "c"], { least: 3, most: 3, buckets: 10 });
    expect([...starts]).toEqual([0, 3, 4]);
    expect([...rows]).toEqual([0, 2 + (hash("<ab") % 10), 2 + (hash("ab>") % 10), 1]);
  });
});
