// Errors to plant in what reads and writes ONNX files, and in the wirings that they become.

/** @type {import("./errors.js").Planting} */
export const onnx = {
  "ts/onnx/recurrent.ts": [
    {
      title: "the gates of an LSTM keep ONNX's order",
      find: "gates: [0, 2, 3, 1]",
      replace: "gates: [0, 1, 2, 3]",
    },
    {
      title: "a GRU's reset and update gate change places",
      find: "gates: [1, 0, 2]",
      replace: "gates: [0, 1, 2]",
    },
    { title: "peepholes keep ONNX's order", find: "[0, 2, 1], units", replace: "[0, 1, 2], units" },
    {
      title: "both directions have the functions of the first",
      find: "activations.slice(index * defaults.length, (index + 1) * defaults.length)",
      replace: "activations.slice(0, defaults.length)",
    },
    {
      title: "a constant goes to every function",
      find: 'constants[constant as "alpha" | "beta"].shift() ?? value',
      replace: 'constants[constant as "alpha" | "beta"][0] ?? value',
    },
    {
      title: "layout is not looked at",
      find: 'attributes.integer("layout", 0) === 1',
      replace: 'attributes.integer("layout", 0) === 2',
    },
  ],
  "ts/onnx/recurrent-states.ts": [
    {
      title: "initial states that differ from row to row are taken from the first",
      find: "for (let i = 1; i < batch; i++)",
      replace: "for (let i = 1; i < 0; i++)",
    },
  ],
  "ts/onnx/tensor.ts": [
    {
      title: "float16 is read with one bit too many in its fraction",
      find: "const fraction = bits & 1023;",
      replace: "const fraction = bits & 2047;",
    },
    {
      title: "the name of another file is passed over",
      find: "externalData.length > 0",
      replace: "externalData.length > 9",
    },
  ],
  "ts/onnx/wire.ts": [
    {
      title: "one item more than the limit",
      find: "++items > bounds.items",
      replace: "items++ > bounds.items",
    },
    {
      title: "a message may end behind its end",
      find: "if (reader.pos !== end) refuse(",
      replace: "if (reader.pos < end) refuse(",
    },
  ],
  "ts/onnx/file.ts": [
    {
      title: "an attribute that nobody knows is passed over",
      find: "for (const name of this.#unread) {",
      replace: "for (const name of [] as string[]) {",
    },
  ],
  "ts/onnx/products.ts": [
    {
      title: "Gemm's beta is left out",
      find: "weight.shape[1] as number), beta)",
      replace: "weight.shape[1] as number), 1)",
    },
    {
      title: "Gemm's weight is never transposed",
      find: 'attributes.integer("transB", 0) !== 0',
      replace: 'attributes.integer("transB", 0) > 1',
    },
  ],
  "ts/onnx/pairs.ts": [
    {
      title: "a difference loses its order",
      find: "reversed ? affine(-1, value) : affine(1, -value)",
      replace: "affine(1, -value)",
    },
    {
      title: "a bias is added to a product that others read",
      find: "builder.isReadOnce(input)",
      replace: "input.length > 0",
    },
  ],
  "ts/onnx/parts.ts": [
    {
      title: "a part behind others is taken from the first group",
      find: "const from = (group * size + start) * inner;",
      replace: "const from = (size + start) * inner;",
    },
  ],
  "ts/onnx/signal.ts": [
    {
      title: "a part that is split keeps its inner half first",
      find: ": [{ size }, { size: factor.size / size }];",
      replace: ": [{ size: factor.size / size }, { size }];",
    },
  ],
  "ts/onnx/export-recurrent.ts": [
    {
      title: "an update gate that weights the candidate is written as it is",
      find: "negated: candidateUpdate ? 1 : -1",
      replace: "negated: -1",
    },
    {
      title: "every GRU is written with its reset gate before the product",
      find: "linear_before_reset: resetFirst ? 0 : 1",
      replace: "linear_before_reset: 0",
    },
  ],
  "ts/onnx/attention.ts": [
    {
      title: "a scale of the products is forgotten",
      find: "scale: q.scale * k.scale,",
      replace: "scale: q.scale,",
    },
    {
      title: "heads are taken to be one",
      find: "return product(heads.map(({ size }) => size));",
      replace: "return 1;",
    },
    {
      title: "a softmax over queries is taken for one over what they look at",
      find: 'if (scores.axes[axis] !== "sources" || ',
      replace: "if (",
    },
    {
      title: "attention that knows no lengths hides padding",
      find: "if ((builder.lengths !== undefined) !== lengths) {",
      replace: "if (lengths && builder.lengths === undefined) {",
    },
  ],
  "ts/onnx/attention-operator.ts": [
    {
      title: "heads that share keys take them in turns",
      find: "each.flatMap((name) => new Array<string>(heads / own).fill(name))",
      replace: "Array.from({ length: heads }, (_, head) => each[head % own]!)",
    },
    {
      title: "a softcap is passed over",
      find: "if (softcap !== 0) refuse(",
      replace: "if (softcap < 0) refuse(",
    },
    {
      title: "a window before the own step looks ahead too",
      find: "return { causal, window: left };",
      replace: "return { causal: false, window: left };",
    },
  ],
  "ts/onnx/masks.ts": [
    {
      title: "a mask that hides earlier steps hides later ones",
      find: 'if (sides && seen(sides.past) && hidden(sides.future)) return "past";',
      replace: 'if (sides) return "past";',
    },
  ],
  "ts/onnx/places.ts": [
    {
      title: "places are compared without their order",
      find: "Number(turned ? compare(column, row) : compare(row, column))",
      replace: "Number(compare(row, column))",
    },
  ],
  "ts/onnx/gelu.ts": [
    {
      title: "a gelu is not twice its half",
      find: "2 * x.scale * erf.factor",
      replace: "x.scale * erf.factor",
    },
  ],
  "ts/onnx/export-attention.ts": [
    {
      title: "later steps are written as seen",
      find: "...(causal ? [{ offset: 1, upper: 1 }] : [])",
      replace: "",
    },
    {
      title: "products are divided by the root of all units",
      find: "writer.number(1 / Math.sqrt(query.width / heads))",
      replace: "writer.number(1 / Math.sqrt(query.width))",
    },
  ],
  "ts/layers/wiring.ts": [
    {
      title: "a layer that is used twice is saved twice",
      find: "if (first) definition = ",
      replace: "if (first && !made) definition = ",
    },
    {
      title: "values apart from the keys of attention are not handed on",
      find: ".over(first!, second, third)",
      replace: ".over(first!, second)",
    },
    {
      title: "initial states are not handed on",
      find: "sequence(given[0]!, begin)",
      replace: "sequence(given[0]!)",
    },
  ],
  "assembly/over-steps.ts": [
    {
      title: "the greatest of the steps looks past the end of a row",
      find: "for (let t: usize = 1; t < length; t++) most",
      replace: "for (let t: usize = 1; t < <usize>steps; t++) most",
    },
    {
      title: "equal numbers share no gradient but all have it",
      find: "open = v128.andnot(open, here);",
      replace: "",
    },
  ],
  "assembly/pairs.ts": [
    {
      title: "the gradient of a divisor has the wrong sign",
      find: "let slope = f32x4.neg(f32x4.div(",
      replace: "let slope = f32x4.abs(f32x4.div(",
    },
  ],
};
