/** The activation functions are those of the formulas, from the smallest number to infinity, and leave padding zero. */
import { describe, expect, test } from "vitest";
import {
  type ActivationName,
  type ActivationOptions,
  activationCode,
  everyActivation,
} from "../../ts/ops/activation.js";
import { activation, activations } from "../reference/activation.js";
import { expectSameBits, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { guarded, layoutOf, type Operands, pack } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const widths = [1, 3, 4, 5, 8, 13, 16, 17, 64];
const cases = activations.map(
  ([name, options]) => [`${name} ${JSON.stringify(options)}`, name, options] as const,
);

/** Float32 numbers of both signs, evenly over their bit patterns, so that every magnitude is there. */
const everywhere = new Float32Array(
  Uint32Array.from({ length: 0xff0 * 16 }, (_, i) => {
    const magnitude = (i >> 1) * 65521;
    return ((i & 1) << 31) | Math.min(magnitude, 0x7f7fffff);
  }).buffer,
);

/** Where the sigmoid falls below e^-87: from there down it is 0, and so is what is made of it. */
const lowest: Partial<Record<ActivationName, number>> = { sigmoid: -87.3, silu: -87.3, geluTanh: -10 };

/** A function as the kernels take it. */
function kernelOperands(name: ActivationName, options: ActivationOptions) {
  const { code, alpha, beta } = codeOf(name, options);
  return { activation: code, alpha, beta };
}

function codeOf(name: ActivationName, options: ActivationOptions) {
  return activationCode("test", { ...options, name }, everyActivation);
}

function forward(
  operands: Operands,
  x: Matrix,
  name: ActivationName,
  options: ActivationOptions,
  inPlace = false,
) {
  const layout = layoutOf(x);
  const stored = pack(x.values, layout, Number.NaN); // whatever is in the padding
  const y = operands.result(layout, inPlace ? x.values : undefined);
  const call = {
    ...kernelOperands(name, options),
    x: inPlace ? y.address : operands.input(stored).address,
    y: y.address,
    width: x.columns,
    stride: layout.count / x.rows,
  };
  return { y, run: (from: number, to: number) => engine.call("activationForward", { ...call, from, to }) };
}

/** f of numbers, as the kernel has it. */
function results(x: Float32Array, name: ActivationName, options: ActivationOptions): Float64Array {
  return guarded(engine, (operands) => {
    const { y, run } = forward(operands, matrix(1, x.length, x), name, options);
    run(0, 1);
    return y.matrix().values;
  });
}

/** What the derivative is made of: x itself, or f of it. */
function keptOf(x: Float32Array, name: ActivationName, options: ActivationOptions): Float32Array {
  return codeOf(name, options).ofInput ? x : Float32Array.from(results(x, name, options));
}

/** df/dx at x, as the kernel has it. */
function derivatives(x: Float32Array, name: ActivationName, options: ActivationOptions): Float32Array {
  return guarded(engine, (operands) => {
    const count = Math.ceil(x.length / 4) * 4;
    const kept = new Float32Array(count);
    kept.set(keptOf(x, name, options));
    const dx = operands.output(count);
    engine.call("activationBackward", {
      ...kernelOperands(name, options),
      kept: operands.input(kept).address,
      dy: operands.input(new Float32Array(count).fill(1)).address,
      dx: dx.address,
      count,
    });
    return dx.floats().slice(0, x.length);
  });
}

/** Units in the last place of float32 at `exact`, or at a number as large as the terms of a sum that may cancel. */
function ulps(actual: number, exact: number, terms = 0): number {
  if (Object.is(Math.fround(exact), actual) || Math.fround(exact) === actual) return 0;
  const size = Math.max(Math.abs(exact), terms, 2 ** -126);
  return Math.abs(actual - exact) / 2 ** (Math.floor(Math.log2(size)) - 23);
}

describe.each(cases)("%s", (_, name, options) => {
  const { f, derivative } = activation(name, options);
  const { alpha, beta } = codeOf(name, options);
  const linear = name === "affine" || name === "hardSigmoid";

  test("is within 6 units in the last place from the smallest number to the largest", () => {
    const actual = results(everywhere, name, options);
    let worst = [0, 0];
    everywhere.forEach((x, i) => {
      if (x < (lowest[name] ?? -Infinity)) return;
      let terms = linear ? Math.max(Math.abs(alpha * x), Math.abs(beta)) : 0;
      // an exponential has as many units more to be off as its argument is large
      if (name === "geluTanh" && x < 0) terms = Math.abs(f(x) * (1 + x ** 3));
      const error = ulps(actual[i], f(x), Math.min(terms, 3e38));
      if (!(error <= worst[0])) worst = [error, x];
    });
    expect(worst[0], `of ${worst[1]}`).toBeLessThanOrEqual(6);
  });

  test("has the derivative of the formula, from what is kept", () => {
    const x = everywhere.filter((value) => Math.abs(value) > 1e-30 && Math.abs(value) < 80);
    const slopes = derivatives(x, name, options);
    const scale = Math.max(1, Math.abs(alpha), Math.abs(alpha * beta));
    const wrong = x.findIndex((value, i) => {
      const relative = name === "softplus" || (name === "sigmoid" && value < 0);
      const bound = relative ? 1e-6 * derivative(value) : 1e-6 * scale;
      return !(Math.abs(slopes[i] - derivative(value)) <= bound);
    });
    expect(wrong, `at ${x[wrong]}: ${slopes[wrong]}`).toBe(-1);
  });

  test("gives what mathematics gives at zero, at the ends, and for what is no number", () => {
    const x = Float32Array.of(0, -0, Infinity, -Infinity, Number.NaN, 3.4028234663852886e38, -3.4e38);
    const actual = results(x, name, options);
    const expected = Float32Array.from(x, (value) => f(value) + 0);
    expect([...actual].map((value) => value + 0)).toEqual([...expected]);
  });

  test("keeps padding zero, whatever is in that of its input", () => {
    for (const width of widths) {
      for (const rows of [1, 2, 5]) {
        const x = matrix(rows, width, normals(rows * width, 1, 3));
        guarded(engine, (operands) => {
          const { y, run } = forward(operands, x, name, options);
          run(0, rows);
          y.matrix().values.forEach((value, i) => {
            expect(Math.abs(value - f(x.values[i]))).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(x.values[i])));
          });
          expectZeros(y.padding());
          const again = forward(operands, x, name, options, true);
          again.run(0, rows);
          expectSameBits(again.y.floats(), y.floats());
        });
      }
    }
  });

  test("writes its rows only, with the same bits as all at once", () => {
    const x = matrix(7, 13, normals(91, 1));
    guarded(engine, (operands) => {
      const all = forward(operands, x, name, options);
      const part = forward(operands, x, name, options);
      const before = part.y.floats();
      all.run(0, 7);
      part.run(3, 6);
      const whole = all.y.floats();
      expectSameBits(
        part.y.floats(),
        whole.map((value, i) => (i >= 48 && i < 96 ? value : before[i])),
      );
    });
  });

  test("multiplies the gradient by its derivative, in the place of either operand too", () => {
    for (const count of [4, 16, 80]) {
      const x = normals(count, 2);
      const kept = keptOf(x, name, options);
      const dy = normals(count, 3);
      const slopes = derivatives(x, name, options);
      const expected = dy.map((value, i) => value * slopes[i]);
      for (const place of ["apart", "dy", "kept"]) {
        guarded(engine, (operands) => {
          const [keeps, dys] = [operands.output(kept), operands.output(dy)];
          const dx = place === "kept" ? keeps : place === "dy" ? dys : operands.output(count);
          const call = { ...kernelOperands(name, options), kept: keeps.address, dy: dys.address };
          engine.call("activationBackward", { ...call, dx: dx.address, count });
          expectSameBits(dx.floats(), expected);
        });
      }
    }
  });
});

