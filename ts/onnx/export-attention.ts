/** Layers that attend as products and softmaxes, which every program has that runs ONNX. */
import { InputError } from "../errors.js";
import type { AttentionOptions } from "../layers/attention.js";
import type { MultiHeadAttentionOptions } from "../layers/multi-head-attention.js";
import { sinusoids } from "../layers/positions.js";
import type { TransformerEncoderOptions } from "../layers/transformer.js";
import { type LayerWriter, lengthsOf, type Options, type Place, plainLayers } from "./export-layers.js";
import type { Writer, Written } from "./writer.js";

/** What a query sees. */
type Sight = Pick<MultiHeadAttentionOptions, "causal" | "window">;

export const attentionLayers: Readonly<Record<string, LayerWriter>> = {
  attention(place, query, given, more) {
    const options = given as AttentionOptions;
    const { score = "additive", heads = 1, scaled = false, projected = true, coverage, centre } = options;
    const [keys = query, values = keys] = more ?? [];
    if (coverage || centre === "predicted") {
      throw new InputError({
        where: `toOnnx ${place.path}`,
        expected: "an attention without coverage and predicted centres",
        got: coverage ? "coverage" : "predicted centres",
      });
    }
    const { writer } = place;
    const queries = score === "general" || score === "location" ? product(place, query, "Query") : query;
    const scores = {
      additive: () => additive(place, query, keys, projected),
      dot: () => scoresOf(writer, queries, keys, heads, scaled),
      general: () => scoresOf(writer, { ...queries, width: keys.width }, keys, heads, scaled),
      location: () => located(writer, queries, keys),
    }[score]();
    return summed(place, query, keys, values, scores, heads, options);
  },

  multiHeadAttention(place, x, { units, ...rest }, more) {
    const options = rest as MultiHeadAttentionOptions;
    const { heads = 1, width = units! } = options;
    const [source = x, given = source] = more ?? [];
    const project = (of: Written, name: string, columns: number): Written => ({
      ...product(place, of, name, true),
      width: columns,
    });
    const [query, keys, values] = [
      project(x, "Query", units!),
      project(source, "Key", units!),
      project(given, "Value", units!),
    ];
    const scores = scoresOf(place.writer, query, keys, heads, true);
    const context = summed(
      place,
      { ...query, value: x.value },
      { ...keys, value: source.value },
      values,
      scores,
      heads,
      options,
    );
    return project(context, "Output", width);
  },

  positions({ writer, path }, x, { longest, kind }) {
    const table =
      kind === "sinusoidal"
        ? writer.tensor("positions", [longest!, x.width], sinusoids(longest!, x.width, x.width))
        : writer.weight(`${path}.vectors`);
    const steps = lengthsOf(writer, x.value, 0, 1);
    const rows = writer.add("Slice", [table, writer.whole(0), steps, writer.whole(0)]);
    return { ...x, value: writer.add("Add", [x.value, writer.add("Unsqueeze", [rows, writer.whole(1)])]) };
  },

  transformerDecoder: (place, x, { units, ...options }, more) =>
    blocks(place, x, units!, { causal: true, ...options }, more?.[0]),
  transformerEncoder: (place, x, { units, ...options }) =>
    blocks(place, x, units!, options as object, undefined),
};

/** x W + b of a parameter of attention. */
function product({ writer, path }: Place, x: Written, name: string, biased = false): Written {
  const made = writer.add("MatMul", [x.value, writer.weight(`${path}.weight${name}`)]);
  const bias = `${path}.bias${name}`;
  return { ...x, value: biased && writer.has(bias) ? writer.add("Add", [made, writer.weight(bias)]) : made };
}

/** [steps, batch, width] as [batch, heads, steps, width / heads], or in another order. */
function ofHeads(writer: Writer, { value }: Written, heads: number, perm: readonly number[]): string {
  const split = writer.add("Reshape", [value, writer.whole(0, 0, heads, -1)]);
  return writer.add("Transpose", [split], { integers: { perm } });
}

const ROWS = [1, 2, 0, 3];
const COLUMNS = [1, 2, 3, 0];

/** Products of queries and keys [batch, heads, queries, sources]. */
function scoresOf(writer: Writer, query: Written, keys: Written, heads: number, scaled: boolean): string {
  const products = writer.add("MatMul", [
    ofHeads(writer, query, heads, ROWS),
    ofHeads(writer, keys, heads, COLUMNS),
  ]);
  return scaled ? writer.add("Mul", [products, writer.number(1 / Math.sqrt(query.width / heads))]) : products;
}

