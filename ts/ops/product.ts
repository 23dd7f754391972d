/** The three uses of a weight matrix: y = x W + b, dx = dy Wᵀ, and dW += xᵀ dy with db += the sum of dy. */
import { LINE, roundUp } from "../engine/address.js";
import type { Emit, Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { type Place, place, type Span, shift, span } from "../graph/span.js";

/** Rows of numbers in memory. */
export interface Matrix {
  readonly place: Place;
  readonly rows: number;
  readonly width: number;
  /** Floats from one row to the next. */
  readonly stride: number;
}

/** A value as one matrix of steps x batch rows. */
export function matrix({ place, steps, batch, width, stride }: Value, at: Place = place): Matrix {
  return { place: at, rows: steps * batch, width, stride };
}

/** The rows of one step, of a matrix of steps x batch. */
export function ofStep({ place, width, stride }: Matrix, t: number, batch: number): Matrix {
  return { place: shift(place, t * batch * stride), rows: batch, width, stride };
}

/**
 * Room for `rows` rows that are multiplied with a weight kept as int8, as whole numbers: see assembly/int8.ts; 0 for a weight of
 * float32.
 */
export function roomFor({ int8, layout }: Parameter, rows: number): Place | 0 {
  if (!int8) return 0;
  return place(span("whole numbers", rows * (4 + roundUp(layout.rows, LINE) / 2), { holds: "words" }));
}

/** y = x W + bias. */
export function emitProduct(emit: Emit, x: Matrix, weight: Parameter, bias: Span | 0, y: Matrix): void {
  emit("matmul", {
    x: x.place,
    weight: weight.value,
    quantised: roomFor(weight, x.rows),
    bias,
    y: y.place,
    inputs: x.width,
    panels: y.stride / LINE,
    xStride: x.stride,
    from: 0,
    to: x.rows,
  });
}

/** The panels of Wᵀ, for the backward pass, from a weight of `inputs` rows and `columns` columns with their padding. */
export function emitTranspose(emit: Emit, weight: Parameter, inputs: number, columns: number): Place {
  const transposed = place(span(`transpose of ${weight.path}`, roundUp(inputs, LINE) * columns));
  emit("transposePanels", {
    ...{ weight: weight.value, transposed, inputs, panels: columns / LINE },
    ...{ from: 0, to: roundUp(inputs, LINE) / LINE },
  });
  return transposed;
}

/** dx = dy Wᵀ. */
export function emitInputGradient(emit: Emit, dy: Matrix, weight: Parameter, dx: Matrix): void {
  emitTransposedProduct(emit, dy, emitTranspose(emit, weight, dx.width, dy.stride), dx);
}

/** The same with Wᵀ at hand, in panels. */
export function emitTransposedProduct(emit: Emit, dy: Matrix, transposed: Place, dx: Matrix): void {
  emit("matmul", {
    x: dy.place,
    weight: transposed,
    quantised: 0,
    bias: 0,
    y: dx.place,
    inputs: dy.stride,
    panels: dx.stride / LINE,
    xStride: dy.stride,
    from: 0,
    to: dy.rows,
  });
}

/** dW += xᵀ dy, dBias += the sum of dy's rows. */
export function emitWeightGradient(
  emit: Emit,
  x: Matrix,
  dy: Matrix,
  weight: Parameter,
  dBias: Span | 0,
): void {
  emit("matmulGradient", {
    x: x.place,
    dy: dy.place,
    dWeight: weight.gradient,
    dBias,
    scratch: place(span("scratch", (roundUp(x.width, 4) + LINE) * 128, { role: "scratch" })),
    inputs: x.width,
    rows: x.rows,
    xStride: x.stride,
    dyStride: dy.stride,
    from: 0,
    to: dy.stride / LINE,
  });
}
