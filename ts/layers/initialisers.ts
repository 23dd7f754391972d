/** How parameters begin. All are drawn from our own generator, so a seed gives the same bits in every runtime. */
import type { Initialiser } from "../graph/parameter.js";
import type { Random } from "../random.js";

/** Uniform in ±sqrt(6 / (rows + columns)) (Glorot & Bengio 2010); each of `gates` blocks of columns counts as a matrix. */
export function glorotUniform(gates = 1): Initialiser {
  return (values, { rows, columns }, random) => {
    const bound = Math.sqrt(6 / (rows + columns / gates));
    for (let i = 0; i < values.length; i++) values[i] = (2 * random.uniform() - 1) * bound;
  };
}

/** Normal with mean 0 and the given standard deviation. */
export function normal(deviation: number): Initialiser {
  return (values, _layout, random) => {
    for (let i = 0; i < values.length; i++) values[i] = random.normal() * deviation;
  };
}

/** Each of `gates` square blocks of columns is a random orthogonal matrix (Saxe, McClelland & Ganguli 2014). */
export function orthogonal(gates: number): Initialiser {
  return (values, { rows, columns }, random) => {
    for (let gate = 0; gate < gates; gate++) {
      const matrix = randomOrthogonal(rows, random);
      for (let row = 0; row < rows; row++) {
        values.set(matrix.subarray(row * rows, (row + 1) * rows), row * columns + gate * rows);
      }
    }
  };
}

/** All zero, but one for the units of one of several gates: a forget gate that begins open (Jozefowicz et al. 2015). */
export function openGate(gate: number, gates: number): Initialiser {
  return (values) => {
    const units = values.length / gates;
    values.fill(1, gate * units, (gate + 1) * units);
  };
}

export const zeros: Initialiser = () => {};

/**
 * A matrix [size, size] uniform over the orthogonal ones: the product of `size - 1` Householder reflections of random
 * directions in ever smaller spaces, with random signs (Stewart 1980).
 */
export function randomOrthogonal(size: number, random: Random): Float32Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  const direction = new Float64Array(size);
  const product = new Float64Array(size);
  for (let first = size - 2; first >= 0; first--) {
    let norm = 0;
    for (let i = first; i < size; i++) {
      const x = random.normal();
      direction[i] = x;
      norm += x * x;
    }
    const sign = direction[first]! < 0 ? -1 : 1;
    const length = Math.sqrt(norm);
    norm += length * Math.abs(direction[first]!);
    direction[first]! += sign * length;
    // matrix -= direction (directionᵀ matrix) / norm, on the block from `first`; rows stay contiguous
    product.fill(0, first);
    for (let row = first; row < size; row++) {
      const x = direction[row]!;
      for (let column = first, at = row * size + first; column < size; column++, at++) {
        product[column]! += x * matrix[at]!;
      }
    }
    for (let row = first; row < size; row++) {
      const x = direction[row]! / norm;
      for (let column = first, at = row * size + first; column < size; column++, at++) {
        matrix[at]! -= x * product[column]!;
      }
    }
    for (let column = first, at = first * size + first; column < size; column++, at++) matrix[at]! *= -sign;
  }
  if (random.bits() & 1)
    for (let column = 0; column < size; column++) matrix[(size - 1) * size + column]! *= -1;
  return Float32Array.from(matrix);
}
