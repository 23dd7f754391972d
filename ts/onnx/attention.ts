/** Attention as graphs have it: products of queries and keys, which become weights, and sums of values by these. */
import { attention } from "../layers/attention.js";
import { Builder, type Call, knownAt, refuse, signalAt } from "./builder.js";
import { uniform, wholeNumbers } from "./constants.js";
import type { OnnxFile } from "./file.js";
import { sightOf } from "./masks.js";
import * as shapes from "./shapes.js";
import {
  axisOf,
  type Extent,
  extentOf,
  type Factor,
  type Followed,
  isOneStep,
  known,
  partsOf,
  product,
  type Scores,
  type Signal,
} from "./signal.js";

/** What is added to the score of a step that is not to be seen, or less. */
export const HIDDEN = -1e4;

/** Products of the rows of two computed values, one of them turned round: [..., queries, units] and [..., units, sources]. */
export function scoresOf(call: Call, a: Signal, b: Signal): Scores {
  const [outer, row, inner] = lastTwo(call, a);
  const [otherOuter, otherInner, column] = lastTwo(call, b);
  const expected = "rows [..., steps, numbers] by rows [..., numbers, steps], heads before their numbers";
  if (extentsOf(outer) !== extentsOf(otherOuter) || extentOf(inner) !== extentOf(otherInner)) {
    return refuse(call, expected, `[${a.axes.map(extentOf)}] by [${b.axes.map(extentOf)}]`);
  }
  const heads = headsOf(call, a, outer, inner);
  headsOf(call, b, otherOuter, otherInner);
  const turned = column.length === 0 && row.length === 1 && isOneStep(b);
  const [query, keys] = turned ? [b, a] : [a, b];
  const [queries, sources] = turned ? [column, row] : [row, column];
  if (!isSteps(sources) || (queries.length > 0 && !isSteps(queries))) {
    return refuse(call, expected, `[${a.axes.map(extentOf)}] by [${b.axes.map(extentOf)}]`);
  }
  const [q, k] = [query, keys].map((value) => call.builder.unscaled(value)) as [
    ReturnType<Builder["unscaled"]>,
    ReturnType<Builder["unscaled"]>,
  ];
  return {
    kind: "scores",
    query: q.signal,
    keys: k.signal,
    axes: turned ? [...outer, "sources", queries] : [...outer, queries, "sources"],
    heads,
    scale: q.scale * k.scale,
    causal: false,
    window: undefined,
    dropout: 0,
    weights: false,
  };
}

/** Operators on scores, and on the weights that they become. */
export const onScores: Readonly<Record<string, (call: Call, file: OnnxFile) => Followed>> = {
  Add: added,
  Cast: shaped(shapes.cast),
  Div: (call) => multiplied(call, (scale, number) => scale / number),
  Dropout: dropped,
  Identity: (call) => scoresAt(call, 0),
  IsNaN: (call) => ({ ...standIn(scoresAt(call, 0)), real: false }),
  MatMul: (call) => sumsOf(call, scoresAt(call, 0), signalAt(call, 1)),
  Mul: (call) => multiplied(call, (scale, number) => scale * number),
  Shape: (call) => shapes.shapeOf({ ...call, inputs: [standIn(scoresAt(call, 0))] }),
  Softmax: softmaxOf,
  Squeeze: shaped(shapes.squeeze),
  Transpose: shaped(shapes.transpose),
  Unsqueeze: shaped(shapes.unsqueeze),
  Where: chosen,
};

function scoresAt(call: Call, index: number): Scores {
  const scores = call.inputs[index];
  return scores?.kind === "scores" ? scores : refuse(call, `scores of attention as input ${index}`, "others");
}

/** Numbers of the same shape as scores, which `Shape` and operators on axes can be asked about. */
function standIn({ axes }: Scores) {
  const shape = axes.map((axis): Extent => (axis === "sources" ? "steps" : extentOf(axis)));
  return known(shape, [0], { real: true });
}

/** An operator that moves axes, on scores: their axes are numbered, and the operator is applied to these numbers. */
function shaped(operator: (call: Call) => Followed): (call: Call) => Scores {
  return (call) => {
    const scores = scoresAt(call, 0);
    const marks = scores.axes.map((axis, i): Factor[] =>
      axis !== "sources" && axis.length === 0 ? [] : [{ size: i + 2 }],
    );
    const marked: Signal = { ...scores.query, axes: marks };
    const moved = operator({ ...call, inputs: [marked, ...call.inputs.slice(1)] });
    if (moved.kind !== "signal") return refuse(call, "scores", "others");
    const axes = moved.axes.map(
      (axis) => scores.axes[marks.findIndex(([mark]) => mark && mark === axis[0])] ?? [],
    );
    return { ...scores, axes };
  };
}

/** Scores times one number. */
function multiplied(call: Call, formula: (scale: number, number: number) => number): Scores {
  const [a, b] = call.inputs;
  const [scores, other] = a?.kind === "scores" ? [a, b] : [scoresAt(call, 1), a];
  const number = other?.kind === "known" ? uniform(call, other) : undefined;
  if (number === undefined || scores.weights || (scores === b && call.node.operator === "Div")) {
    return refuse(call, "scores of attention, not yet weights, and one number for all", "others");
  }
  return { ...scores, scale: formula(scores.scale, number) };
}

/** Scores and a mask, which hides later steps or nothing. */
function added(call: Call): Scores {
  const [a, b] = call.inputs;
  const [scores, mask] = a?.kind === "scores" ? [a, b] : [scoresAt(call, 1), a];
  return masked(
    call,
    scores,
    sightOf(
      call,
      mask,
      (value) => value <= HIDDEN,
      (value) => value === 0,
    ),
  );
}

