/** Kernels of losses that take rows of numbers one by one: run in parts and at once, and compared with the definition. */
import { expect } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import type { Engine } from "../../ts/engine/engine.js";
import { rowLayout } from "../../ts/graph/parameter.js";
import { expectClose, expectSameBits, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import type { RowLoss } from "../reference/losses.js";
import type { Matrix } from "../reference/matrix.js";
import { guarded, layoutOf, type Operands, pack } from "./operands.js";

/** In place of an address that a kernel can do without. */
export const none = 0 as Address;

export const widths = [1, 3, 4, 5, 8, 13, 16, 17, 64];
export const rowCounts = [1, 2, 7];

export interface LossTrial {
  /** What is differentiated: as many matrices of one shape as there are gradients. */
  readonly outputs: readonly Matrix[];
  /** The loss of a row, and the gradients of its outputs one after another. */
  expected(row: number): RowLoss;
  /** Records both kernels on these addresses. */
  run(call: {
    operands: Operands;
    outputs: readonly Address[];
    gradients: readonly Address[];
    losses: Address;
    weights: Address;
    stride: number;
    from: number;
    to: number;
  }): void;
}

/** Fails unless losses and gradients are the definition's, by central differences too, and the same bits for any parts. */
export function expectLoss(engine: Engine, { outputs, expected, run }: LossTrial, tolerance = 2e-6): void {
  const [{ rows, columns }] = outputs;
  const layout = rowLayout(rows, columns);
  const weights = normals(rows, 99).map((weight, row) => (row === 1 ? 0 : Math.abs(weight)));
  const wanted = Array.from({ length: rows }, (_, row) => expected(row));
  guarded(engine, (operands) => {
    const results = [[rows], [1, rows]].map((ends) => {
      const gradients = outputs.map(() => operands.result(layout));
      const losses = operands.output(rows);
      const given = outputs.map((output) => operands.stored(output.values, layoutOf(output)).address);
      const call = {
        operands,
        outputs: given,
        gradients: gradients.map(({ address }) => address),
        losses: losses.address,
        weights: operands.input(weights).address,
        stride: layout.count / rows,
      };
      let from = 0;
      for (const to of ends) {
        run({ ...call, from, to });
        from = to;
      }
      return { losses: losses.floats(), gradients };
    });
    const [whole, parts] = results;
    expectSameBits(parts.losses, whole.losses, "loss");
    expectClose(
      whole.losses,
      wanted.map(({ loss }) => loss),
      tolerance,
    );
    for (const [index, gradient] of whole.gradients.entries()) {
      expectSameBits(parts.gradients[index].floats(), gradient.floats(), "gradient");
      expectZeros(gradient.padding());
      expectClose(
        gradient.matrix().values,
        wanted.flatMap(({ gradient }, row) =>
          gradient.slice(index * columns, (index + 1) * columns).map((slope) => slope * weights[row]),
        ),
        tolerance,
        "gradient",
      );
    }
  });
  const step = 1e-6;
  for (const [index, { values }] of outputs.entries()) {
    for (let column = 0; column < columns; column += Math.ceil(columns / 5)) {
      const value = values[column];
      values[column] = value + step;
      const above = expected(0).loss;
      values[column] = value - step;
      const below = expected(0).loss;
      values[column] = value;
      const difference = (above - below) / (2 * step);
      const error = Math.abs(wanted[0].gradient[index * columns + column] - difference);
      expect(error, `slope ${index}[${column}]`).toBeLessThanOrEqual(1e-4 * Math.abs(difference) + 1e-8);
    }
  }
}

/** One number for each column, zero in the padding. */
export function constants(operands: Operands, values: ArrayLike<number>): Address {
  return operands.input(pack(values, rowLayout(1, values.length))).address;
}
