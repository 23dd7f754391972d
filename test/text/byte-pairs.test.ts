/** Byte pairs are learnt and applied as published, and every text comes back as it was. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, InputError } from "../../ts/errors.js";
import {
  bytePairVocabulary,
  dense,
  embedding,
  load,
  model,
  rnn,
  tokens,
  type Vocabulary,
  vocabularyOf,
} from "../../ts/index.js";
import { pieces } from "../../ts/text/byte-pairs.js";
import { visibleBytes } from "../../ts/text/bytes.js";
import golden from "../golden/text/byte-pairs.json" with { type: "json" };
import { apply, merges } from "../reference/byte-pairs.js";

/** Every string there is, lone surrogates included. */
const anyString = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
const fewLetters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 40 });
const texts = fc.oneof(
  anyString,
  fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)) }),
  fewLetters,
  fc.constantFrom("\ud83d", " 😀  \n"),
);

const mergesOf = ({ definition }: Vocabulary) => (definition.kind === "bytePairs" ? definition.merges : []);
const special = { padding: "<pad>", end: "<end>" };
const places = new Map(visibleBytes().map(({ character }, id) => [character, id]));

describe("byte pairs", () => {
  test("are those that the tokenizers library learns and applies", () => {
    const learnt = bytePairVocabulary(golden.text, { size: 458, special });
    expect(mergesOf(learnt)).toEqual(golden.merges);
    expect(learnt.size).toBe(258 + golden.merges.length);
    for (const { text, ids } of golden.encoded) expect([...learnt.encode(text)]).toEqual(ids);
  });

  test("of the words of the paper are merged in its order", () => {
    // low 5 times, lower 2, newest 6, widest 3; the paper breaks ties otherwise, and has an end of words instead of spaces.
    const text = ["low", "lower", "newest", "widest"].flatMap((word, i) => Array([5, 2, 6, 3][i]).fill(word));
    expect(mergesOf(bytePairVocabulary(text, { size: 262 }))).toEqual([
      "e s",
      "es t",
      "l o",
      "lo w",
      "e w",
      "n ew",
    ]);
  });

  test("are those that counting everything anew gives", () => {
    fc.assert(
      fc.property(
        fc.array(fewLetters, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 3 }),
        (list, atLeast) => {
          const learnt = bytePairVocabulary(list, { size: 256 + 12, atLeast });
          const words = new Map(list.filter((word) => word !== "").map((word) => [[...word], 1]));
          const expected = merges(words, 12, atLeast, (symbol) => places.get(symbol)!);
          expect(mergesOf(learnt)).toEqual(expected);
          for (const word of list) {
            expect(Array.from(learnt.encode(word), learnt.symbol)).toEqual(apply([...word], expected));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("give back every string, with merges and without", () => {
    const vocabularies = [
      bytePairVocabulary(golden.text, { size: 458, special }),
      bytePairVocabulary("", { size: 256 }),
      bytePairVocabulary(["\ud83d \ud83d\ude00 ".repeat(9), "aaaaaaaaaaaaaaaa"], { size: 300 }),
    ];
    fc.assert(
      fc.property(texts, (text) => {
        expect(pieces(text).join("")).toBe(text);
        for (const vocabulary of vocabularies) expect(vocabulary.decode(vocabulary.encode(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("never give the id of a special symbol, which decoding can leave out", () => {
    const learnt = bytePairVocabulary("<pad><pad><end> <end>", { size: 300, special });
    const ids = learnt.encode("<pad><end>");
    expect(Math.min(...ids)).toBeGreaterThan(1);
    const ended = [...learnt.encode("é"), learnt.special.end!, ...ids, learnt.special.padding!];
    expect(learnt.decode(ended)).toBe("é<end><pad><end><pad>");
    expect(learnt.decode(ended, { special: false })).toBe("é<pad><end>");
  });

  test("that cut a code point in two are decoded to U+FFFD", () => {
    const bytes = bytePairVocabulary("", { size: 256 });
    expect(bytes.decode(bytes.encode("é").slice(0, 1))).toBe("\ufffd");
    expect(bytes.decode([...bytes.encode("😀").slice(0, 3), ...bytes.encode("a")])).toBe("\ufffda");
  });

  test("have symbols that can be seen, as GPT-2 writes them", () => {
    const learnt = bytePairVocabulary("the the the theé", { size: 262 });
    expect(learnt.symbols.slice(256)).toEqual(["he", "the", "Ġthe"]);
    expect([learnt.symbol(0), learnt.symbol(220), learnt.id("Ġ")]).toEqual(["!", "Ġ", 220]);
    expect(learnt.has("Ã©") || learnt.has("xyz")).toBe(false);
  });

  test("are saved with a model and come back", async () => {
    const learnt = bytePairVocabulary(golden.text, { size: 280, special });
    const net = await model(tokens(learnt), embedding(2), rnn(3), dense(learnt.size));
    const again = (await load(net.save())).vocabulary!;
    expect(again.definition).toEqual(learnt.definition);
    expect(again.special).toEqual({ padding: 0, end: 1 });
    expect(again.encode(golden.text)).toEqual(learnt.encode(golden.text));
  });

  test("in a file are refused unless each merge can be made", async () => {
    const learnt = bytePairVocabulary("abab", { size: 257 });
    const bytes = (await model(tokens(learnt), embedding(2))).save();
    const at = new TextDecoder("latin1").decode(bytes).indexOf("a b");
    const damaged = Uint8Array.from(bytes);
    damaged[at + 1] = 0x62;
    await expect(load(damaged)).rejects.toThrow(FormatError);
  });

  test("of a long run of one letter are merged in little time", () => {
    const long = "a".repeat(200_000);
    const learnt = bytePairVocabulary(long, { size: 270 });
    const ids = learnt.encode(long);
    expect(ids.length).toBeLessThan(400);
    expect(learnt.decode(ids)).toBe(long);
    expect(Math.max(...learnt.symbols.map(({ length }) => length))).toBe(1024);
  });

  test.each([
    [["ab c"], "merges[0]: expected two symbols that are there before it"],
    [["a b c"], "merges[0]"],
    [["a"], "merges[0]"],
    [["a b", "a b"], 'merges[1]: expected every merge once, got "a b" again'],
    [["a b", "ab a", "c ab b"], "merges[2]"],
    [
      Array.from({ length: 12 }, (_, i) => `${"a".repeat(2 ** i)} ${"a".repeat(2 ** i)}`),
      "merges[10]: expected at most",
    ],
  ])("refuse the merges %j", (list, message) => {
    const make = () => vocabularyOf({ kind: "bytePairs", merges: list });
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });

  test("refuse sizes below the bytes and special symbols that are bytes", () => {
    expect(() => bytePairVocabulary("a", { size: 257, special })).toThrow("a whole number from 258");
    expect(() => bytePairVocabulary("a", { size: 260, atLeast: 0 })).toThrow("bytePairVocabulary.atLeast");
    expect(() => bytePairVocabulary("a", { size: 260, special: { end: "a" } })).toThrow("every symbol once");
  });

  test("made in two ways are one symbol", () => {
    const both = vocabularyOf({ kind: "bytePairs", merges: ["a b", "b c", "ab c", "a bc"] });
    expect(both.size).toBe(256 + 3);
    expect(both.decode(both.encode("abcbc abc"))).toBe("abcbc abc");
  });
});
