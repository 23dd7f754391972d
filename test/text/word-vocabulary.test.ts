/** Words become ids and come back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError, InputError } from "../../ts/errors.js";
import { dense, embedding, load, model, rnn, tokens } from "../../ts/index.js";
import { vocabularyOf } from "../../ts/text/saved-vocabulary.js";
import { wordVocabulary, wordVocabularyOf } from "../../ts/text/word-vocabulary.js";

const text = "the whale, the sea and the ship; a ship and a whale. The end";

describe("a vocabulary of words", () => {
  test("has the frequent words first, equally frequent ones in the order of their letters", () => {
    const { symbols, size } = wordVocabulary(text);
    expect(symbols).toEqual(["the", "a", "and", "ship", "whale", "end", "sea"]);
    expect(size).toBe(7);
    expect(wordVocabulary(["the whale, the sea", "and the ship"]).symbols[0]).toBe("the");
  });

  test("can leave out rare words and the least frequent ones", () => {
    expect(wordVocabulary(text, { atLeast: 2 }).symbols).toEqual(["the", "a", "and", "ship", "whale"]);
    expect(wordVocabulary(text, { atMost: 3 }).symbols).toEqual(["the", "a", "and"]);
    const special = { padding: "<pad>", end: "<end>", unknown: "<unknown>" };
    expect(wordVocabulary(text, { atMost: 4, special }).symbols).toEqual([...Object.values(special), "the"]);
  });

  test("encodes and decodes", () => {
    const vocabulary = wordVocabularyOf(["my", "name", "is", "ram", "city", "delhi"]);
    expect([...vocabulary.encode("My name is Ram.")]).toEqual([0, 1, 2, 3]);
    expect([...vocabulary.encode("My city is Delhi.")]).toEqual([0, 4, 2, 5]);
    expect(vocabulary.decode([0, 4, 2, 5])).toBe("my city is delhi");
    expect([
      vocabulary.id("city"),
      vocabulary.symbol(4),
      vocabulary.has("city"),
      vocabulary.has("City"),
    ]).toEqual([4, "city", true, false]);
  });

  test("gives unknown words their symbol, or names the first and what is spelled like it", () => {
    const tolerant = wordVocabulary(text, { atLeast: 2, special: { unknown: "<?>" } });
    expect([...tolerant.encode("the end")]).toEqual([tolerant.id("the"), tolerant.id("<?>")]);
    expect(() => wordVocabulary(text).encode("the whole whale")).toThrow(
      new InputError({
        where: "wordVocabulary.encode, word 1",
        expected: "one of the 7 symbols of the vocabulary",
        got: '"whole"',
        hint: 'did you mean "whale"?',
      }),
    );
    expect(() => tolerant.id("shop")).toThrow('did you mean "ship"?');
    expect(() => tolerant.symbol(6)).toThrow("wordVocabulary.symbol: expected an id from 0 to 5, got 6");
    expect(() => tolerant.decode([0, -1])).toThrow("wordVocabulary.decode[1]");
  });

  test("never gives a word of a text the id of a special symbol", () => {
    const vocabulary = wordVocabulary("end of the end", { special: { end: "end", unknown: "<?>" } });
    expect([...vocabulary.encode("the end")]).toEqual([vocabulary.id("the"), vocabulary.special.unknown]);
    expect(() => wordVocabulary("end of", { special: { end: "end" } }).encode("end")).toThrow(InputError);
    expect(vocabulary.decode([...vocabulary.encode("of the"), 0, 1], { special: false })).toBe("of the");
  });

  test("keeps punctuation, or every character so that texts come back as they were", () => {
    const marks = wordVocabulary("Hello, world! “Hello”", { keep: "punctuation" });
    expect(marks.decode(marks.encode("hello world, !"))).toBe("hello world , !");
    const any = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)), minLength: 1 });
    const spaced = fc.string({
      unit: fc.constantFrom("a", " ", "\r\n", "\u0301", ".", "é"),
      minLength: 1,
      maxLength: 3000,
    });
    fc.assert(
      fc.property(fc.oneof(any, spaced), (text) => {
        const all = wordVocabulary(text, { keep: "all", lowerCase: false });
        expect(all.decode(vocabularyOf(all.definition).encode(text))).toBe(text);
      }),
    );
  });

  test("comes back from its definition", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "B", "sea", "Whale"), { minLength: 1 }), (list) => {
        const made = wordVocabulary(list.join(" "), { lowerCase: false, special: { unknown: "?" } });
        const again = vocabularyOf(JSON.parse(JSON.stringify(made.definition)));
        expect(again.encode("a Whale, B, Bee")).toEqual(made.encode("a Whale, B, Bee"));
      }),
    );
  });

  test("is saved with a model", async () => {
    const vocabulary = wordVocabulary(text, { special: { unknown: "<?>" }, lowerCase: false });
    const net = await model(tokens(vocabulary), embedding(2), rnn(3), dense(vocabulary.size));
    const again = await load(net.save());
    expect(again.vocabulary!.definition).toEqual(vocabulary.definition);
    expect(again.vocabulary!.encode(`${text} xyz`)).toEqual(vocabulary.encode(`${text} xyz`));
  });

  test("in a file is refused unless its rules are such", async () => {
    const vocabulary = wordVocabulary("a b", { locale: "en" });
    const bytes = (await model(tokens(vocabulary), embedding(2))).save();
    const damaged = Uint8Array.from(bytes);
    const at = new TextDecoder("latin1").decode(damaged).indexOf('\\"en\\"');
    damaged.set(new TextEncoder().encode('\\"?!\\"'), at);
    await expect(load(damaged)).rejects.toThrow(FormatError);
  });

  test.each([
    [() => wordVocabulary(""), "at least one symbol"],
    [() => wordVocabulary("a b", { atLeast: 2 }), "nothing in it is frequent enough"],
    [() => wordVocabularyOf([]), "at least one symbol"],
    [() => wordVocabularyOf(["a", "b", "a"]), '"a", which is also the symbol 0'],
    [() => wordVocabularyOf(["a", ""]), "wordVocabulary.symbols[1]"],
    [() => wordVocabularyOf(["a"], {}, { locale: "?" }), "a language tag"],
    [() => wordVocabularyOf(["a"], {}, { lowercase: true } as object), "only locale, lowerCase, keep"],
    [
      () => wordVocabularyOf(["a"], {}, { locale: 1 } as object),
      "wordVocabulary.locale: expected a language tag",
    ],
    [
      () => wordVocabularyOf(["a"], {}, { lowerCase: 1 } as object),
      "wordVocabulary.lowerCase: expected true",
    ],
  ])("refuses %s", (make, message) => {
    expect(make).toThrow(InputError);
    expect(make).toThrow(message);
  });
});
