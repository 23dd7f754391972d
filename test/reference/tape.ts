/** The primitive operations in float64, recorded as they are computed, and reverse-mode differentiation of the record. */
import type { ActivationName, ActivationOptions } from "../../ts/ops/activation.js";
import { activation } from "./activation.js";
import { type Matrix, matrix } from "./matrix.js";
import { product, productGradients } from "./product.js";
import type { Primitives } from "./unrolled.js";

/** [steps][batch] rows of numbers; a parameter is one of one step. */
export interface Variable {
  readonly steps: number;
  readonly batch: number;
  readonly width: number;
  readonly value: Matrix;
  /** Of the loss, once `backward` has been called. */
  readonly gradient: Matrix;
}

export class Tape implements Primitives<Variable> {
  readonly #backwards: (() => void)[] = [];

  /** A value to differentiate by. */
  variable(value: Matrix, batch = value.rows): Variable {
    const gradient = matrix(value.rows, value.columns);
    return { steps: value.rows / batch, batch, width: value.columns, value, gradient };
  }

  add(...values: readonly Variable[]): Variable {
    return this.#pointwise(
      values,
      (numbers) => numbers.reduce((sum, number) => sum + number, 0),
      () => 1,
    );
  }

  multiply(...values: readonly Variable[]): Variable {
    const times = (numbers: readonly number[]) => numbers.reduce((all, number) => all * number, 1);
    return this.#pointwise(values, times, (numbers, of) => times(numbers.filter((_, i) => i !== of)));
  }

  activate(x: Variable, name: ActivationName, options?: ActivationOptions): Variable {
    const { f, derivative } = activation(name, options);
    return this.#pointwise(
      [x],
      ([number]) => f(number),
      ([number]) => derivative(number),
    );
  }

  normalise(x: Variable): Variable {
    const { rows, columns, values } = x.value;
    const normal = matrix(rows, columns);
    const scales = Array.from({ length: rows }, (_, row) => {
      const own = values.subarray(row * columns, (row + 1) * columns);
      const mean = own.reduce((sum, value) => sum + value, 0) / columns;
      const variance = own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / columns;
      const scale = 1 / Math.sqrt(variance + 1e-5);
      own.forEach((value, i) => {
        normal.values[row * columns + i] = (value - mean) * scale;
      });
      return scale;
    });
    const output = this.variable(normal, x.batch);
    this.#backwards.push(() => {
      for (const [row, scale] of scales.entries()) {
        const slopes = output.gradient.values.subarray(row * columns, (row + 1) * columns);
        const own = normal.values.subarray(row * columns, (row + 1) * columns);
        const mean = slopes.reduce((sum, value) => sum + value, 0) / columns;
        const along = slopes.reduce((sum, value, i) => sum + value * own[i]!, 0) / columns;
        slopes.forEach((slope, i) => {
          x.gradient.values[row * columns + i]! += scale * (slope - mean - own[i]! * along);
        });
      }
    });
    return output;
  }

  concat(...values: readonly Variable[]): Variable {
    const width = values.reduce((sum, value) => sum + value.width, 0);
    const [{ steps, batch }] = values;
    let start = 0;
    const moves = values.flatMap((value) => {
      const column = start;
      start += value.width;
      return Array.from(value.value.values, (_, i) => ({
        from: value,
        at: i,
        to: Math.floor(i / value.width) * width + column + (i % value.width),
      }));
    });
    return this.#moved(steps, batch, width, moves);
  }

  slice(x: Variable, from: number, to: number): Variable {
    const width = to - from;
    const moves = Array.from({ length: x.steps * x.batch * width }, (_, i) => ({
      from: x,
      at: Math.floor(i / width) * x.width + from + (i % width),
      to: i,
    }));
    return this.#moved(x.steps, x.batch, width, moves);
  }

  at(x: Variable, step: number): Variable {
    const count = x.batch * x.width;
    const start = (step < 0 ? step + x.steps : step) * count;
    const moves = Array.from({ length: count }, (_, i) => ({ from: x, at: start + i, to: i }));
    return this.#moved(1, x.batch, x.width, moves);
  }

  stack(values: readonly Variable[]): Variable {
    const [{ batch, width }] = values;
    const moves = values.flatMap((from, step) =>
      Array.from({ length: batch * width }, (_, at) => ({ from, at, to: step * batch * width + at })),
    );
    return this.#moved(values.length, batch, width, moves);
  }

  /** A row, the same for each row of `like`. */
  broadcast(vector: Variable, { steps, batch }: Pick<Variable, "steps" | "batch">): Variable {
    const { width } = vector;
    const moves = Array.from({ length: steps * batch * width }, (_, to) => ({
      from: vector,
      at: to % width,
      to,
    }));
    return this.#moved(steps, batch, width, moves);
  }

  /** x W + b */
  linear(x: Variable, weight: Variable, bias?: Variable): Variable {
    const output = this.variable(product(x.value, weight.value, bias?.value.values), x.batch);
    this.#backwards.push(() => {
      const gradients = productGradients(x.value, weight.value, output.gradient);
      accumulate(x.gradient, gradients.x.values);
      accumulate(weight.gradient, gradients.weight.values);
      if (bias) accumulate(bias.gradient, gradients.bias);
    });
    return output;
  }

  /** Gives every variable its gradient of the sum of outputs x upstream. */
  backward(outputs: readonly Variable[], upstream: readonly Matrix[]): void {
    for (const [index, { gradient }] of outputs.entries()) accumulate(gradient, upstream[index].values);
    for (const backward of this.#backwards.toReversed()) backward();
  }

  #pointwise(
    values: readonly Variable[],
    f: (numbers: readonly number[]) => number,
    derivative: (numbers: readonly number[], of: number) => number,
  ): Variable {
    const [{ batch, value }] = values;
    const numbersAt = (i: number) => values.map(({ value }) => value.values[i]);
    const result = Array.from(value.values, (_, i) => f(numbersAt(i)));
    const output = this.variable(matrix(value.rows, value.columns, result), batch);
    this.#backwards.push(() => {
      for (const [i, slope] of output.gradient.values.entries()) {
        const numbers = numbersAt(i);
        for (const [of, { gradient }] of values.entries()) {
          gradient.values[i] += slope * derivative(numbers, of);
        }
      }
    });
    return output;
  }

  #moved(
    steps: number,
    batch: number,
    width: number,
    moves: readonly { from: Variable; at: number; to: number }[],
  ): Variable {
    const output = this.variable(matrix(steps * batch, width), batch);
    for (const { from, at, to } of moves) output.value.values[to] = from.value.values[at];
    this.#backwards.push(() => {
      for (const { from, at, to } of moves) from.gradient.values[at] += output.gradient.values[to];
    });
    return output;
  }
}

function accumulate(into: Matrix, values: ArrayLike<number>): void {
  for (let i = 0; i < into.values.length; i++) into.values[i] += values[i];
}
