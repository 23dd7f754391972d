/** Moves and sums over flat ranges touch what they say, and sum in the stated order. */
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { norm } from "../reference/optimisers.js";
import { createEngine } from "./engine.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 16 });
const counts = [0, 4, 8, 16, 20, 64, 1000];

describe.each(counts)("on %i floats", (count) => {
  const a = normals(count, 1);
  const b = normals(count, 2);

  test("copy copies bits", () => {
    const words = Uint32Array.from(a, (_, i) => 0x7f800001 + 97 * i);
    guarded(engine, (operands) => {
      const to = operands.output(count);
      engine.call("copy", { from: operands.input(words).address, to: to.address, count });
      expect(new Uint32Array(to.floats().buffer)).toEqual(words);
    });
  });

  test("zero writes zeros", () => {
    guarded(engine, (operands) => {
      const to = operands.output(count);
      engine.call("zero", { to: to.address, count });
      expectSameBits(to.floats(), new Float32Array(count));
    });
  });

  test("add adds, also in place of either term", () => {
    const expected = a.map((value, i) => value + b[i]);
    guarded(engine, (operands) => {
      const y = operands.output(count);
      const [left, right] = [operands.input(a).address, operands.input(b).address];
      engine.call("add", { a: left, b: right, y: y.address, count });
      expectSameBits(y.floats(), expected);
      const first = operands.output(a);
      engine.call("add", { a: first.address, b: right, y: first.address, count });
      expectSameBits(first.floats(), expected);
      const second = operands.output(b);
      engine.call("add", { a: left, b: second.address, y: second.address, count });
      expectSameBits(second.floats(), expected);
    });
  });

  test("scale multiplies", () => {
    guarded(engine, (operands) => {
      const x = operands.output(a);
      engine.call("scale", { x: x.address, count, factor: 0.3 });
      const factor = Math.fround(0.3);
      expectSameBits(
        x.floats(),
        a.map((value) => value * factor),
      );
    });
  });

  test("bound keeps what is within, and the sign of the rest", () => {
    guarded(engine, (operands) => {
      const x = operands.output(a);
      engine.call("bound", { x: x.address, count, most: 0.5 });
      expectSameBits(
        x.floats(),
        a.map((value) => Math.max(-0.5, Math.min(0.5, value))),
      );
    });
  });

  test("lasso pulls every number towards 0, and leaves 0 alone", () => {
    guarded(engine, (operands) => {
      const x = a.map((value, i) => (i % 5 === 0 ? 0 : value));
      const gradient = operands.output(b);
      engine.call("lasso", { x: operands.input(x).address, gradient: gradient.address, count, amount: 0.3 });
      const amount = Math.fround(0.3);
      expectSameBits(
        gradient.floats(),
        b.map((value, i) => value + amount * Math.sign(x[i]!)),
      );
    });
  });

  test("follow moves an average by the share that is not kept", () => {
    guarded(engine, (operands) => {
      const average = operands.output(a);
      engine.call("follow", { x: operands.input(b).address, average: average.address, count, keep: 0.9 });
      const [keep, take] = [Math.fround(0.9), Math.fround(1 - 0.9)];
      expectSameBits(
        average.floats(),
        a.map((value, i) => Math.fround(keep * value) + Math.fround(take * b[i]!)),
      );
    });
  });

  test("dot adds products in float64, index ascending", () => {
    const total = guarded(engine, (operands) =>
      engine.call("dot", { x: operands.input(a).address, y: operands.input(b).address, count }),
    );
    expect(total).toBe(a.reduce((sum, value, i) => sum + value * b[i]!, 0));
  });

  test("squaredNorm adds squares in float64, four sums side by side", () => {
    const sums = [0, 1, 2, 3].map((lane) =>
      a.reduce((sum, value, i) => (i % 4 === lane ? sum + value * value : sum), 0),
    );
    const total = guarded(engine, (operands) =>
      engine.call("squaredNorm", { x: operands.input(a).address, count }),
    );
    expect(total).toBe(sums[0] + sums[2] + (sums[1] + sums[3]));
    expect(Math.abs(Math.sqrt(total) - norm(a))).toBeLessThanOrEqual(1e-14 * norm(a));
  });
});

describe("squaredNorm", () => {
  test("of the largest numbers does not overflow, and of the smallest does not vanish", () => {
    for (const value of [3.4e38, 1e-45]) {
      const x = new Float32Array(8).fill(value);
      const total = guarded(engine, (operands) =>
        engine.call("squaredNorm", { x: operands.input(x).address, count: 8 }),
      );
      expect(total).toBe(8 * x[0] ** 2);
    }
  });

  test.each([NaN, Infinity, -Infinity])("is not finite with one %d anywhere", (value) => {
    for (let place = 0; place < 12; place++) {
      const x = new Float32Array(12).fill(1);
      x[place] = value;
      const total = guarded(engine, (operands) =>
        engine.call("squaredNorm", { x: operands.input(x).address, count: 12 }),
      );
      expect(Number.isFinite(total)).toBe(false);
    }
  });
});
