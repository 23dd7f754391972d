/** The kernels of attention write what is theirs and nothing else, with the same bits in any shares, and step by step. */
import { describe, expect, test } from "vitest";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { createEngine } from "./engine.js";
import { guarded, type Operand, type Operands } from "./operands.js";

const engine = await createEngine({ memory: 16 });

/** Pairs of a row and a head, in shares; and queries all at once or one by one. */
interface Manner {
  readonly shares: readonly number[];
  readonly stepwise?: boolean;
}

interface Trial {
  readonly score: 0 | 1 | 2;
  readonly units: number;
  readonly heads: number;
  readonly causal: 0 | 1;
  readonly local: 0 | 1 | 2;
  readonly covered: boolean;
}

const [steps, sources, batch] = [5, 6, 3];
const line = 16;
const lengths = Uint32Array.of(6, 2, 4);

const up16 = (count: number) => Math.ceil(count / 16) * 16;

/** [rows] of `width` numbers in lines, zero behind. */
function rows(count: number, width: number, seed: number): Float32Array {
  const stored = new Float32Array(count * up16(width));
  normals(count * width, seed).forEach((value, i) => {
    stored[Math.floor(i / width) * up16(width) + (i % width)] = value;
  });
  return stored;
}

/** Runs all four kernels and gives what they made. */
function run(
  operands: Operands,
  trial: Trial,
  { shares, stepwise = false }: Manner,
): Record<string, Operand> {
  const { score, units, heads, causal, local, covered } = trial;
  const width = score === 2 ? sources : units * heads;
  const stride = up16(width);
  const given = (count: number, width: number, seed: number) => operands.input(rows(count, width, seed));
  const zeros = (count: number) => operands.output(new Float32Array(count));
  const queries = given(steps * batch, width, 1);
  const keys = given(sources * batch, width, 2);
  const values = given(sources * batch, width, 3);
  const energy = given(1, width, 4);
  const coverageWeight = given(1, width, 5);
  const centres = operands.input(rows(steps * batch, 1, 6).map((x) => Math.abs(x % 1)));
  const ends = operands.input(lengths);
  const dContext = given(steps * batch, width, 7);
  const coverage = operands.output(new Float32Array((steps + 1) * batch * line));
  const made = {
    weights: operands.output(steps * batch * heads * line),
    context: operands.output(steps * batch * stride),
    coverage,
    dWeights: operands.output(steps * batch * heads * line),
    dValues: zeros(sources * batch * stride),
    dQueries: zeros(steps * batch * stride),
    dKeys: zeros(sources * batch * stride),
    dEnergy: zeros(batch * stride),
    dCoverageWeight: zeros(batch * stride),
    dCoverage: zeros(batch * line),
    dCentres: zeros(steps * batch * 16),
  };
  const { weights, context, dWeights, dValues, dQueries, dKeys, dEnergy } = made;
  const scratch = operands.output(4096).address;
  const each = stepwise ? Array.from({ length: steps }, (_, step) => step) : [0];
  const ranges = shares.map((from, i) => ({ from, to: shares[i + 1] ?? batch * heads }));
  const call =
    (of: (step: number, at: (from: Operand, stride: number) => never) => (range: object) => void) =>
    (step: number) => {
      const at = (from: Operand, floats: number) => (from.address + step * batch * floats * 4) as never;
      const one = of(step, at);
      for (const range of ranges) one(range);
    };
  const counts = (step: number) => ({
    steps: stepwise ? 1 : steps,
    first: step,
    sources,
    batch,
    heads,
    units,
    causal,
  });
  const scored = (step: number, at: (from: Operand, floats: number) => never) => ({
    queries: at(queries, stride),
    keys: score === 2 ? (0 as never) : keys.address,
    energy: energy.address,
    coverage: covered ? at(coverage, line) : (0 as never),
    coverageWeight: coverageWeight.address,
    centres: local === 2 ? at(centres, 16) : (0 as never),
    lengths: ends.address,
    starts: 0 as never,
    weights: at(weights, heads * line),
    ...{ score, scale: 0.5, local, window: 1, spread: local === 2 ? 0.25 : 0, ...counts(step) },
    ...{ queryStride: stride, keyStride: stride, keyStep: batch * stride, scratch },
  });
  const taken = (step: number, at: (from: Operand, floats: number) => never) => ({
    weights: at(weights, heads * line),
    values: values.address,
    lengths: ends.address,
    starts: 0 as never,
    ...{
      ...counts(step),
      units: width / heads,
      valueStride: stride,
      valueStep: batch * stride,
      contextStride: stride,
      scratch,
    },
  });
  each.forEach(
    call((step, at) => (range) => {
      engine.call("attentionWeightsForward", { ...scored(step, at), ...range } as never);
      engine.call("attentionContextForward", {
        ...taken(step, at),
        context: at(context, stride),
        ...range,
      } as never);
    }),
  );
  each.toReversed().forEach(
    call((step, at) => (range) => {
      const d = at(dWeights, heads * line);
      const gradients = {
        dQueries: at(dQueries, stride),
        ...{ dWeights: d, dKeys: dKeys.address, dEnergy: dEnergy.address },
        dCoverage: made.dCoverage.address,
        dCoverageWeight: made.dCoverageWeight.address,
        dCentres: local === 2 ? at(made.dCentres, 16) : (0 as never),
      };
      engine.call("attentionContextBackward", {
        ...taken(step, at),
        ...{ dContext: at(dContext, stride), dWeights: d, dValues: dValues.address },
        ...range,
      } as never);
      engine.call("attentionWeightsBackward", { ...scored(step, at), ...gradients, ...range } as never);
    }),
  );
  return made;
}

