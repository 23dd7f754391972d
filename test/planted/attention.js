// Errors to plant in attention.

/** @type {import("./errors.js").Planting} */
export const attention = {
  "assembly/attention/weights.ts": [
    {
      title: "positions in the last vector that are not seen count",
      find: "const e = v128.and(exp(f32x4.sub(v128.load(own), shift)), lanesIn(s, begin, end));",
      replace: "const e = exp(f32x4.sub(v128.load(own), shift));",
    },
    {
      title: "the softmax's gradient lacks the mean",
      find: "f32x4.sub(v128.load(dScores + c), mean)",
      replace: "v128.load(dScores + c)",
    },
    {
      title: "the gradient of a centre lacks the length",
      find: "2 * spread * along * <f32>(length - 1)",
      replace: "2 * spread * along",
    },
    {
      title: "the weights before are not summed up",
      find: "f32x4.add(v128.load(covered + c), v128.load(target + c))",
      replace: "v128.load(target + c)",
    },
    {
      title: "the gradient of the coverage does not reach the weights before",
      find: "if (dCoverage) d = f32x4.add(d, v128.load(dCoverage + c));",
      replace: "",
    },
    {
      title: "the scale of products is not in their gradient",
      find: "f32x4.mul(v128.load(slope + c), f32x4.splat(scale))",
      replace: "v128.load(slope + c)",
    },
  ],
  "assembly/attention/additive.ts": [
    {
      title: "the slope of tanh is 1 - y",
      find: "f32x4.sub(one, f32x4.mul(y, y))",
      replace: "f32x4.sub(one, y)",
    },
    {
      title: "the gradient of the coverage has the first lane alone",
      find: "load<f32>(at) + sum(v128.load(lanes + (s << 4)))",
      replace: "load<f32>(at) + load<f32>(lanes + (s << 4))",
    },
  ],
  "assembly/attention/context.ts": [
    {
      title: "weights that are not seen have a gradient",
      find: "memory.fill(dOwn + i * weightStep + end, 0, line - end);",
      replace: "",
    },
    {
      title: "what follows the last head is left as it was",
      find: "head + 1 == heads ? <usize>contextStride - head * units : <usize>units",
      replace: "<usize>units",
    },
  ],
  "assembly/attention/sight.ts": [
    {
      title: "a query sees the step after its own",
      find: "min(length, query + 1)",
      replace: "min(length, query + 2)",
    },
    {
      title: "all rows of a stream are at the same position",
      find: "first + load<u32>(starts + (row << 2))",
      replace: "first + load<u32>(starts)",
    },
  ],
  "assembly/attention/tile.ts": [
    {
      title: "the last of an odd number of queries is left out",
      find: "if (t < many) dot1(",
      replace: "if (t > many) dot1(",
    },
    {
      title: "rows past the last are read",
      find: "const last = rows + (count - 1) * step;\n  for (let s = begin & ~3; s < end; s += 4) {\n    const r0 = rows + s * step;\n    const r1 = min(r0 + step, last), r2 = min(r0 + 2 * step, last), r3 = min(r0 + 3 * step, last);\n    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;\n    let b0",
      replace:
        "const last = rows;\n  for (let s = begin & ~3; s < end; s += 4) {\n    const r0 = rows + s * step;\n    const r1 = min(r0 + step, last), r2 = min(r0 + 2 * step, last), r3 = min(r0 + 3 * step, last);\n    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;\n    let b0",
    },
  ],
  "assembly/attention/cache.ts": [
    {
      title: "a row that begins anew goes on counting",
      find: "load<u32>(fresh + (row << 2)) ? 0 : load<f32>(count)",
      replace: "load<f32>(count)",
    },
  ],
  "assembly/attention/positions.ts": [
    {
      title: "every row of a batch is a position further",
      find: "(start + row / batch)",
      replace: "(start + row)",
    },
    {
      title: "the gradient of a position is that of the last row",
      find: "total = f32x4.add(total, v128.load(dy + (step * batch + row) * bytes + c));",
      replace: "total = v128.load(dy + (step * batch + row) * bytes + c);",
    },
  ],
  "ts/layers/transformer.ts": [
    {
      title: "the sum is normalised before and not after",
      find: 'norm === "after"',
      replace: 'norm !== "after"',
    },
  ],
  "ts/layers/attention.ts": [
    {
      title: "sums without products are given them",
      find: "additive && projected ? linear",
      replace: "additive ? linear",
    },
    {
      title: "weights of attention are never dropped",
      find: "...{ causal, local, dropout, longest }",
      replace: "...{ causal, local, longest }",
    },
  ],
  "ts/layers/multi-head-attention.ts": [
    {
      title: "products are divided by the root of all units",
      find: "1 / Math.sqrt(units / heads)",
      replace: "1 / Math.sqrt(units)",
    },
  ],
  "ts/layers/positions.ts": [
    {
      title: "sine and cosine have wavelengths of their own",
      find: "(i - (i % 2))",
      replace: "i",
    },
  ],
  "ts/ops/attention.ts": [
    {
      title: "a stream begins every sequence with the coverage of the one before",
      find: "const fresh = continued ? place(graph.fresh) : (0 as const);",
      replace: "const fresh = continued ? covered : (0 as const);",
    },
  ],
  "ts/data/masked-tokens.ts": [
    {
      title: "padding is hidden",
      find: "at % steps < length && ",
      replace: "length > 0 && ",
    },
    {
      title: "every epoch hides the same",
      find: "random(seed, index)",
      replace: "random(seed)",
    },
  ],
};
