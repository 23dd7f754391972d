/** Attention on the engine: its numbers by the definition in float64, its gradients by central differences of the definition. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { zeros } from "../../ts/graph/initialisers.js";
import { vectorParameter } from "../../ts/graph/parameter.js";
import { weightStride } from "../../ts/ops/attending.js";
import { attentionContext, attentionWeights } from "../../ts/ops/attention.js";
import { type AttentionTrial, attend } from "../reference/attention.js";
import { expectAllClose } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { withLengths } from "./lengths.js";
import { probe } from "./probe.js";

const engine = await createEngine({ memory: 64 });

/** Weights without the padding of heads. */
function plain({ rows, values }: Matrix, heads: number, sources: number): Float64Array {
  if (heads === 1) return values;
  const line = weightStride(sources);
  return values.filter((_, i) => i % line < sources).slice(0, rows * heads * sources);
}

/** Weights with the padding of heads. */
function padded(given: Matrix, heads: number): Matrix {
  if (heads === 1) return given;
  const { rows, columns, values } = given;
  const line = weightStride(columns);
  const made = matrix(rows / heads, heads * line);
  values.forEach((value, i) => {
    made.values[Math.floor(i / columns) * line + (i % columns)] = value;
  });
  return made;
}

/** On the engine, with the gradients of the sum of context x dContext and weights x dWeights. */
function onEngine(trial: AttentionTrial, dContext: Matrix, dWeights: Matrix) {
  const { batch, heads, score, lengths, queries, keys, values, energy, coverage, centres } = trial;
  const sources = values.rows / batch;
  const inputs = [queries, values, ...(keys ? [keys] : []), ...(centres ? [centres] : [])];
  const parameters = new Map<string, Matrix>();
  if (energy) parameters.set(".energy", energy);
  if (coverage) parameters.set(".coverage", coverage);
  const result = probe(engine, {
    batch,
    inputs,
    parameters,
    record(q, v, ...others) {
      const { graph } = q;
      const vector = (name: string, width: number) => graph.parameter(name, vectorParameter(1, width, zeros));
      const source = withLengths(v, lengths);
      const key = keys ? withLengths(others[0], lengths) : source;
      const weights = attentionWeights(q, key, {
        ...trial,
        energy: energy && vector("energy", energy.columns),
        coverage: coverage && vector("coverage", coverage.columns),
        centres: centres && others.at(-1),
      });
      return [attentionContext(weights, source, trial), weights];
    },
    upstream: [dContext, padded(dWeights, heads)],
  });
  const [context, weights] = result.outputs;
  const [dQueries, dValues, ...rest] = result.gradients;
  return {
    context,
    weights: plain(weights, heads, sources),
    gradients: new Map<string, Matrix>([
      ["queries", dQueries],
      ["values", dValues],
      ...(keys ? ([["keys", rest[0]]] as const) : []),
      ...(centres ? ([["centres", rest.at(-1)]] as const) : []),
      ...(energy ? ([["energy", result.parameters.get(".energy")]] as const) : []),
      ...(coverage ? ([["coverage", result.parameters.get(".coverage")]] as const) : []),
    ] as [string, Matrix][]),
    score,
  };
}

interface Shape {
  readonly steps: number;
  readonly sources: number;
  readonly batch: number;
  readonly units: number;
  readonly heads?: number;
}

/** A trial of this shape, and what is told about it. */
function trialOf(
  { steps, sources, batch, units, heads = 1 }: Shape,
  how: Partial<AttentionTrial> & { readonly covered?: boolean },
): AttentionTrial {
  const { score = "dot", covered, ...given } = how;
  const width = score === "location" ? sources + 2 : units * heads;
  return {
    batch,
    heads,
    score,
    scale: score === "dot" ? 1 / Math.fround(Math.sqrt(units)) : 1,
    queries: normalMatrix(steps * batch, width, 1),
    keys: score === "location" ? undefined : normalMatrix(sources * batch, width, 2),
    values: normalMatrix(sources * batch, (units + 1) * heads, 3),
    energy: score === "additive" ? normalMatrix(1, width, 4) : undefined,
    coverage: covered ? normalMatrix(1, width, 5) : undefined,
    ...given,
  };
}

