// Errors to plant in what makes vectors of words.

/** @type {import("./errors.js").Planting} */
export const words = {
  "assembly/words/block.ts": [
    {
      title: "gradients of hidden rows add up from word to word",
      find: "  memory.fill(dHidden, 0, (rows + (rows & 1)) * stride);\n",
      replace: "",
    },
    {
      title: "a single hidden row is worked on with whatever was beside it",
      find: "  if (rows & 1) store<u32>(block + (rows << 2), <u32>zeros, HIDDEN);\n",
      replace: "",
    },
    {
      title: "outputs that are none count in the loss",
      find: "v128.and(counts, log(p))",
      replace: "log(p)",
    },
    {
      title: "a hidden row gets nothing from the third output row of a tile",
      find: "f32x4.add(f32x4.add(b, f32x4.mul(g11, y)), f32x4.mul(g12, z))",
      replace: "f32x4.add(b, f32x4.mul(g11, y))",
    },
  ],
  "assembly/words/word2vec.ts": [
    {
      title: "a word drawn twice learns twice",
      find: "    if (!fresh) continue;\n",
      replace: "",
    },
    {
      title: "the window is never as wide as it may be",
      find: "(<u64>load<u32>(lane, 16) * window) >> 32)",
      replace: "(<u64>load<u32>(lane, 16) * (window - 1)) >> 32)",
    },
    {
      title: "a word left out takes its place in the sentence all the same",
      find: "const at = kept + count++ * 12;",
      replace: "const at = kept + (count = place - first + 1) * 12 - 12;",
    },
    {
      title: "left turns of a path are unlikely",
      find: "turn & 1 ? -1 : 1",
      replace: "turn & 1 ? 1 : -1",
    },
    {
      title: "the mean is a sum",
      find: "f32x4.splat(1 / <f32>members)",
      replace: "f32x4.splat(1)",
    },
    {
      title: "the ninth negative sample is the first again",
      find: "(place * groups + (n >> 3)) << 2",
      replace: "(place * groups) << 2",
    },
  ],
  "assembly/words/glove.ts": [
    {
      title: "AdaGrad divides by the sum before the step",
      find: "f32x4.div(f32x4.mul(r, gx), f32x4.sqrt(sx))",
      replace: "f32x4.div(f32x4.mul(r, gx), f32x4.sqrt(f32x4.sub(sx, f32x4.mul(gx, gx))))",
    },
  ],
  "assembly/words/dot.ts": [
    {
      title: "the numbers past the last whole sixteen are left out",
      find: "  while (a < end) {",
      replace: "  while (a + 16 < end) {",
    },
  ],
  "assembly/words/similarity.ts": [
    {
      title: "scores are not scaled",
      find: "load<f32>(scales + (row << 2)) * dot",
      replace: "dot",
    },
  ],
  "ts/words/draws.ts": [
    {
      title: "the two lightest nodes are both words as long as there are any",
      find: "leaf < size && (inner === made || weights[leaf]! <= weights[inner]!)",
      replace: "leaf < size",
    },
  ],
  "ts/words/vectors.ts": [
    {
      title: "an analogy goes the other way",
      find: "value - x![i]! + y![i]!",
      replace: "value + x![i]! - y![i]!",
    },
    {
      title: "the last of the nearest words is not replaced by a nearer one",
      find: "let place = Math.min(best.length, most - 1);",
      replace: "let place = best.length;",
    },
  ],
  "ts/words/vectorise.ts": [
    {
      title: "smoothing adds to the texts but not to those with the term",
      find: "(frequencies.get(term)! + more)",
      replace: "frequencies.get(term)!",
    },
  ],
  "ts/words/read-text.ts": [
    {
      title: "a line that is cut between two pieces loses its beginning",
      find: "    this.#rest = all.slice(end);",
      replace: "    this.#rest = bytes.slice(end);",
    },
  ],
  "ts/ops/gather.ts": [
    {
      title: "the row of padding learns",
      find: "skipped: touched ? NONE : padding",
      replace: "skipped: NONE",
    },
  ],
};
