/** Entities are read and scored as seqeval does. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import { entityScores, spans } from "../../ts/index.js";
import golden from "../golden/text/scores.json" with { type: "json" };

describe("spans", () => {
  test("of the sentence of the lecture notes", () => {
    const tags = "B-PER O O O B-LOC I-LOC O".split(" ");
    expect(spans(tags)).toEqual([
      { type: "PER", from: 0, to: 1 },
      { type: "LOC", from: 4, to: 6 },
    ]);
    expect(spans([])).toEqual([]);
    expect(spans(["O"])).toEqual([]);
  });

  test.each([
    ["B-A B-A I-A", ["A 0 1", "A 1 3"]],
    ["I-A I-A O I-B", ["A 0 2", "B 3 4"]],
    ["B-A I-B I-B", ["A 0 1", "B 1 3"]],
    ["B-A E-A I-A S-A I-A", ["A 0 2", "A 2 3", "A 3 4", "A 4 5"]],
    ["B I B-A-B I-A-B", ["_ 0 2", "A-B 2 4"]],
  ])("of %s are %j", (tags, expected) => {
    expect(spans(tags.split(" ")).map(({ type, from, to }) => `${type} ${from} ${to}`)).toEqual(expected);
  });

  test.each([["X-PER"], ["PER"], [""], ["OB"], ["O-PER"], ["b-PER"]])("refuse the tag %j", (tag) => {
    expect(() => spans(["O", tag])).toThrow(InputError);
    expect(() => spans(["O", tag])).toThrow("spans.tags[1]");
  });
});

describe("entity scores", () => {
  test.each(golden.entities.map((golden, i) => [i, golden] as const))(
    "of case %i are seqeval's",
    (_, { predicted, tags, averages, types, spans: expected }) => {
      const read = predicted.map((sentence) => spans(sentence).map(({ type, from, to }) => [type, from, to]));
      expect(read).toEqual(expected);
      const scores = entityScores(predicted, tags);
      for (const kind of ["micro", "macro", "weighted"] as const) {
        const [precision, recall, f1] = averages?.[kind] ?? [0, 0, 0];
        expect(scores[kind].precision).toBeCloseTo(precision!, 12);
        expect(scores[kind].recall).toBeCloseTo(recall!, 12);
        expect(scores[kind].f1).toBeCloseTo(f1!, 12);
      }
      expect(Object.keys(scores.types)).toEqual(Object.keys(types));
      for (const [type, each] of Object.entries(types as unknown as Record<string, number[]>)) {
        const { precision, recall, f1, support } = scores.types[type]!;
        expect([precision, recall, f1].map((score) => score.toFixed(12))).toEqual(
          each.slice(0, 3).map((score) => score.toFixed(12)),
        );
        expect(support).toBe(each[3]);
      }
    },
  );

  test("of the example of seqeval's documentation", () => {
    const tags = [
      ["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"],
      ["B-PER", "I-PER", "O"],
    ];
    const predicted = [
      ["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"],
      ["B-PER", "I-PER", "O"],
    ];
    const { micro, macro, weighted, types } = entityScores(predicted, tags);
    const half = { precision: 0.5, recall: 0.5, f1: 0.5, support: 2 };
    expect([micro, macro, weighted]).toEqual([half, half, half]);
    expect(types).toEqual({
      MISC: { precision: 0, recall: 0, f1: 0, support: 1 },
      PER: { precision: 1, recall: 1, f1: 1, support: 1 },
    });
  });

  test("want a tag for every tag", () => {
    expect(() => entityScores([["O"]], [["O"], ["O"]])).toThrow("entityScores: expected 2 sentences, got 1");
    expect(() => entityScores([["O"]], [["O", "O"]])).toThrow(
      "entityScores.predicted[0]: expected 2 tags, got 1",
    );
  });
});
