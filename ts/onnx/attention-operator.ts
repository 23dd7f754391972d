/** The operator Attention of ONNX, versions 23 to 25, on rows [batch, steps, heads x numbers] or [batch, heads, steps, numbers]. */
import { HIDDEN, masked, scoresOf, sumsOf } from "./attention.js";
import { Builder, type Call, refuse, signalAt } from "./builder.js";
import { sightOf } from "./masks.js";
import { extentOf, type Part, partOf, partsOf, product, reshape, type Signal } from "./signal.js";

/** Inputs by their places. */
const [Q, K, V, MASK, PAST_KEY, PAST_VALUE, LENGTHS] = [0, 1, 2, 3, 4, 5, 6] as const;

/** Most heads of keys and values that are put side by side. */
const HEADS = 1024;

export function attentionOf(call: Call): Signal {
  const { attributes } = call.node;
  attributes.integer("qk_matmul_output_mode");
  attributes.integer("softmax_precision");
  const softcap = attributes.float("softcap", 0);
  if (softcap !== 0) refuse(call, "scores as they are", `a softcap of ${softcap}`);
  if (call.inputs[PAST_KEY] || call.inputs[PAST_VALUE]) {
    refuse(call, "whole sequences", "a past", "streams of this library's models keep their own");
  }
  const given = signalAt(call, Q);
  const query = ofHeads(call, given, attributes.integer("q_num_heads"));
  const [keys, values] = [K, V].map((index) => {
    const each = ofHeads(call, signalAt(call, index), attributes.integer("kv_num_heads"));
    return likeHeads(call, each, sizeOf(query, 1));
  }) as [Signal, Signal];
  const scale = attributes.float("scale", 1 / Math.sqrt(sizeOf(query, 3)));
  const raw = scoresOf(call, query, turned(keys, [0, 1, 3, 2]));
  const mask = call.inputs[MASK];
  const isReal = mask !== undefined && "real" in mask && mask.real;
  const seen = (value: number) => value === (isReal ? 0 : 1);
  const hidden = (value: number) => (isReal ? value <= HIDDEN : value === 0);
  const scores = masked(call, raw, mask ? sightOf(call, mask, hidden, seen) : "all");
  const { causal, window } = sightFrom(call, scores.causal);
  const weights = { ...scores, scale: scores.scale * scale, causal, window, weights: true };
  const made = sumsOf(call, weights, values, hasLengths(call, causal, given));
  if (given.axes.length === 4) return made;
  const [batch, heads, steps, numbers] = made.axes as [Axis, Axis, Axis, Axis];
  return { ...made, axes: [batch, steps, [...heads, ...numbers]] };
}

type Axis = Signal["axes"][number];

/** A value as [batch, heads, steps, numbers]. */
function ofHeads(call: Call, signal: Signal, heads: number | undefined): Signal {
  const { axes } = signal;
  if (axes.length === 4) return signal;
  if (axes.length !== 3 || heads === undefined || !(heads >= 1)) {
    return refuse(call, "3 axes and numbers of heads, or 4 axes", `[${axes.map(extentOf)}]`);
  }
  const { builder, node } = call;
  const split = reshape(node.where, signal, [0, 0, heads, -1], builder.fixed, (factor, length) =>
    builder.assume(call, factor, length),
  );
  return turned(split, [0, 2, 1, 3]);
}

function turned(signal: Signal, order: readonly number[]): Signal {
  return { ...signal, axes: order.map((axis) => signal.axes[axis]!) };
}

function sizeOf({ axes }: Signal, axis: number): number {
  return product(partsOf(axes[axis] ?? []).map(({ size }) => size));
}

/** Keys or values with as many heads as queries, each of their own for as many of those. */
function likeHeads(call: Call, signal: Signal, heads: number): Signal {
  const { builder, node } = call;
  const [own, units] = [sizeOf(signal, 1), sizeOf(signal, 3)];
  if (own === heads) return signal;
  const inOrder = [...partsOf(signal.axes[1] ?? []), ...partsOf(signal.axes[3] ?? [])];
  if (
    heads % own !== 0 ||
    inOrder.length !== signal.parts.length ||
    inOrder.some((part, i) => part !== signal.parts[i])
  ) {
    return refuse(call, `keys and values of as many heads as ${heads} can share`, String(own));
  }
  if (heads > HEADS) refuse(call, `at most ${HEADS} heads that share keys and values`, String(heads));
  const hint = Builder.hint(node);
  const each = Array.from({ length: own }, (_, head) =>
    own === 1
      ? signal.node
      : builder.add(hint, { op: "slice", from: head * units, to: (head + 1) * units }, [signal.node]),
  );
  const shared = each.flatMap((name) => new Array<string>(heads / own).fill(name));
  const [outer, inner] = [partOf(heads), partOf(units)] as [Part[], Part[]];
  return {
    ...signal,
    node: builder.add(hint, { op: "concat" }, shared),
    axes: signal.axes.with(1, outer).with(3, inner),
    parts: [...outer, ...inner],
  };
}

/** What a query sees, by the attributes of versions 23 to 25. */
function sightFrom(call: Call, past: boolean): { causal: boolean; window: number | undefined } {
  const { attributes } = call.node;
  const [left, right] = [
    attributes.integer("left_window_size", -1),
    attributes.integer("right_window_size", -1),
  ];
  const causal = attributes.integer("is_causal", 0) !== 0 || past || right === 0;
  if (left === -1 && (causal || right === -1)) return { causal, window: undefined };
  if (left < 1 || (!causal && left !== right)) {
    return refuse(
      call,
      "a window of some steps to either side, or before the own one",
      `${left} and ${right}`,
    );
  }
  return { causal, window: left };
}

/** Whether it knows the lengths of rows, which then are those of the model's own sequence. */
function hasLengths(call: Call, causal: boolean, { axes }: Signal): boolean {
  const lengths = call.inputs[LENGTHS];
  if (!lengths) return false;
  const own = lengths.kind === "signal" && lengths.node === call.builder.lengths;
  if (!own || causal || !axes.flat().includes("steps")) {
    refuse(
      call,
      "the lengths of the model's own rows, all of which is seen",
      causal ? "a mask besides" : "others",
    );
  }
  return true;
}