/** Fails unless numbers and gradients are the definition's. */
function expectDefinition(trial: AttentionTrial): void {
  const exact = attend(trial);
  const dContext = normalMatrix(exact.context.rows, exact.context.columns, 7);
  const dWeights = normalMatrix(exact.weights.rows, exact.weights.columns, 8);
  const actual = onEngine(trial, dContext, dWeights);
  const loss = () => {
    const { context, weights } = attend(trial);
    return (
      context.values.reduce((sum, x, i) => sum + x * dContext.values[i], 0) +
      weights.values.reduce((sum, x, i) => sum + x * dWeights.values[i], 0)
    );
  };
  const gradients = [...actual.gradients].map(([name, gradient]): [string, number[], number[]] => {
    const { values } = trial[name as "queries"];
    const stride = Math.ceil(values.length / 100);
    const some = Array.from({ length: Math.ceil(values.length / stride) }, (_, i) =>
      Math.min(i * stride + (i % stride), values.length - 1),
    );
    const differences = some.map((i) => {
      const value = values[i];
      values[i] = value + 1e-5;
      const above = loss();
      values[i] = value - 1e-5;
      const below = loss();
      values[i] = value;
      return (above - below) / 2e-5;
    });
    return [name, some.map((i) => gradient.values[i]), differences];
  });
  expectAllClose(
    [
      ["context", actual.context.values, exact.context.values],
      ["weights", actual.weights, exact.weights.values],
      ...gradients,
    ],
    4e-6, // scores are as large as their number of units
  );
  for (let i = 0; i < exact.weights.values.length; i++) {
    if (exact.weights.values[i] === 0) expect(actual.weights[i], `weight ${i}`).toBe(0);
  }
}

const gaussian = { window: 2, spread: 0.125 } as const;
/** Where no window begins or ends at a position, whose weight would jump there. */
const centres = (steps: number, batch: number) =>
  matrix(
    steps * batch,
    1,
    Array.from({ length: steps * batch }, (_, i) => Math.fround((((i * 7 + 3) % 11) + 0.3717) / 11.61)),
  );

const kinds: Readonly<Record<string, (shape: Shape) => Partial<AttentionTrial> & { covered?: boolean }>> = {
  dot: () => ({}),
  "causal dot": () => ({ causal: true }),
  additive: () => ({ score: "additive" }),
  "causal additive": () => ({ score: "additive", causal: true }),
  "additive with coverage": () => ({ score: "additive", covered: true }),
  location: () => ({ score: "location" }),
  "dot in an aligned window": () => ({ local: { window: 1, centre: "aligned", spread: 0 } }),
  "dot around predicted centres": ({ steps, batch }) => ({
    local: { ...gaussian, centre: "given" },
    centres: centres(steps, batch),
  }),
  "additive around predicted centres with coverage": ({ steps, batch }) => ({
    score: "additive",
    covered: true,
    local: { ...gaussian, centre: "given" },
    centres: centres(steps, batch),
  }),
};

describe.each(Object.entries(kinds))("attention: %s", (_, how) => {
  test.each([1, 3, 4, 5, 8, 13, 16, 64])("of %i units is the definition's", (units) => {
    for (const [steps, sources, batch] of [
      [1, 1, 1],
      [1, 5, 2],
      [3, 4, 2],
      [4, 3, 1],
    ]) {
      const shape = { steps, sources, batch, units };
      expectDefinition(trialOf(shape, how(shape)));
    }
  });

  test.each([1, 3, 4, 5, 8, 13, 16, 17, 64])("over %i positions is the definition's", (sources) => {
    const shape = { steps: 3, sources, batch: 2, units: 3 };
    expectDefinition(trialOf(shape, how(shape)));
  });

  test("sees no padding, and nothing of a source of length 0", () => {
    const shape = { steps: 3, sources: 6, batch: 4, units: 5 };
    expectDefinition({ ...trialOf(shape, how(shape)), lengths: [6, 4, 0, 1] });
  });
});

describe.each([1, 3, 4, 5, 8, 16])("attention of several heads of %i units", (units) => {
  test.each([2, 3, 4])("%i heads are the definition's", (heads) => {
    for (const causal of [false, true]) {
      for (const steps of [1, 4]) {
        expectDefinition({
          ...trialOf({ steps, sources: 5, batch: 3, units, heads }, { causal }),
          lengths: [5, 2, 0],
        });
      }
    }
  });
});