const plain = { score: 0, units: 5, heads: 1, causal: 0, local: 0, covered: false } as const;
const trials: Readonly<Record<string, Trial>> = {
  "dot, one head of 5": plain,
  "dot, three heads of 3, causal": { ...plain, units: 3, heads: 3, causal: 1 },
  "dot, two heads of 16": { ...plain, units: 16, heads: 2 },
  "dot, one head of 32, around given centres": { ...plain, units: 32, local: 2 },
  "additive, 13 units with coverage": { ...plain, score: 1, units: 13, covered: true },
  "additive, 16 units in an aligned window": { ...plain, score: 1, units: 16, local: 1 },
  location: { ...plain, score: 2, units: sources },
};

describe.each(Object.entries(trials))("attention: %s", (_, trial) => {
  const pairs = batch * trial.heads;

  test("has the same bits in any shares of its pairs", () => {
    guarded(engine, (operands) => {
      const whole = run(operands, trial, { shares: [0] });
      for (const shares of [[0, 1], [0, 2], Array.from({ length: pairs }, (_, pair) => pair)]) {
        const parts = run(operands, trial, { shares });
        for (const [name, { floats }] of Object.entries(whole)) {
          expectSameBits(parts[name].floats(), floats(), name);
        }
      }
    });
  });

  test("has the same bits forward for one query at a time, and the same sums backward", () => {
    guarded(engine, (operands) => {
      const whole = run(operands, trial, { shares: [0] });
      const single = run(operands, trial, { shares: [0], stepwise: true });
      for (const name of ["weights", "context", "coverage", "dWeights", "dQueries"]) {
        const floats = whole[name].floats();
        if (name === "dQueries") expectClose(single[name].floats(), floats, 1e-6, name);
        else expectSameBits(single[name].floats(), floats, name);
      }
      for (const name of ["dValues", "dKeys", "dEnergy", "dCoverageWeight", "dCoverage", "dCentres"]) {
        expectClose(single[name].floats(), whole[name].floats(), 1e-6, name);
      }
    });
  });

  test("leaves padding zero, and weights sum to 1", () => {
    guarded(engine, (operands) => {
      const { heads, units, score } = trial;
      const width = score === 2 ? sources : heads * units;
      const made = run(operands, trial, { shares: [0] });
      const behind = (name: string, width: number) =>
        made[name].floats().filter((_, i) => i % up16(width) >= width);
      for (const name of ["context", "dValues", "dQueries", "dKeys"]) expectZeros(behind(name, width), name);
      const weights = made.weights.floats();
      for (let row = 0; row < steps * pairs; row++) {
        const own = weights.subarray(row * line, (row + 1) * line);
        const length = lengths[Math.floor(row / heads) % batch];
        const t = Math.floor(row / pairs);
        expectZeros(own.subarray(trial.causal ? Math.min(length, t + 1) : length), `weights ${row}`);
        expect(Math.abs(own.reduce((sum, x) => sum + x, 0) - 1)).toBeLessThanOrEqual(4 * 2 ** -23);
        expect(own.every((x) => x >= 0)).toBe(true);
      }
    });
  });
});
