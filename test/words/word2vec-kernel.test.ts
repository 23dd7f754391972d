/** The word2vec kernel trains as the papers' equations do, one pair at a time in float64. */
import { describe, expect, test } from "vitest";
import { createEngineOf } from "../../ts/engine/create.js";
import { rowLayout } from "../../ts/graph/parameter.js";
import { kernels } from "../../ts/words/words.gen.js";
import { guarded, pack, unpack } from "../kernels/operands.js";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { type Setting, train } from "../reference/word2vec.js";

const engine = await createEngineOf(kernels, { memory: 16 });

const entries = 11;
const lengths = [1, 9, 2, 0, 14, 5];

function setting(changes: Partial<Setting> = {}): Setting {
  return {
    sentences: lengths.map((length, i) => [...indices(length, entries, 7 + i)]),
    bags: Array.from({ length: entries }, (_, word) => [word]),
    alias: Array.from({ length: entries }, (_, word) => [
      (word * 0x17000000) >>> 0,
      (word * 7 + 3) % entries,
    ]),
    negatives: 5,
    paths: Array.from({ length: entries }, (_, word) =>
      Array.from({ length: 1 + (word % 4) }, (_, i) => [(word + 3 * i) % entries, (word >> i) & 1] as const),
    ),
    window: 3,
    cbow: false,
    rate: 0.1,
    key: 5,
    epoch: 2,
    ...changes,
  };
}

/** Lists one after another, and where each begins. */
function flatten(lists: readonly (readonly number[])[]): { starts: Uint32Array; all: Uint32Array } {
  const starts = [0];
  for (const list of lists) starts.push(starts.at(-1)! + list.length);
  return { starts: Uint32Array.from(starts), all: Uint32Array.from(lists.flat()) };
}

const own = ({ bags }: Setting) => bags.every((bag, word) => bag.length === 1 && bag[0] === word);

/** What the kernel makes of drawn tables, its sentences computed in the given ranges. */
function run(given: Setting, width: number, ranges = [[0, lengths.length]]) {
  const rows = 1 + Math.max(...given.bags.flat());
  const [before, beforeOut] = [normals(rows * width, 1, 0.5), normals(entries * width, 2, 0.5)];
  const layout = rowLayout(rows, width);
  const layoutOut = rowLayout(entries, width);
  const corpus = flatten(given.sentences);
  const bags = flatten(given.bags);
  const paths = flatten(given.paths.map((path) => path.map(([node, turn]) => node * 2 + turn)));
  const bytes = engine.call("scratchBytes", { stride: layout.stride, longest: Math.max(...lengths) });
  return guarded(engine, (operands) => {
    const inputs = operands.output(pack(before, layout));
    const outputs = operands.output(pack(beforeOut, layoutOut));
    const scratch = operands.output(new Float32Array(bytes / 4));
    const zero = 0 as typeof scratch.address;
    const call = {
      words: operands.input(corpus.all).address,
      starts: operands.input(corpus.starts).address,
      bagStarts: own(given) ? zero : operands.input(bags.starts).address,
      bagRows: own(given) ? zero : operands.input(bags.all).address,
      keep: given.keep ? operands.input(Uint32Array.from(given.keep)).address : zero,
      alias: operands.input(Uint32Array.from(given.alias.flat())).address,
      entries,
      negatives: given.negatives,
      pathStarts: operands.input(paths.starts).address,
      pathNodes: operands.input(paths.all).address,
      inputTable: inputs.address,
      outputTable: outputs.address,
      scratch: scratch.address,
      width,
      stride: layout.stride,
      window: given.window,
      cbow: given.cbow ? 1 : 0,
      rate: given.rate,
      key0: given.key,
      key1: 0,
      epoch: given.epoch,
    };
    for (const [from, to] of ranges) engine.call("word2vec", { ...call, from: from!, to: to! });
    const [loss, terms] = new Float64Array(scratch.floats().buffer);
    const after = [unpack(inputs.floats(), layout), unpack(outputs.floats(), layoutOut)];
    const padding = inputs.floats().filter((_, i) => i % layout.stride >= width);
    return { after, loss, terms, padding, before: [before, beforeOut] };
  });
}

const toRows = (values: Float32Array, width: number) =>
  Array.from({ length: values.length / width }, (_, r) => [...values.subarray(r * width, (r + 1) * width)]);

const subwords = Array.from({ length: entries }, (_, word) => [word, ...[11, 14, 12, 17].slice(word % 5)]);
const keep = Array.from({ length: entries }, (_, word) => (word % 3 === 0 ? 0x60000000 : 0xffffffff));

describe("word2vec", () => {
  test.each<[string, Partial<Setting>]>([
    ["skip-gram", {}],
    ["skip-gram of one negative", { negatives: 1 }],
    ["skip-gram of seventeen negatives", { negatives: 17 }],
    ["skip-gram with a hierarchical softmax", { negatives: 0 }],
    ["skip-gram of subwords", { bags: subwords }],
    ["skip-gram with subsampling", { keep }],
    ["skip-gram over a window of 12", { window: 12 }],
    ["CBOW", { cbow: true }],
    ["CBOW with a hierarchical softmax", { cbow: true, negatives: 0 }],
    ["CBOW of subwords with subsampling", { cbow: true, bags: subwords, keep }],
  ])("of %s is as in float64", (_, changes) => {
    for (const width of [1, 3, 4, 5, 8, 13, 64]) {
      const given = setting(changes);
      const { after, loss, terms, padding, before } = run(given, width);
      const [inputs, outputs] = before.map((values) => toRows(values, width));
      const [expectedLoss, expectedTerms] = train(given, inputs!, outputs!);
      expect(terms).toBe(expectedTerms);
      expect(terms).toBeGreaterThan(20);
      expect(Math.abs(loss! / expectedLoss - 1)).toBeLessThan(1e-6);
      expectClose(after[0]!.values, inputs!.flat(), 1e-6, `inputs of width ${width}`);
      expectClose(after[1]!.values, outputs!.flat(), 1e-6, `outputs of width ${width}`);
      expectZeros(padding);
    }
  });

  test("has the same bits whether its sentences come at once or in parts", () => {
    const given = setting({ keep });
    const all = run(given, 13);
    const parts = run(given, 13, [
      [0, 2],
      [2, 3],
      [3, 6],
    ]);
    for (const table of [0, 1]) {
      expectSameBits(Float32Array.from(parts.after[table]!.values), all.after[table]!.values);
    }
  });
});
