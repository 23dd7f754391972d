/** A random orthogonal matrix as a product of Householder reflections (Stewart 1980), each applied as a whole matrix. */
import { type Matrix, matrix } from "./matrix.js";
import { product } from "./product.js";

/** Uses size (size + 1) / 2 words: one for the last sign, then a direction in ever larger spaces. */
export function orthogonal(size: number, words: ArrayLike<number>): Matrix {
  let result = diagonal(size, (i) => (i === size - 1 && words[0] % 2 === 1 ? -1 : 1));
  let next = 1;
  for (let first = size - 2; first >= 0; first--) {
    const direction = Array.from({ length: size }, (_, i) => (i < first ? 0 : nearlyNormal(words[next++])));
    const sign = direction[first] < 0 ? -1 : 1;
    direction[first] += sign * Math.hypot(...direction);
    const square = direction.reduce((sum, x) => sum + x * x, 0);
    const reflection = diagonal(size, () => 1);
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        reflection.values[row * size + column] -= (2 * direction[row] * direction[column]) / square;
      }
    }
    result = product(
      diagonal(size, (i) => (i === first ? -sign : 1)),
      product(reflection, result),
    );
  }
  return result;
}

/** The sum of the four bytes of a word, less 509.5: next to its mean of 510, and never 0. */
function nearlyNormal(word: number): number {
  return [0, 8, 16, 24].reduce((sum, shift) => sum + ((word >>> shift) & 255), 0) - 509.5;
}

function diagonal(size: number, value: (index: number) => number): Matrix {
  const result = matrix(size, size);
  for (let i = 0; i < size; i++) result.values[i * size + i] = value(i);
  return result;
}
