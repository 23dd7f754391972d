/** Pickles are data: a closed list of opcodes and of names, and nothing else is read, whatever it would have done. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/errors.js";
import { unpickle } from "../../ts/torch/pickle.js";

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const pickle = (...parts: (string | number)[]) =>
  Uint8Array.from([0x80, 2, ...parts.flatMap((part) => (typeof part === "string" ? ascii(part) : part))]);
const read = (bytes: Uint8Array, memory = 1e6) => unpickle(bytes, "pickle", memory);
/** BINUNICODE of a short text. */
const text = (value: string): [string, number, number, number, number, string] => [
  "X",
  value.length,
  0,
  0,
  0,
  value,
];

describe("objects:", () => {
  test.each<[string, Uint8Array, unknown]>([
    ["None", pickle("N."), null],
    ["True", pickle(0x88, "."), true],
    ["False", pickle(0x89, "."), false],
    ["a byte", pickle("K", 255, "."), 255],
    ["two bytes", pickle("M", 1, 2, "."), 513],
    ["four bytes", pickle("J", 0xfe, 255, 255, 255, "."), -2],
    ["a long number", pickle(0x8a, 6, 0, 0, 0, 0, 0, 1, "."), 2 ** 40],
    ["a negative long number", pickle(0x8a, 1, 0xff, "."), -1],
    ["a longer number", pickle(0x8a, 8, 1, 0, 0, 0, 0, 0, 0, 0x40, "."), 2n ** 62n + 1n],
    ["zero of no bytes", pickle(0x8a, 0, "."), 0],
    ["a float", pickle("G", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, "."), 1.5],
    ["a text", pickle("X", 2, 0, 0, 0, 0xc3, 0xa9, "."), "é"],
    ["an empty tuple", pickle(")."), []],
    ["a tuple of three", pickle("K", 1, "K", 2, "K", 3, 0x87, "."), [1, 2, 3]],
    ["a tuple of four", pickle("(NNNNt."), [null, null, null, null]],
    ["a list", pickle("](K", 1, "K", 2, "eNa."), [1, 2, null]],
    [
      "a dictionary",
      pickle("}(", ...text("a"), "K", 1, "K", 5, "NuNNs."),
      new Map<unknown, unknown>([
        ["a", 1],
        [5, null],
        [null, null],
      ]),
    ],
    [
      "an OrderedDict with attributes",
      pickle("ccollections\nOrderedDict\n)R}(", ...text("_metadata"), "Nub."),
      new Map(),
    ],
    ["the same list again", pickle("]q", 7, "h", 7, 0x86, "."), [[], []]],
    ["the same far in the memo", pickle("]r", 1, 1, 0, 0, "j", 1, 1, 0, 0, 0x86, "."), [[], []]],
  ])("%s", (_, bytes, expected) => {
    expect(read(bytes)).toEqual(expected);
  });

  test("a list within itself", () => {
    const list = read(pickle("]q", 0, "h", 0, "a.")) as unknown[];
    expect(list[0]).toBe(list);
  });

  test("keys that are properties of every object", () => {
    const map = read(pickle("}", ...text("__proto__"), "Ns.")) as Map<string, null>;
    expect([...map]).toEqual([["__proto__", null]]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe("is refused:", () => {
  const storage = (...parts: (string | number)[]) =>
    pickle("(", ...text("storage"), "ctorch\nFloatStorage\n", ...text("0"), ...text("cpu"), ...parts, "tQ.");
  const tensor = (...args: (string | number)[]) =>
    pickle("ctorch._utils\n_rebuild_tensor_v2\n(", ...args, "tR.");
  test.each<[string, Uint8Array, string]>([
    ["a call of the system", pickle("cos\nsystem\n(", ...text("ls"), "tR."), 'got "os system"'],
    ["a function of Python", pickle("cbuiltins\neval\n."), 'got "builtins eval"'],
    [
      "a name of ours with another module",
      pickle("ctorch\n_rebuild_tensor_v2\n."),
      "expected one of collections OrderedDict",
    ],
    ["a property of all objects", pickle("c__proto__\nconstructor\n."), "got "],
    ["an instance", pickle("(ios\nsystem\n."), "an opcode of data, got 0x69"],
    ["an object by its class", pickle("(cos\nsystem\no."), "got"],
    ["a new object", pickle(0x81), "0x81"],
    ["an extension", pickle(0x82, 1), "0x82"],
    ["a name from the stack", pickle(0x93), "0x93"],
    ["old texts", pickle("S'a'\n."), "0x53"],
    ["another protocol", Uint8Array.of(0x80, 4, 0x4e, 0x2e), "a pickle of protocol 2"],
    ["a protocol within", pickle(0x80, 2, "N."), "0x80"],
    ["nothing", new Uint8Array(0), "a pickle of protocol 2"],
    ["no end", pickle("N"), "at byte 3: expected more bytes"],
    ["no object", pickle("."), "an object on the stack"],
    ["two objects", pickle("NN."), "one object"],
    ["a mark at the end", pickle("N(."), "an object on the stack"],
    ["a mark below the object", pickle("(N."), "one object"],
    ["bytes behind the end", pickle("N.N"), "1 bytes more"],
    ["a tuple without a mark", pickle("Nt."), "a mark"],
    ["a pair of one", pickle("N", 0x86, "."), "an object on the stack"],
    ["a pair from below a mark", pickle("N(N", 0x86, "."), "an object on the stack"],
    ["a key without a value", pickle("}(Nu."), "pairs"],
    ["a key that is a list", pickle("}]Ns."), "a key that is text or a number, got a list"],
    ["a value for a list", pickle("](NNu."), "a dictionary below, got a list"],
    ["an item for a dictionary", pickle("}Na."), "a list below, got a dictionary"],
    ["an empty place of the memo", pickle("h", 0, "."), "none at 0"],
    ["a number of nine bytes", pickle(0x8a, 9, "123456789."), "at most 8 bytes"],
    ["a text past the end", pickle("X", 255, 255, 255, 255, "a."), "more bytes"],
    ["a text that is not UTF-8", pickle("X", 1, 0, 0, 0, 0xff, "."), "UTF-8"],
    ["a name without an end", pickle("ccollections"), "the end of its line"],
    ["a long name", pickle(`c${"a".repeat(300)}\nb\n.`), "at most 256 letters"],
    ["a call of a number", pickle("K", 1, ")R."), "a name and its arguments, got a number and a list"],
    ["arguments that are none", pickle("ccollections\nOrderedDict\nNR."), "got OrderedDict and None"],
    [
      "items for an OrderedDict",
      pickle("ccollections\nOrderedDict\n(]tR."),
      "arguments that OrderedDict takes",
    ],
    ["a storage that is called", pickle("ctorch\nFloatStorage\n)R."), "arguments that F32 takes"],
    ["an id that is no tuple", pickle("NQ."), "the id of a storage"],
    [
      "an id of another kind",
      pickle("(", ...text("module"), "ctorch\nFloatStorage\nNNNtQ."),
      "the id of a storage",
    ],
    ["a storage of a negative count", storage("J", 255, 255, 255, 255), "the id of a storage"],
    ["a storage of a fraction", storage("G", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0), "the id of a storage"],
    ["a tensor of no storage", tensor("NK", 0, "))", 0x89, "N"), "arguments that tensor takes"],
    [
      "a parameter of no tensor",
      pickle("ctorch._utils\n_rebuild_parameter\n(N", 0x88, "NtR."),
      "arguments that parameter takes",
    ],
    ["attributes of a list", pickle("]}b."), "a dictionary below"],
  ])("%s", (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(FormatError);
    expect(() => read(bytes)).toThrow(message);
  });

  test("more memory than the limit, and not as much", () => {
    expect(read(pickle("K", 1, "."), 24)).toBe(1);
    expect(() => read(pickle("K", 1, "."), 23)).toThrow("objects of at most 23 bytes");
    expect(read(pickle("K", 1, "K", 2, 0x86, "."), 136)).toEqual([1, 2]);
    expect(() => read(pickle("K", 1, "K", 2, 0x86, "."), 135)).toThrow("objects of at most 135 bytes");
  });

  test.each([
    ["lists", "]]"],
    ["dictionaries", "}}"],
    ["marks", "(("],
    ["references", "h\0"],
  ])("millions of %s, by the limit and soon", (_, pair) => {
    const [even, odd] = ascii(pair) as [number, number];
    const bytes = new Uint8Array(4_000_000).map((_, i) => (i % 2 ? even : odd));
    bytes.set(pickle("]q", 0));
    expect(() => read(bytes, 16_777_216)).toThrow("objects of at most 16777216 bytes");
  });
});

test("any bytes give data or a FormatError", () => {
  const opcode = fc.constantFrom(...ascii('()]}tasueNKMJGXcRQbqrhj."'), 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a);
  const name = fc.constantFrom(
    "collections\nOrderedDict\n",
    "torch\nFloatStorage\n",
    "torch._utils\n_rebuild_tensor_v2\n",
  );
  const part = fc.oneof(
    opcode,
    fc.nat(255),
    name.map((path) => `c${path}`),
    fc.constantFrom("ctorch\nX\n", "\0\0\0"),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
      try {
        read(pickle(...parts));
      } catch (fault) {
        if (!(fault instanceof FormatError)) throw fault;
      }
    }),
    { numRuns: 5000 },
  );
});
