/** Numbers with a shape: what goes into a model and comes out of it. */

import { InputError } from "../errors.js";

/** A row-major array. Axes are in the order [example][time][feature]; those that do not apply are left out. */
export interface Tensor<D extends Float32Array | Float64Array | Uint32Array = Float32Array> {
  readonly shape: readonly number[];
  readonly data: D;
}

/** `data`, not copied, as a tensor of `shape`; throws InputError unless the shape has just as many elements. */
export function tensor<D extends Float32Array | Float64Array | Uint32Array>(
  data: D,
  shape: readonly number[],
): Tensor<D> {
  const sizes = shape.join(" x ");
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new InputError({ where: "tensor.shape", expected: "whole numbers from 0", got: sizes });
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements !== data.length)
    throw new InputError({
      where: "tensor.data",
      expected: `${elements} elements for the shape [${sizes}]`,
      got: `${data.length}`,
    });
  return { shape: [...shape], data };
}