test.each<[ActivationName, ActivationOptions, number, number]>([
  ["relu", {}, 0, 0],
  ["relu", {}, -0, 0],
  ["leakyRelu", { alpha: 0.25 }, 0, 0.25],
  ["leakyRelu", { alpha: 0.25 }, -0, 0.25],
  ["leakyRelu", { alpha: 0 }, -3, 0],
  ["leakyRelu", { alpha: 0.25 }, -1e-45, 0.25],
  ["thresholdedRelu", {}, 1, 0],
  ["thresholdedRelu", { alpha: 0 }, 0, 0],
  ["hardSigmoid", {}, -2.5, 0],
  ["hardSigmoid", {}, 2.5, 0],
  ["elu", { alpha: 0.5 }, 0, 0.5],
  ["elu", { alpha: 0 }, -3, 0],
  ["clip", { alpha: 0.5 }, 0.5, 0],
  ["clip", { alpha: 0.5 }, -0.5, 0],
  ...(["silu", "gelu", "geluTanh"] as const).flatMap(
    (name): [ActivationName, ActivationOptions, number, number][] => [
      [name, {}, 0, 0.5],
      [name, {}, Infinity, 1],
      [name, {}, -Infinity, -0],
      [name, {}, 1000, 1],
      [name, {}, -1000, -0],
      [name, {}, Number.NaN, Number.NaN],
    ],
  ),
])("%s %j has at %d the derivative %d", (name, options, x, expected) => {
  expect(derivatives(Float32Array.of(x), name, options)).toEqual(Float32Array.of(expected));
});
