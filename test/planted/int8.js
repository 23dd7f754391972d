// Errors to plant in weights of int8.

/** @type {import("./errors.js").Planting} */
export const int8 = {
  "assembly/int8.ts": [
    {
      title: "an infinity in a row does not make it NaN",
      find: "m < Infinity ? m / BOUND : NaN",
      replace: "m / BOUND",
    },
    {
      title: "rows of tiny numbers are divided by nothing",
      find: "m < TINY ? 0 : ",
      replace: "",
    },
    {
      title: "every second pair of numbers changes places",
      find: "v128.shuffle<i32>(x, x, 0, 2, 1, 3)",
      replace: "x",
    },
    {
      title: "what was added to every second weight is not taken away in full",
      find: "-128 * (",
      replace: "-127 * (",
    },
    {
      title: "the other half of the weights is shifted",
      find: "i16x8.splat(0x80)",
      replace: "i16x8.splat(-0x8000)",
    },
    {
      title: "the last eight columns have the scales of the first",
      find: "finish(d, scale, panel + 48,",
      replace: "finish(d, scale, panel + 16,",
    },
    {
      title: "rows past the first block of a share are not rounded",
      find: "for (let row = block; row < end; row++) quantiseRow",
      replace: "for (let row = from; row < min(from + ROWS, to); row++) quantiseRow",
    },
    {
      title: "half of a table is read twice",
      find: "i32x4.extend_high_i16x8_s(eight)",
      replace: "i32x4.extend_low_i16x8_s(eight)",
    },
  ],
  "ts/graph/int8.ts": [
    {
      title: "a table has the scales of its columns",
      find: 'this.#scaled === "rows" ? Math.floor(element / columns) : element % columns',
      replace: "element % columns",
    },
    {
      title: "weights are read as the kernels arrange them",
      find: "    this.#arrange(engine, copy.address);\n",
      replace: "",
    },
  ],
  "ts/model/quantise.ts": [
    {
      title: "weights are rounded towards zero",
      find: "Math.round(value / scale)",
      replace: "Math.trunc(value / scale)",
    },
    {
      title: "weights that are not finite are quantised",
      find: "if (!Number.isFinite(value)) {",
      replace: "if (false) {",
    },
  ],
  "ts/model/network.ts": [
    {
      title: "a quantised model can be trained",
      find: "    this.#keeping?.refuseGradients();\n",
      replace: "",
    },
    {
      title: "kernels of float32 take the places of those of int8",
      find: "[...graph.sets, keeping.kernels]",
      replace: "[keeping.kernels, ...graph.sets]",
    },
  ],
  "ts/ops/product.ts": [
    {
      title: "the rows of a product have room for half of their numbers",
      find: "rows * (4 + roundUp(layout.rows, LINE) / 2)",
      replace: "rows * (4 + roundUp(layout.rows, LINE) / 4)",
    },
  ],
};
