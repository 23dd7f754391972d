/** The kernels of conditional random fields: they write what is theirs, and the same bits for any parts. */
import { describe, expect, test } from "vitest";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { fieldLoss } from "../reference/crf.js";
import { indices, normalMatrix, normals } from "../reference/draw.js";
import { rowsOf } from "../reference/matrix.js";
import { createEngine } from "./engine.js";
import { none } from "./loss-kernels.js";
import { guarded, layoutOf, pack } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe("crfForward, crfBackward and crfGradient", () => {
  const batch = 5;

  test.each([
    [1, 3, true],
    [2, 5, true],
    [3, 4, true],
    [4, 4, false],
    [5, 3, true],
    [8, 3, true],
    [13, 2, true],
    [17, 2, false],
  ])("of %i tags over %i steps, rows ended: %s", (tags, steps, ended) => {
    const lengths = ended
      ? Uint32Array.of(steps, 0, 1, Math.max(1, steps - 1), steps)
      : new Uint32Array(batch).fill(steps);
    const emissions = normalMatrix(steps * batch, tags, 1, 2);
    const targets = indices(steps * batch, tags, 2);
    const transitions = normalMatrix(tags, tags, 3);
    const [start, end] = [normals(tags, 4), normals(tags, 5)];
    // A row of weight 0, and one whose steps weigh differently.
    const weights = normals(steps * batch, 6).map((weight, i) =>
      i % batch === 3 ? 0 : i % batch === 4 ? Math.abs(weight) : 0.25,
    );
    const layout = layoutOf(emissions);
    const stride = layout.count / (steps * batch);
    const line = rowLayout(1, tags);
    const before = normals(tags * (tags + 2), 7);

    guarded(engine, (operands) => {
      const given = {
        x: operands.stored(emissions.values, layout).address,
        targets: operands.input(targets).address,
        lengths: ended ? operands.input(lengths).address : none,
        transitions: operands.stored(transitions.values, layoutOf(transitions)).address,
        start: operands.input(pack(start, line)).address,
        end: operands.input(pack(end, line)).address,
        weights: operands.input(weights).address,
      };
      const { x, start: from0, ...shared } = given;
      const results = [[batch], [1, 2, batch]].map((ends) => {
        const losses = operands.output(steps * batch);
        const dx = operands.result(layout);
        const counts = operands.result(rowLayout(batch * (tags + 2), tags));
        const alphas = operands.output(layout.count).address;
        const scratch = operands.output(batch * 8 * tags).address;
        const call = { alphas, scratch, tags, stride, steps, batch };
        let from = 0;
        for (const to of ends) {
          const { weights, ...forward } = shared;
          engine.call("crfForward", {
            x,
            start: from0,
            losses: losses.address,
            ...forward,
            ...call,
            from,
            to,
          });
          engine.call("crfBackward", {
            dx: dx.address,
            counts: counts.address,
            ...shared,
            ...call,
            from,
            to,
          });
          from = to;
        }
        const into = [tags, 1, 1].map((rows, i) => {
          const past = [0, tags, tags + 1][i];
          return operands.result(rowLayout(rows, tags), before.subarray(past * tags, (past + rows) * tags));
        });
        const [dTransitions, dStart, dEnd] = into.map(({ address }) => address);
        for (const [from, to] of ends.length === 1
          ? [[0, stride / 4]]
          : [
              [0, 1],
              [1, stride / 4],
            ]) {
          engine.call("crfGradient", {
            counts: counts.address,
            dTransitions,
            dStart,
            dEnd,
            tags,
            stride,
            batch,
            from,
            to,
          });
        }
        return { losses, dx, counts, into };
      });
      const [whole, parts] = results;
      expectSameBits(parts.losses.floats(), whole.losses.floats());
      expectSameBits(parts.dx.floats(), whole.dx.floats());
      expectSameBits(parts.counts.floats(), whole.counts.floats());
      for (const [i, gradient] of whole.into.entries()) {
        expectSameBits(parts.into[i].floats(), gradient.floats());
        expectZeros(gradient.padding());
      }
      expectZeros(whole.dx.padding());
      expectZeros(whole.counts.padding());

      const sums = Float64Array.from(before);
      for (let row = 0; row < batch; row++) {
        const length = lengths[row];
        const at = Array.from({ length: steps }, (_, t) => t * batch + row);
        const own = at.slice(0, length);
        const slopes = at.flatMap((r) => [...rowsOf(whole.dx.matrix(), r, r + 1).values]);
        if (length === 0) {
          expectZeros(Float32Array.from(slopes), "slope");
          continue;
        }
        const rows = own.map((r) => rowsOf(emissions, r, r + 1).values);
        const field = { transitions: transitions.values, start, end };
        const expected = fieldLoss(
          rows,
          field,
          own.map((r) => targets[r]),
        );
        const weight = own.reduce((sum, r) => sum + weights[r], 0) / length;
        for (const [t, r] of at.entries()) {
          expect(whole.losses.floats()[r]).toBeCloseTo(t < length ? expected.loss / length : 0, 5);
        }
        for (const [i, slope] of slopes.entries()) {
          expect(slope).toBeCloseTo(weight * (expected.emissions[i] ?? 0), 5);
        }
        const all = [...expected.transitions, ...expected.start, ...expected.end];
        for (const [i, slope] of all.entries()) sums[i] += weight * slope;
      }
      expectClose(
        whole.into.flatMap((gradient) => [...gradient.matrix().values]),
        sums,
        2e-6,
      );
    });
  });

  test.each([3, 5])("an emission of %i tags that is not a number is not passed over", (tags) => {
    const emissions = normalMatrix(2, tags, 1);
    emissions.values[2] = NaN;
    guarded(engine, (operands) => {
      const zeros = (rows: number) => operands.input(new Float32Array(rows * 16)).address;
      const losses = operands.output(2);
      engine.call("crfForward", {
        x: operands.stored(emissions.values, layoutOf(emissions)).address,
        targets: operands.input(Uint32Array.of(0, 1)).address,
        lengths: none,
        ...{ transitions: zeros(tags), start: zeros(1), end: zeros(1) },
        alphas: operands.output(32).address,
        scratch: operands.output(8 * tags).address,
        losses: losses.address,
        ...{ tags, stride: 16, steps: 2, batch: 1, from: 0, to: 1 },
      });
      expect([...losses.floats()]).toEqual([NaN, NaN]);
    });
  });
});
