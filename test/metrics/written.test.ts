/** Scores of written text are those of the programs that papers report. */
import { describe, expect, test } from "vitest";
import { InputError } from "../../ts/errors.js";
import {
  type BleuOptions,
  bleu,
  type ChrfOptions,
  characterErrorRate,
  chrf,
  exactMatch,
  rougeL,
  sentenceBleu,
  wordErrorRate,
} from "../../ts/index.js";
import { tokeniser } from "../../ts/metrics/tokenise.js";
import golden from "../golden/text/scores.json" with { type: "json" };

const { cases } = golden;

/** Options of sacreBLEU by our names. */
const tokenisers = { intl: "international", none: "spaces", char: "characters" } as const;
const smoothings = { exp: "exp", none: "none", floor: "floor", "add-k": "addK" } as const;

function bleuOptions(options: (typeof cases)[0]["bleu"][0]["options"]): BleuOptions {
  const { smooth_method, smooth_value, effective_order, tokenize, lowercase, max_ngram_order } = options;
  return {
    ...(smooth_method && { smoothing: smoothings[smooth_method as "exp"] }),
    ...(typeof smooth_value === "number" && { value: smooth_value }),
    ...(effective_order !== undefined && { effectiveOrder: effective_order }),
    ...(tokenize && { tokenise: tokenisers[tokenize as "intl"] }),
    ...(lowercase && { lowerCase: lowercase }),
    ...(max_ngram_order && { order: max_ngram_order }),
  };
}

const dog = {
  candidates: ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."],
  references: [
    ["The dog bit the man.", "The dog had bit the man."],
    ["It was not unexpected.", "No one was surprised."],
    ["The man bit him first.", "The man had bitten the dog."],
  ],
};

describe("BLEU", () => {
  test("of sacreBLEU's own example is what its documentation says", () => {
    const { score, precisions, brevityPenalty, candidateLength, referenceLength } = bleu(
      dog.candidates,
      dog.references,
    );
    expect(score).toBeCloseTo(48.530827009929865, 9);
    expect(precisions.map((p) => p.toFixed(1))).toEqual(["82.4", "50.0", "45.5", "37.5"]);
    expect([brevityPenalty.toFixed(3), candidateLength, referenceLength]).toEqual(["0.943", 17, 18]);
  });

  test.each(cases.map((golden, i) => [i, golden] as const))(
    "of corpus %i is sacreBLEU's with every option",
    (_, { candidates, references, bleu: expected }) => {
      for (const { options, score, precisions, bp, lengths } of expected) {
        const got = bleu(candidates, references, bleuOptions(options));
        const where = JSON.stringify(options);
        expect(Math.abs(got.score - score), where).toBeLessThan(1e-9);
        expect([got.candidateLength, got.referenceLength], where).toEqual(lengths);
        expect(got.brevityPenalty).toBeCloseTo(bp, 12);
        for (const [n, precision] of precisions.entries())
          expect(got.precisions[n]).toBeCloseTo(precision, 9);
      }
    },
  );

  test("of a sentence is sacreBLEU's", () => {
    for (const { candidates, references, sentences } of cases) {
      const got = candidates.map((candidate, i) => sentenceBleu(candidate, references[i]!).score);
      for (const [i, score] of sentences.entries()) expect(Math.abs(got[i]! - score)).toBeLessThan(1e-9);
    }
  });

  test("of nothing, and of what has nothing in common with its reference, is 0", () => {
    expect(bleu([""], ["the cat"])).toEqual({
      score: 0,
      precisions: [0, 0, 0, 0],
      brevityPenalty: 0,
      candidateLength: 0,
      referenceLength: 2,
    });
    expect(bleu(["a b c d e"], ["v w x y z"], { smoothing: "exp" }).score).toBe(0);
    expect(bleu(["the cat"], [""]).score).toBe(0);
    expect(bleu([""], [""]).score).toBe(0);
    expect(bleu(["a b c d"], ["a b c d"]).score).toBeCloseTo(100, 9);
  });

  test("takes tokens of one's own", () => {
    const tokenise = (text: string) => text.split(",");
    expect(bleu(["a b,c,1 2,d"], ["a b,c,1 2,d"], { tokenise }).score).toBeCloseTo(100, 9);
    expect(bleu(["1,2,3,4"], ["12,3,4,5"], { tokenise, order: 1 }).score).toBeCloseTo(50, 9);
  });
});

test("tokens are those of mteval-v13a and v14", () => {
  for (const { v13a, intl, text } of golden.tokens) {
    expect(tokeniser("", "13a")(text).join(" ")).toBe(v13a);
    expect(tokeniser("", "international")(text).join(" ")).toBe(intl);
  }
});

test("chrF and chrF++ are sacreBLEU's with every option", () => {
  for (const { candidates, references, chrf: expected } of cases) {
    for (const { options, score } of expected) {
      const { char_order, word_order, beta, lowercase } = options as Record<string, number | undefined>;
      const given: ChrfOptions = {
        ...(char_order && { characters: char_order }),
        ...(word_order && { words: word_order }),
        ...(beta && { beta }),
        ...(lowercase && { lowerCase: true }),
      };
      expect(Math.abs(chrf(candidates, references, given) - score), JSON.stringify(options)).toBeLessThan(
        1e-9,
      );
    }
  }
  expect(chrf([""], ["a"])).toBe(0);
  expect(chrf(["a b"], ["ab"])).toBe(100);
});

