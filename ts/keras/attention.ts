/** Layers of Keras that attend: by products, by sums, with several heads. */
import { attention } from "../layers/attention.js";
import { learned } from "../layers/learned.js";
import { multiHeadAttention } from "../layers/multi-head-attention.js";
import type { Apply, Subject } from "./convert.js";
import type { Signal } from "./wires.js";

/** What a layer looks from, what it looks at, and what it takes from there. */
interface Looked {
  readonly query: Signal;
  readonly key: Signal;
  readonly value: Signal;
}

/**
 * Attention and AdditiveAttention. Where Keras multiplies scores by one number it is one for each column here, which changes
 * nothing until the model is trained.
 */
export function attentionOf(subject: Subject, className: string): Apply {
  const { settings, weights, where, wires, name } = subject;
  const additive = className === "AdditiveAttention";
  const mode = additive ? "additive" : settings.text("score_mode", "dot");
  if (mode !== "additive" && mode !== "dot" && mode !== "concat") {
    return settings.refuse("score_mode", "dot or concat", mode);
  }
  const scaled = settings.flag("use_scale", additive);
  const dropout = settings.rate("dropout", 0);
  const always = settings.flag("causal", false); // of the layer instead of its calls, in older files
  const once = atFirst(subject, ({ query: { width } }, causal) => {
    const vector = (data: Float32Array) => ({
      shape: [width],
      data: data.length === width ? data : new Float32Array(width).fill(data[0]!),
    });
    const shapes = [...(scaled ? [additive ? [width] : []] : []), ...(mode === "concat" ? [[]] : [])];
    const taken = weights.take(where, shapes);
    const scale = scaled ? taken[0] : undefined;
    const concat = mode === "concat" ? taken.at(-1) : undefined;
    if (additive ? !scaled : scaled || concat) {
      subject.warn(`${where}: if it is trained here, each column of its scores has a scale of its own`);
    }
    const energy = (additive ? scale : concat) ?? Float32Array.of(1);
    return {
      layer:
        mode === "dot"
          ? attention({ score: "dot", causal, dropout })
          : attention({ score: "additive", projected: false, causal, dropout }),
      parameters: new Map(mode === "dot" ? [] : [["energy", vector(energy)]]),
      factor: additive || !scale ? undefined : { layer: learned(width), vector: vector(scale) },
    };
  });
  return (inputs, _, called = false) => {
    const causal = called || always;
    const looked = lookedAt(subject, inputs, causal);
    const { query, key, value } = looked;
    if (query.width !== key.width) {
      subject.refuse(`keys of ${query.width} numbers, as queries have`, String(key.width));
    }
    const { layer, parameters, factor } = once(looked, causal);
    const times = ({ node }: Signal) => {
      if (!factor) return node;
      const of = new Map([["vector", factor.vector]]);
      const factors = wires.layer(`${name}_scale`, factor.layer, node, of);
      return wires.operation(`${name}_scaled`, { op: "multiply" }, node, factors);
    };
    const keys = mode === "concat" ? times(key) : key.node;
    const node = wires.layer(name, layer, reads(times(query), keys, value.node), parameters);
    return [{ ...query, node, width: value.width }];
  };
}

