/** minGRU and minLSTM are what they are written step by step, in their states and in all of their gradients. */
import { describe, expect, test } from "vitest";
import { dense, minGru, minLstm } from "../../ts/index.js";
import { createEngine } from "../kernels/engine.js";
import { probe } from "../ops/probe.js";
import { expectAllClose, expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normalMatrix } from "../reference/draw.js";
import { add, type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { gates, logarithmicScan, type MinimalCell, unrolled } from "../reference/min-cells.js";
import { Tape } from "../reference/tape.js";
import { primitives } from "../reference/unrolled.js";
import { byKernels, type Call } from "./min-kernels.js";

const engine = await createEngine({ memory: 64 });
const tolerance = 2e-6;
const layers = { minGru, minLstm };

interface Kind {
  readonly cell: MinimalCell;
  readonly positive: boolean;
}

const kinds = (["minGru", "minLstm"] as const).flatMap((cell) =>
  [false, true].map((positive) => ({ cell, positive, name: positive ? `positive ${cell}` : cell })),
);

interface Size {
  readonly units: number;
  readonly batch: number;
  readonly steps: number;
}

/** What a layer is given: x and upstream [steps][batch] rows; upstream and last are gradients of its states. */
interface Run extends Kind {
  readonly x: Matrix;
  readonly initial: Matrix;
  readonly weight: Matrix;
  readonly bias: Matrix;
  readonly upstream: Matrix;
  readonly last: Matrix;
}

function draw({ cell, positive }: Kind, { units, batch, steps }: Size): Run {
  const inputs = 3;
  const columns = (gates[cell] + 1) * units;
  return {
    cell,
    positive,
    x: normalMatrix(steps * batch, inputs, 1),
    initial: normalMatrix(batch, units, 2),
    weight: normalMatrix(inputs, columns, 3, 0.6),
    bias: normalMatrix(1, columns, 4),
    upstream: normalMatrix(steps * batch, units, 5),
    last: normalMatrix(batch, units, 6),
  };
}

/** States, and the gradient of everything that they are made of. */
type Result = Record<"hidden" | "x" | "initial" | "weight" | "bias", Matrix>;

/** The upstream gradient with that of the last state added to its last step. */
function allUpstream({ upstream, last }: Pick<Run, "upstream" | "last">): Matrix {
  const before = matrix(upstream.rows - last.rows, last.columns).values;
  return add(upstream, matrix(upstream.rows, last.columns, [...before, ...last.values]));
}

function onTape(run: Run): Result {
  const tape = new Tape();
  const x = tape.variable(run.x, run.initial.rows);
  const [initial, weight, bias] = [run.initial, run.weight, run.bias].map((value) => tape.variable(value));
  const hidden = unrolled(tape, run.cell, run.positive, tape.linear(x, weight, bias), initial);
  tape.backward([hidden], [allUpstream(run)]);
  return {
    hidden: hidden.value,
    x: x.gradient,
    initial: initial.gradient,
    weight: weight.gradient,
    bias: bias.gradient,
  };
}

/** The same on the engine, of the library's primitive operations. */
function ofPrimitives({ cell, positive, x, initial, weight, bias, ...upstream }: Run): Result {
  const paths = ["0.dense.weight", "0.dense.bias"];
  const { outputs, gradients, parameters } = probe(engine, {
    batch: initial.rows,
    inputs: [x, initial],
    parameters: new Map([
      [paths[0], weight],
      [paths[1], bias],
    ]),
    record: (x, initial) => [unrolled(primitives, cell, positive, dense(weight.columns)(x), initial)],
    upstream: [allUpstream(upstream)],
  });
  return {
    hidden: outputs[0],
    x: gradients[0],
    initial: gradients[1],
    weight: parameters.get(paths[0])!,
    bias: parameters.get(paths[1])!,
  };
}

/** The steps the other way round. */
function mirror({ rows, columns, values }: Matrix, batch: number): Matrix {
  const step = batch * columns;
  return matrix(
    rows,
    columns,
    values.map((_, i) => values[values.length - step - i + 2 * (i % step)]),
  );
}

/** The library's layer; `reverse`: the reversed one on the mirror image, and the mirror image of what that gives. */
function fused(run: Run, reverse = false): Result {
  const { rows: batch, columns: units } = run.initial;
  const turned = (steps: Matrix) => (reverse ? mirror(steps, batch) : steps);
  const paths = [`0.${run.cell}.weightInput`, `0.${run.cell}.bias`];
  const { outputs, gradients, parameters } = probe(engine, {
    batch,
    inputs: [turned(run.x), run.initial],
    parameters: new Map([
      [paths[0], run.weight],
      [paths[1], run.bias],
    ]),
    record(x, initial) {
      const { output, states } = layers[run.cell](units, { positive: run.positive, reverse }).sequence(x, [
        initial,
      ]);
      return [output, ...states];
    },
    upstream: [turned(run.upstream), run.last],
  });
  const hidden = turned(outputs[0]);
  expectSameBits(
    Float32Array.from(outputs[1].values),
    rowsOf(hidden, hidden.rows - batch, hidden.rows).values,
    "last state",
  );
  expect([...parameters.keys()].sort()).toEqual([...paths].sort());
  return {
    hidden,
    x: turned(gradients[0]),
    initial: gradients[1],
    weight: parameters.get(paths[0])!,
    bias: parameters.get(paths[1])!,
  };
}

function expectSame(actual: Result, expected: Result): void {
  const names = Object.keys(expected) as (keyof Result)[];
  expectAllClose(
    names.map((name) => [name, actual[name].values, expected[name].values]),
    tolerance,
  );
}

/** Operands of the kernels that are not zero. */
function drawCall({ cell, positive }: Kind, { units, batch, steps }: Size): Call {
  return {
    cell,
    positive,
    sums: normalMatrix(steps * batch, (gates[cell] + 1) * units, 1),
    initial: normalMatrix(batch, units, 2),
    dHidden: normalMatrix(steps * batch, units, 3),
    dLast: normalMatrix(batch, units, 4),
  };
}

/** What the kernels shall give. */
function callOnTape({ cell, positive, sums, initial, dHidden, dLast }: Call) {
  const tape = new Tape();
  const [given, first] = [tape.variable(sums, initial.rows), tape.variable(initial)];
  const hidden = unrolled(tape, cell, positive, given, first);
  tape.backward([hidden], [allUpstream({ upstream: dHidden, last: dLast })]);
  return { hidden: hidden.value, dSums: given.gradient, dInitial: first.gradient };
}

describe.each(kinds)("$name", (kind) => {
  const sizes = [1, 3, 4, 5, 8, 13, 64].flatMap((units) => [
    { units, batch: 1, steps: 1 },
    { units, batch: 3, steps: 2 },
    { units, batch: 2, steps: 64 },
    { units, batch: 1, steps: 1000 },
  ]);

  test.each(sizes)("of $units units, $batch rows, $steps steps, in both directions", (size) => {
    const run = draw(kind, size);
    const expected = onTape(run);
    expectSame(fused(run), expected);
    expectSame(fused(run, true), expected);
  });

  test("is on the engine what it is on the tape, written from primitive operations", () => {
    const run = draw(kind, { units: 5, batch: 3, steps: 6 });
    expectSame(ofPrimitives(run), onTape(run));
  });

  test("has on the tape the gradients of central differences", () => {
    const run = draw(kind, { units: 4, batch: 2, steps: 5 });
    const upstream = allUpstream(run).values;
    const loss = () => onTape(run).hidden.values.reduce((sum, state, i) => sum + state * upstream[i], 0);
    const gradients = onTape(run);
    const step = 1e-6;
    for (const name of ["x", "initial", "weight", "bias"] as const) {
      const { values } = run[name];
      for (const [i, value] of values.entries()) {
        values[i] = value + step;
        const above = loss();
        values[i] = value - step;
        const below = loss();
        values[i] = value;
        const difference = (above - below) / (2 * step);
        const error = Math.abs(gradients[name].values[i] - difference);
        expect(error, `${name}[${i}]`).toBeLessThanOrEqual(1e-4 * Math.abs(difference) + 1e-9);
      }
    }
  });

  test.each([1, 3, 4, 5, 8, 13, 64])(
    "of %i units leaves padding zero, in the gates and gradients too",
    (units) => {
      const { padding } = byKernels(engine, drawCall(kind, { units, batch: 3, steps: 2 }));
      for (const floats of padding) expectZeros(floats);
    },
  );

  test("leaves at each step the gradient of all that follows", () => {
    const call = drawCall(kind, { units: 5, batch: 2, steps: 4 });
    const actual = byKernels(engine, call);
    for (const step of [1, 2, 3, 4]) {
      const from = step * 2;
      const rest = (all: Matrix) => rowsOf(all, from, all.rows);
      const initial = rowsOf(actual.hidden, from - 2, from);
      const { dInitial } =
        step === 4
          ? { dInitial: call.dLast }
          : callOnTape({ ...call, sums: rest(call.sums), dHidden: rest(call.dHidden), initial });
      const own = rowsOf(call.dHidden, from - 2, from);
      expectClose(rowsOf(actual.dHidden, from - 2, from).values, add(own, dInitial).values, tolerance);
    }
  });

  test("gives ranges of rows the same bits", () => {
    const call = drawCall(kind, { units: 13, batch: 6, steps: 4 });
    const all = byKernels(engine, call);
    const ranges = [
      [3, 5],
      [0, 1],
      [5, 6],
      [1, 3],
      [2, 2],
    ] as const;
    const parts = byKernels(engine, { ...call, ranges });
    for (const name of ["hidden", "dSums", "dHidden", "dInitial"] as const) {
      expectSameBits(Float32Array.from(parts[name].values), all[name].values, `${name}, element`);
    }
  });

  test("keeps to the reference where gates are wide open or shut, beyond what float32 can tell from 0 and 1", () => {
    const extremes = [-1e6, -300, -120, -104, -90, -88, -87, -70, -69, -68, -40, -1, 0, 1, 40, 90, 300, 1e6];
    const count = gates[kind.cell];
    const units = extremes.length ** count;
    const call = drawCall(kind, { units, batch: 1, steps: 2 });
    for (let row = 0; row < 2; row++) {
      for (let i = 0; i < count * units; i++) {
        const combination = Math.floor((i % units) / extremes.length ** Math.floor(i / units));
        call.sums.values[row * call.sums.columns + i] = extremes[combination % extremes.length];
      }
    }
    const actual = byKernels(engine, call);
    for (const [name, { values }] of Object.entries(callOnTape(call))) {
      values.forEach((expected, i) => {
        const error = Math.abs(actual[name as "hidden" | "dSums" | "dInitial"].values[i] - expected);
        expect(error, `${name} ${i}`).toBeLessThanOrEqual(1e-6);
      });
    }
  });
});

test.each(["minGru", "minLstm"] as const)(
  "the positive form of %s is what the paper's scan with logarithms gives",
  (cell) => {
    const call = drawCall({ cell, positive: true }, { units: 5, batch: 1, steps: 200 });
    const expected = logarithmicScan(cell, call.sums);
    expectClose(
      byKernels(engine, { ...call, initial: matrix(1, 5) }).hidden.values,
      expected.values,
      tolerance,
    );
    expect(expected.values.every((value) => value > 0)).toBe(true);
  },
);