describe("ROUGE-L", () => {
  test("of the paper's examples", () => {
    const reference = "police killed the gunman";
    const f1 = (candidate: string) => rougeL([candidate], [reference]).f1;
    expect(f1("police kill the gunman")).toBe(0.75);
    expect(f1("the gunman kill police")).toBe(0.5);
    expect(f1("the gunman police killed")).toBe(0.5);
    expect(rougeL(["police the"], [reference])).toEqual({ precision: 1, recall: 0.5, f1: 2 / 3 });
  });

  test("is what torchmetrics gives", () => {
    // It takes letters beyond ASCII for spaces.
    const ascii = (texts: readonly string[]) => texts.every((text) => /^[\0-\x7f]*$/.test(text));
    for (const { candidates, references, rouge } of cases) {
      for (const [i, expected] of rouge.entries()) {
        if (!ascii([candidates[i]!, ...references[i]!])) continue;
        expect(rougeL([candidates[i]!], [references[i]!]).f1).toBeCloseTo(expected, 6);
      }
    }
  });

  test("is a mean over sentences, each with its best reference, and 0 for nothing", () => {
    const { f1, precision, recall } = rougeL(["a b", "", "x"], [["c", "a b c"], "a", ["x"]]);
    expect([precision, recall]).toEqual([2 / 3, (2 / 3 + 1) / 3]);
    expect(f1).toBeCloseTo((0.8 + 0 + 1) / 3, 12);
    expect(rougeL(["à b"], ["À, B!"]).f1).toBe(1);
  });
});

describe("error rates", () => {
  test("are those of torchmetrics", () => {
    for (const { candidates, references, wer, cer } of cases) {
      const first = references.map(([reference]) => reference!);
      expect(wordErrorRate(candidates, first).rate).toBeCloseTo(wer, 6);
      expect(characterErrorRate(candidates, first).rate).toBeCloseTo(cer, 6);
    }
  });

  test("count the changes of all sentences, each with the reference that takes fewest", () => {
    expect(wordErrorRate(["the cat sat", "a b c"], [["a dog", "the cat sat down"], "a x c d"])).toEqual({
      rate: 3 / 8,
      substitutions: 1,
      insertions: 0,
      deletions: 2,
      matches: 5,
    });
    expect(wordErrorRate(["a b"], [["a", "a c d", "a b d"]]).rate).toBe(1 / 3); // of two with one change the longer
  });

  test("of nothing are 1, and infinite where nothing should be", () => {
    expect(characterErrorRate([""], ["abc"])).toMatchObject({ rate: 1, deletions: 3 });
    expect(characterErrorRate(["ab"], [""])).toMatchObject({ rate: Infinity, insertions: 2 });
    expect(characterErrorRate([""], [""]).rate).toBe(0);
    expect(wordErrorRate(["a b c d"], ["x"]).rate).toBe(4);
  });

  test("of characters count code points and spaces", () => {
    expect(characterErrorRate(["a 😀"], ["a😀"])).toMatchObject({ rate: 0.5, insertions: 1, matches: 2 });
    expect(characterErrorRate(["😀"], ["😁"]).substitutions).toBe(1);
  });
});

test("exact matches are equal to a reference, character for character", () => {
  expect(exactMatch(["a", "b ", "c", ""], ["a", "b", ["x", "c"], ""])).toBe(0.75);
});

describe.each([
  ["bleu", bleu],
  ["chrf", chrf],
  ["rougeL", rougeL],
  ["wordErrorRate", wordErrorRate],
  ["characterErrorRate", characterErrorRate],
  ["exactMatch", exactMatch],
] as const)("%s", (name, score) => {
  test.each([
    [[], [], "expected at least one candidate, got none"],
    [["a"], [], `${name}.references: expected references for 1 candidates, got for 0`],
    [["a", "b"], ["a", []], `${name}.references[1]: expected a text or several, got none`],
    [["a"], [undefined], `${name}.references[0]`],
    [["a"], [["a", 1]], `${name}.references[0]`],
    [[1], ["a"], `${name}.candidates[0]: expected a text, got 1`],
  ])("refuses %j with the references %j", (candidates, references, message) => {
    const run = () => score(candidates as string[], references as string[]);
    expect(run).toThrow(InputError);
    expect(run).toThrow(message);
  });
});

test.each<[() => unknown, string]>([
  [() => sentenceBleu("a", []), "sentenceBleu.references[0]: expected a text or several, got none"],
  [() => bleu(["a"], ["a"], { order: 0 }), "bleu.order"],
  [() => bleu(["a"], ["a"], { smoothing: "add-k" as "addK" }), "bleu.smoothing"],
  [() => bleu(["a"], ["a"], { value: -1 }), "bleu.value"],
  [() => bleu(["a"], ["a"], { tokenise: "14" as "13a" }), "bleu.tokenise: expected a function, or 13a,"],
  [() => chrf(["a"], ["a"], { characters: 0 }), "chrf.characters"],
  [() => chrf(["a"], ["a"], { words: -1 }), "chrf.words"],
  [() => chrf(["a"], ["a"], { beta: 0 }), "chrf.beta"],
  [() => wordErrorRate(["a"], ["a"], { tokenise: "toString" as "13a" }), "wordErrorRate.tokenise"],
])("%s is refused", (run, message) => {
  expect(run).toThrow(InputError);
  expect(run).toThrow(message);
});