/** Scores where a condition says so, and elsewhere what hides a step. */
function chosen(call: Call): Scores {
  const [condition, a, b] = call.inputs;
  const [scores, other] = a?.kind === "scores" ? [a, b] : [scoresAt(call, 2), a];
  const hidden = other?.kind === "known" ? uniform(call, other) : undefined;
  const kept = (value: number) => (value !== 0) === (scores === a);
  const sight = sightOf(call, condition, (value) => !kept(value), kept);
  if (sight === "all") return scores;
  if (hidden === undefined || hidden > HIDDEN)
    refuse(call, `a number up to ${HIDDEN} for what is hidden`, "others");
  return masked(call, scores, sight);
}

/** Scores of which only the past is seen, or all. */
export function masked(call: Call, scores: Scores, sight: "all" | "past"): Scores {
  if (sight === "all") return scores;
  const [queries, sources] = scores.axes.slice(-2);
  if (scores.weights || sources !== "sources" || queries === "sources" || !isSteps(queries ?? [])) {
    return refuse(call, "a mask of scores [..., steps, steps], before their softmax", "one of others");
  }
  return { ...scores, causal: true };
}

function softmaxOf(call: Call, { opset }: OnnxFile): Scores {
  const scores = scoresAt(call, 0);
  const { attributes, where } = call.node;
  const axis = axisOf(where, attributes.integer("axis", opset < 13 ? 1 : -1), scores.axes.length);
  if (scores.axes[axis] !== "sources" || scores.weights || (opset < 13 && axis !== scores.axes.length - 1)) {
    return refuse(call, "a softmax over the steps that are looked at", `axis ${axis}`);
  }
  return { ...scores, weights: true };
}

/** Weights of which some are left out in training. */
function dropped(call: Call): Scores {
  const scores = scoresAt(call, 0);
  const { attributes, outputs } = call.node;
  const ratio = call.inputs[1] ? wholeNumbers(call, knownAt(call, 1))[0] : undefined;
  const dropout = ratio ?? attributes.float("ratio", 0.5);
  attributes.integer("seed");
  if (!(dropout >= 0 && dropout < 1)) refuse(call, "a ratio from 0 up to, not including, 1", String(dropout));
  if (!scores.weights || outputs.slice(1).some((name) => name !== "")) {
    refuse(call, "weights after their softmax, and one output", "others");
  }
  return { ...scores, dropout };
}

/**
 * Sums of values [..., sources, units] by weights [..., queries, sources]: attention as a layer. `lengths`: whether the graph
 * hides padding as this library does.
 */
export function sumsOf(call: Call, scores: Scores, values: Signal, lengths = false): Signal {
  const [outer, sources, numbers] = lastTwo(call, values);
  const queries = scores.axes.at(-2);
  const around = scores.axes.slice(0, -2).filter((axis) => axis !== "sources");
  if (
    !scores.weights ||
    scores.axes.at(-1) !== "sources" ||
    queries === undefined ||
    queries === "sources" ||
    !isSteps(sources) ||
    extentsOf(around) !== extentsOf(outer)
  ) {
    return refuse(
      call,
      "weights [..., steps, steps], which are a softmax, by values [..., steps, numbers]",
      `${scores.weights ? "weights" : "scores"} by [${values.axes.map(extentOf)}]`,
    );
  }
  headsOf(call, values, outer, numbers);
  const node = layerOf(call, scores, values, lengths);
  return { ...values, node, axes: [...outer, queries, numbers] };
}

/** The name of a node that computes them. */
function layerOf(call: Call, scores: Scores, values: Signal, lengths: boolean): string {
  const { builder, node } = call;
  const { query, keys, heads, causal, window, dropout, scale } = scores;
  if ((builder.lengths !== undefined) !== lengths) {
    refuse(call, "rows of one length", "lengths, which are not those of its steps");
  }
  const usual = Math.sqrt(product(query.parts.map(({ size }) => size)) / heads);
  const scaled = Math.abs(scale * usual - 1) < 1e-6;
  const from = scaled ? query : builder.scaled("scale", query, scale);
  const of = attention({
    score: "dot",
    ...(heads > 1 && { heads }),
    ...(scaled && { scaled }),
    ...(causal && { causal }),
    ...(window && { window }),
    ...(dropout && { dropout }),
  });
  return builder.add(Builder.hint(node), of, [from.node, keys.node, values.node]);
}

/** What comes before the last two axes, and these. */
function lastTwo(
  call: Call,
  { axes }: Signal,
): [(readonly Factor[])[], readonly Factor[], readonly Factor[]] {
  if (axes.length < 2) return refuse(call, "rows at every step", `[${axes.map(extentOf)}]`);
  return [axes.slice(0, -2), axes.at(-2)!, axes.at(-1)!];
}

function extentsOf(axes: readonly (readonly Factor[])[]): string {
  return axes.map(extentOf).join();
}

function isSteps([factor, ...others]: readonly Factor[]): boolean {
  return typeof factor === "string" && factor !== "batch" && others.length === 0;
}

/** How many heads a value has: of each row of the batch, and of each head its numbers side by side. */
function headsOf(
  call: Call,
  { parts, axes }: Signal,
  outer: readonly (readonly Factor[])[],
  numbers: readonly Factor[],
): number {
  const heads = outer.flatMap(partsOf);
  const inOrder = [...heads, ...partsOf(numbers)];
  const isWhole = inOrder.length === parts.length && inOrder.every((part, i) => part === parts[i]);
  if (!isWhole || outer.flat().some((factor) => typeof factor === "string" && factor !== "batch")) {
    return refuse(
      call,
      "rows of the batch, heads, steps and the numbers of a head",
      `[${axes.map(extentOf)}]`,
    );
  }
  return product(heads.map(({ size }) => size));
}