/** MultiHeadAttention. */
export function headsOf(subject: Subject): Apply {
  const { settings, weights, wires, where, name } = subject;
  const [heads, each] = [settings.width("num_heads"), settings.width("key_dim")];
  const ofValues = settings.value("value_dim") ?? each;
  if (ofValues !== each) settings.refuse("value_dim", `${each}, as key_dim`, ofValues);
  const axes = settings.value("attention_axes") ?? 1;
  if (lone(axes) !== 1) settings.refuse("attention_axes", "the steps", axes);
  if (settings.flag("use_gate", false)) settings.refuse("use_gate", "false", true);
  const bias = settings.flag("use_bias", true);
  const dropout = settings.rate("dropout", 0);
  const output = settings.value("output_shape") ?? null;
  if (output !== null && !isCount(lone(output), 1)) settings.refuse("output_shape", "one width", output);
  const band = settings.value("sliding_window") ?? null;
  if (band !== null && !isCount(band, 2)) settings.refuse("sliding_window", "a whole number from 2", band);
  // How it is computed, and what Keras 2 notes of what it was built for.
  for (const key of [
    "flash_attention",
    "query_shape",
    "key_shape",
    "value_shape",
    "softmax_robust_masking",
  ]) {
    settings.value(key);
  }
  const once = atFirst(subject, ({ query, key, value }, causal) => {
    const units = heads * each;
    const width = output === null ? query.width : (lone(output) as number);
    const part = (ours: string, theirs: string, from: readonly number[], to: readonly number[]) => {
      const [columns, rows] = [to, from].map((axes) => axes.reduce((product, length) => product * length));
      const taken = weights.inside(theirs).take(where, [[...from, ...to], ...(bias ? [to] : [])]);
      return taken.map((data, index): [string, { shape: readonly number[]; data: Float32Array }] =>
        index === 0
          ? [`weight${ours}`, { shape: [rows!, columns!], data }]
          : [`bias${ours}`, { shape: [columns!], data }],
      );
    };
    return {
      layer: multiHeadAttention(units, {
        ...{ heads, width, bias, causal, dropout },
        ...(isCount(band, 2) && { window: band - 1 }),
      }),
      parameters: new Map([
        ...part("Query", "query_dense", [query.width], [heads, each]),
        ...part("Key", "key_dense", [key.width], [heads, each]),
        ...part("Value", "value_dense", [value.width], [heads, each]),
        ...part("Output", "output_dense", [heads, each], [width]),
      ]),
      width,
    };
  });
  return (inputs, _, causal = false) => {
    const looked = lookedAt(subject, inputs, causal || band !== null);
    const { query, key, value } = looked;
    const { layer, parameters, width } = once(looked, causal);
    const node = wires.layer(name, layer, reads(query.node, key.node, value.node), parameters);
    return [{ ...query, node, width }];
  };
}

/** What a layer becomes at its first call; later ones must agree with it on whether later steps are seen. */
function atFirst<T>(
  subject: Subject,
  make: (looked: Looked, causal: boolean) => T,
): (looked: Looked, causal: boolean) => T {
  let made: { readonly causal: boolean; readonly of: T } | undefined;
  return (looked, causal) => {
    made ??= { causal, of: make(looked, causal) };
    if (made.causal !== causal) subject.refuse("use_causal_mask in all calls or in none", "some of each");
    return made.of;
  };
}

/** One number, alone or in a list. */
function lone(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

function isCount(value: unknown, least: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= 1048576;
}

/** Keras has the values before the keys, which are the same unless they are given. */
function lookedAt(subject: Subject, inputs: readonly Signal[], byPosition: boolean): Looked {
  const [query, value, key = value] = inputs;
  for (const signal of [query, value, key]) {
    if (!signal?.sequence || signal.kind !== "numbers") {
      return subject.refuse("sequences of rows of numbers", signal ? "something else" : "nothing");
    }
  }
  const looked = { query: query!, value: value!, key: key! };
  subject.wires.overSteps(subject.where, looked.value);
  if (looked.key.steps !== looked.value.steps) {
    subject.refuse("keys and values of as many steps", `${looked.key.steps} and ${looked.value.steps}`);
  }
  if (looked.key.of !== looked.value.of && (looked.key.masked || looked.value.masked)) {
    subject.refuse("keys and values of one input where steps are masked", "those of two");
  }
  if (byPosition && looked.query.of !== looked.value.of && (looked.query.masked || looked.value.masked)) {
    subject.refuse("no mask where it matters which step of another input is which", "a mask");
  }
  return looked;
}

/** What a node of ours reads: one value if it attends to itself, three if keys and values are apart. */
function reads(query: string, key: string, value: string): readonly string[] {
  if (key !== value) return [query, key, value];
  return query === key ? [query] : [query, key];
}