/** energy . tanh(q Wq + h Wk + b), or of q + h. */
function additive(place: Place, query: Written, keys: Written, projected: boolean): string {
  const { writer, path } = place;
  const each = (x: Written, name: string, perm: readonly number[]) => {
    const made = projected ? product(place, x, name) : x;
    const biased =
      projected && name === "Query"
        ? writer.add("Add", [made.value, writer.weight(`${path}.bias`)])
        : made.value;
    return ofHeads(writer, { ...made, value: biased }, 1, perm);
  };
  // [batch, queries, 1, units] and [batch, 1, sources, units]
  const sum = writer.add("Add", [each(query, "Query", [1, 0, 2, 3]), each(keys, "Key", ROWS)]);
  const { data } = writer.parameter(`${path}.energy`);
  const energy = writer.tensor(`${path}.energy`, [data.length, 1], data as Float32Array);
  const scores = writer.add("MatMul", [writer.add("Tanh", [sum]), energy]);
  return writer.add("Transpose", [scores], { integers: { perm: [0, 3, 1, 2] } });
}

/** Of each query the scores of as many steps as there are. */
function located(writer: Writer, query: Written, keys: Written): string {
  const sources = lengthsOf(writer, keys.value, 0, 1);
  const rows = ofHeads(writer, query, 1, ROWS);
  return writer.add("Slice", [rows, writer.whole(0), sources, writer.whole(3)]);
}

/** Sums of values by the softmax of scores, of which only those in sight count. */
function summed(
  { writer, path }: Place,
  query: Written,
  keys: Written,
  values: Written,
  scores: string,
  heads: number,
  { causal = false, window }: Sight,
): Written {
  if (window !== undefined && query.value !== keys.value) {
    throw new InputError({
      where: `toOnnx ${path}`,
      expected: "a window of the own sequence",
      got: "of another",
    });
  }
  const hides = [...(causal ? [{ offset: 1, upper: 1 }] : []), ...(window ? outside(window, causal) : [])];
  const masked = hides.reduce((before, { offset, upper }) => {
    const [steps, sources] = [query, keys].map(({ value }) => lengthsOf(writer, value, 0, 1)) as [
      string,
      string,
    ];
    const square = writer.add("Concat", [steps, sources], { integers: { axis: 0 } });
    const all = writer.add("Expand", [writer.number(-Infinity), square]);
    const mask = writer.add("Trilu", [all, writer.tensor("offset", [], [offset], true)], {
      integers: { upper },
    });
    return writer.add("Add", [before, mask]);
  }, scores);
  const weights = writer.add("Softmax", [masked], { integers: { axis: -1 } });
  const sums = writer.add("MatMul", [weights, ofHeads(writer, values, heads, ROWS)]);
  const turned = writer.add("Transpose", [sums], { integers: { perm: [2, 0, 1, 3] } });
  return { value: writer.add("Reshape", [turned, writer.whole(0, 0, values.width)]), width: values.width };
}

/** What is outside of a window: steps long before the own one and, unless these are hidden anyway, long after it. */
function outside(window: number, causal: boolean) {
  const before = { offset: -window - 1, upper: 0 };
  return causal ? [before] : [before, { offset: window + 1, upper: 1 }];
}

/** The blocks of a transformer, whose layers are numbered in the order in which they are applied. */
function blocks(
  { writer, path }: Place,
  x: Written,
  units: number,
  options: TransformerEncoderOptions,
  memory: Written | undefined,
): Written {
  const {
    heads = 1,
    blocks: count = 1,
    hidden = 4 * units,
    norm,
    activation = "relu",
    causal = false,
  } = options;
  const before = norm === "before";
  let made = x;
  for (let block = 0; block < count; block++) {
    let number = 0;
    const add = (
      layer: string,
      input: Written,
      given: object = {},
      more: readonly Written[] = [],
    ): Written => {
      const table = Object.hasOwn(plainLayers, layer) ? plainLayers : attentionLayers;
      const at = { writer, path: `${path}.${block}.block.${number++}.${layer}` };
      return table[layer]!(at, input, { layer, ...given } as Options, more);
    };
    const residual = (input: Written, make: (x: Written) => Written): Written => {
      const found = add("dropout", make(before ? add("layerNorm", input) : input));
      const sum = { ...input, value: writer.add("Add", [input.value, found.value]) };
      return before ? sum : add("layerNorm", sum);
    };
    made = residual(made, (input) => add("multiHeadAttention", input, { units, heads, causal }));
    if (memory)
      made = residual(made, (input) => add("multiHeadAttention", input, { units, heads }, [memory]));
    made = residual(made, (input) => {
      const inner = add("activation", add("dense", input, { units: hidden }), { name: activation });
      return add("dense", add("dropout", inner), { units });
    });
  }
  return made;
}
