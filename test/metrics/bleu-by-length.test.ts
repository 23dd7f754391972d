/** BLEU of short sentences and of long ones. */
import { expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { bleu, bleuByLength } from "../../ts/index.js";

const sentence = (length: number) => Array.from({ length }, (_, i) => `w${(i * i) % 17}`).join(" ");
const references = [3, 12, 5, 25, 4, 60, 12].map(sentence);
const good = references.map((text) => text.replace("w9", "w8"));
const poor = references.map((text) => text.split(" ").slice(0, 8).join(" "));

test("each group has the corpus BLEU of its sentences", () => {
  const { groups } = bleuByLength({ good, poor }, references, { edges: [4, 12, 30, 50] });
  expect(groups.map(({ from, to, sentences, length }) => [from, to, sentences, length])).toEqual([
    [1, 4, 2, 3.5],
    [5, 12, 3, 29 / 3],
    [13, 30, 1, 25],
    [51, Infinity, 1, 60],
  ]);
  for (const [i, rows] of [[0, 4], [1, 2, 6], [3], [5]].entries()) {
    const of = (texts: readonly string[]) => rows.map((row) => texts[row]!);
    expect(groups[i]!.scores).toEqual({
      good: bleu(of(good), of(references)).score,
      poor: bleu(of(poor), of(references)).score,
    });
  }
});

test("lengths are those of the sources where these are given, and options are those of BLEU", () => {
  const sources = references.map((_, i) => sentence(i === 0 ? 11 : 2));
  const options = { sources, tokenise: "spaces", smoothing: "none", order: 2 } as const;
  const { groups } = bleuByLength({ poor }, references, options);
  expect(groups.map(({ sentences, length }) => [sentences, length])).toEqual([
    [6, 2],
    [1, 11],
  ]);
  const rest = bleu(poor.slice(1), references.slice(1), { tokenise: "spaces", smoothing: "none", order: 2 });
  expect(groups[0]!.scores.poor).toBe(rest.score);
});

test("the text has a table and a plot, and the picture a line for each system", () => {
  const { text, svg, groups } = bleuByLength({ good, poor }, references);
  const lines = text.split("\n");
  expect(lines[0]).toBe("     tokens  sentences  good   poor");
  const scores = ["good", "poor"].map((name) => groups[0]!.scores[name]!.toFixed(1));
  expect(lines[1]!.trim().split(/\s{2,}/)).toEqual(["1 to 10", "3", ...scores]);
  expect(lines.find((line) => line.startsWith("51 and more"))).toBeDefined();
  expect(text).toContain("BLEU   ● good   ○ poor");
  expect(text.match(/●/g)!.length).toBeGreaterThan(2);
  expect(text).toMatch(/4 +60 tokens\n/);
  expect(svg.match(/<polyline/g)).toHaveLength(2);
  expect(svg).toContain(">BLEU by sentence length</text>");
});

test.each<[() => unknown, string]>([
  [() => bleuByLength({}, ["a"]), "bleuByLength.systems: expected at least one"],
  [() => bleuByLength({ x: [] }, []), "bleuByLength.systems.x.references: expected at least one candidate"],
  [() => bleuByLength({ x: ["a"] }, [[]]), "bleuByLength.systems.x.references[0]"],
  [() => bleuByLength({ x: ["a"] }, [" "]), "bleuByLength.references[0]: expected at least one token"],
  [
    () => bleuByLength({ x: ["a"] }, ["a"], { sources: [""] }),
    "bleuByLength.sources[0]: expected at least one token",
  ],
  [() => bleuByLength({ x: ["a"] }, ["a"], { sources: [] }), "bleuByLength.sources: expected 1 texts, got 0"],
  [() => bleuByLength({ x: ["a"] }, ["a"], { edges: [0] }), "bleuByLength.edges[0]"],
  [() => bleuByLength({ x: ["a"] }, ["a"], { edges: [5, 5] }), "bleuByLength.edges[1]"],
])("%s is refused", (run, message) => {
  expect(run).toThrow(InputError);
  expect(run).toThrow(message);
});
