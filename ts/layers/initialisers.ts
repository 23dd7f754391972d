/** How parameters begin. All are drawn from our own generator, so a seed gives the same bits in every runtime. */
import type { Initialiser } from "../graph/parameter.js";
import type { Random } from "../random.js";

/** Uniform in ±sqrt(6 / (rows + columns)) (Glorot & Bengio 2010); each of `gates` blocks of columns counts as a matrix. */
export function glorotUniform(gates = 1): Initialiser {
  return (values, { rows, columns }, random) => {
    const bound = Math.sqrt(6 / (rows + columns / gates));
    for (let i = 0; i < values.length; i++) values[i] = ((random.bits() | 0) / 0x80000000) * bound;
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
 * An orthogonal matrix [size, size]: the product of `size - 1` Householder reflections of random directions in ever
 * smaller spaces, with random signs (Stewart 1980; uniform over the orthogonal matrices if the directions are normal).
 */
export function randomOrthogonal(size: number, random: Random): Float32Array {
  const matrix = new Float64Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  const direction = new Float64Array(size);
  const product = new Float64Array(size);
  for (let first = size - 2; first >= 0; first--) {
    let squares = 0;
    for (let i = first; i < size; i++) {
      const x = nearlyNormal(random.bits());
      direction[i] = x;
      squares += x * x;
    }
    const sign = direction[first]! < 0 ? -1 : 1;
    const length = Math.sqrt(squares);
    const half = squares + length * Math.abs(direction[first]!); // of the square of the direction, once it is mirrored
    direction[first]! += sign * length;
    // The block from `first`: matrix -= direction (directionᵀ matrix) / half.
    product.fill(0, first);
    for (let row = first; row < size; row++) {
      addScaled(product, first, matrix, row * size + first, size - first, direction[row]!);
    }
    for (let row = first; row < size; row++) {
      addScaled(matrix, row * size + first, product, first, size - first, -direction[row]! / half);
    }
    for (let i = first * size + first; i < (first + 1) * size; i++) matrix[i]! *= -sign;
  }
  if (random.bits() & 1) for (let i = (size - 1) * size; i < size * size; i++) matrix[i]! *= -1;
  return Float32Array.from(matrix);
}

/** The sum of four bytes of a word, centred and never 0: good enough for a direction, and a model is ready in milliseconds. */
function nearlyNormal(word: number): number {
  return (word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - 509.5;
}

/** to[at + i] += factor * from[start + i], i below count. A function of its own, so that it is compiled once and early. */
function addScaled(
  to: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  count: number,
  factor: number,
): void {
  for (let i = 0; i < count; i++) to[at + i]! += factor * from[start + i]!;
}
