/** The GloVe kernel takes the steps of AdaGrad on the paper's loss, as in float64. */
import { describe, expect, test } from "vitest";
import { createEngineOf } from "../../ts/engine/create.js";
import { kernels } from "../../ts/words/words.gen.js";
import { guarded } from "../kernels/operands.js";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";

const engine = await createEngineOf(kernels, { memory: 16 });

const [entries, count, rate] = [6, 30, 0.05];
const focus = indices(count, entries, 1);
const context = indices(count, entries, 2);
const logs = normals(count, 3);
const weights = normals(count, 4).map(Math.abs);
const widths = [1, 3, 4, 5, 8, 13, 64];

/** A row of numbers and its bias as it is stored; all else is `rest`. */
function stored(rows: readonly (readonly number[])[], width: number, stride: number, rest: number) {
  const floats = new Float32Array(rows.length * stride).fill(rest);
  for (const [r, row] of rows.entries()) {
    floats.set(row.slice(0, width), r * stride);
    floats[r * stride + 4 * Math.ceil(width / 4)] = row[width]!;
  }
  return floats;
}

function run(width: number, ranges: readonly (readonly [number, number])[]) {
  const stride = 16 * Math.ceil((4 * Math.ceil(width / 4) + 1) / 16);
  const draw = (seed: number) =>
    Array.from({ length: entries }, (_, row) => [...normals(width + 1, 10 * seed + row, 0.5)]);
  const tables = [draw(1), draw(2)];
  const pairs = new Float32Array(4 * count);
  const words = new Uint32Array(pairs.buffer);
  for (let i = 0; i < count; i++) {
    words.set([focus[i]!, context[i]!], 4 * i);
    pairs.set([logs[i]!, weights[i]!], 4 * i + 2);
  }
  return guarded(engine, (operands) => {
    const [w, c] = tables.map((rows) => operands.output(stored(rows, width, stride, 0)));
    const [wSums, cSums] = [1, 2].map(() => operands.output(new Float32Array(entries * stride).fill(1)));
    const call = {
      pairs: operands.input(pairs).address,
      w: w!.address,
      c: c!.address,
      wSums: wSums!.address,
      cSums: cSums!.address,
      width,
      stride,
      rate,
    };
    const loss = ranges.reduce((sum, [from, to]) => sum + engine.call("glove", { ...call, from, to }), 0);
    return { tables, stride, loss, after: [w!.floats(), c!.floats()] };
  });
}

describe("glove", () => {
  test.each(widths)("of width %i is as in float64", (width) => {
    const { tables, stride, loss, after } = run(width, [[0, count]]);
    const sums = tables.map((rows) => rows.map((row) => row.map(() => 1)));
    let expected = 0;
    for (let i = 0; i < count; i++) {
      const [w, c] = [tables[0]![focus[i]!]!, tables[1]![context[i]!]!];
      const [x, y] = [w.slice(0, width), c.slice(0, width)];
      const d = x.reduce((sum, value, k) => sum + value * y[k]!, 0) + w[width]! + c[width]! - logs[i]!;
      expected += weights[i]! * d * d;
      const g = weights[i]! * d;
      const steps = [[...y, 1].map((value) => g * value), [...x, 1].map((value) => g * value)];
      for (const [t, row] of [focus[i]!, context[i]!].entries()) {
        for (const [k, step] of steps[t]!.entries()) {
          sums[t]![row]![k]! += step * step;
          tables[t]![row]![k]! -= (rate * step) / Math.sqrt(sums[t]![row]![k]!);
        }
      }
    }
    expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-6);
    for (const t of [0, 1]) {
      expectClose(after[t]!, stored(tables[t]!, width, stride, 0), 1e-6);
      const place = (i: number) => i % stride;
      const bias = 4 * Math.ceil(width / 4);
      expectZeros(after[t]!.filter((_, i) => place(i) >= width && place(i) !== bias));
    }
  });

  test("has the same bits whether its pairs come at once or in parts", () => {
    const [all, parts] = [
      run(13, [[0, count]]),
      run(13, [
        [0, 7],
        [7, 8],
        [8, count],
      ]),
    ];
    for (const t of [0, 1]) expectSameBits(parts.after[t]!, all.after[t]!);
  });
});
