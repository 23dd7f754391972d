/** The kernels of connectionist temporal classification: they write what is theirs, and the same bits for any parts. */
import { describe, expect, test } from "vitest";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectSameBits, expectZeros } from "../reference/compare.js";
import { indices, normalMatrix } from "../reference/draw.js";
import { ctcByPaths, logSoftmax } from "../reference/losses.js";
import { type Matrix, matrix, rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { none } from "./loss-kernels.js";
import { guarded, layoutOf } from "./operands.js";

const engine = await createEngine({ memory: 16 });

const logs = ({ rows, columns, values }: Matrix) =>
  matrix(
    rows,
    columns,
    Array.from({ length: rows }, (_, row) =>
      logSoftmax(values.subarray(row * columns, (row + 1) * columns)),
    ).flat(),
  );

describe("ctcForward and ctcBackward", () => {
  const [steps, batch, classes] = [5, 4, 3];
  const lengths = Uint32Array.of(5, 0, 3, 4);
  const weights = Float32Array.of(1, 0.5, 0, 2);

  test.each([1, 3, 4, 5, 8, 13])("with room for %i labels", (room) => {
    const logProbs = logs(normalMatrix(steps * batch, classes, 3, 2));
    const ids = indices(room * batch, classes - 1, 4).map((id) => id + 1);
    const counts = Uint32Array.of(Math.min(room, 2), 0, room, Math.min(room, 1));
    const layout = rowLayout(steps * batch, classes);
    const states = Math.ceil((2 * room + 12) / 16) * 16;
    guarded(engine, (operands) => {
      const given = operands.stored(logProbs.values, layout).address;
      const results = [[batch], [1, 2, batch]].map((ends) => {
        const losses = operands.output(batch);
        const dLogits = operands.result(layout);
        const call = {
          logProbs: given,
          labels: operands.input(ids).address,
          labelLengths: operands.input(counts).address,
          lengths: operands.input(lengths).address,
          lattice: operands.output(batch * (steps + 3) * states).address,
          weights: operands.input(weights).address,
          ...{ blank: 0, perLabel: 1, states, steps, batch, stride: layout.count / (steps * batch) },
        };
        let from = 0;
        for (const to of ends) {
          engine.call("ctcForward", { losses: losses.address, impossible: Infinity, ...call, from, to });
          engine.call("ctcBackward", { dLogits: dLogits.address, width: classes, ...call, from, to });
          from = to;
        }
        return { losses: losses.floats(), dLogits };
      });
      const [whole, parts] = results;
      expectSameBits(parts.losses, whole.losses);
      expectSameBits(parts.dLogits.floats(), whole.dLogits.floats());
      expectZeros(whole.dLogits.padding());
      for (const [row, weight] of weights.entries()) {
        const at = Array.from({ length: steps }, (_, t) => t * batch + row);
        const own = Array.from({ length: counts[row] }, (_, i) => ids[i * batch + row]);
        const paths = at.slice(0, lengths[row]).map((r) => rowsOf(logProbs, r, r + 1).values);
        const { loss, gradient } = ctcByPaths(paths, own, 0);
        const divisor = Math.max(1, own.length);
        if (weight > 0) expect(whole.losses[row]).toBeCloseTo(loss / divisor, 5);
        else expect(whole.losses[row]).toBe(0);
        const slopes = at.flatMap((r) => [...rowsOf(whole.dLogits.matrix(), r, r + 1).values]);
        slopes.forEach((slope, i) => {
          expect(slope).toBeCloseTo(((gradient[i] ?? 0) * weight) / divisor, 5);
        });
      }
    });
  });

  test("without lengths all steps count", () => {
    const logProbs = logs(normalMatrix(4, 2, 5));
    guarded(engine, (operands) => {
      const losses = operands.output(1);
      engine.call("ctcForward", {
        logProbs: operands.stored(logProbs.values, layoutOf(logProbs)).address,
        labels: operands.input(Uint32Array.of(1, 1)).address,
        labelLengths: operands.input(Uint32Array.of(2)).address,
        lengths: none,
        lattice: operands.output(7 * 16).address,
        losses: losses.address,
        weights: operands.input(Float32Array.of(1)).address,
        ...{
          blank: 0,
          impossible: 0,
          perLabel: 0,
          states: 16,
          steps: 4,
          batch: 1,
          stride: 16,
          from: 0,
          to: 1,
        },
      });
      const steps = Array.from({ length: 4 }, (_, t) => rowsOf(logProbs, t, t + 1).values);
      expect(losses.floats()[0]).toBeCloseTo(ctcByPaths(steps, [1, 1], 0).loss, 5);
    });
  });
});
