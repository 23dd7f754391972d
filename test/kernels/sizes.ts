/** The sizes at which the products are tested, and what is collected from them. */

/** Around the lane, the panel of 16, the block of 256 inner indices and the block of 128 rows. */
export const units = [1, 3, 4, 5, 8, 13, 16, 17, 64];
export const rowsAndInputs = [
  ...[1, 2, 3, 4, 5, 8, 13, 64].flatMap((rows) => [1, 3, 4, 5, 8, 13, 64].map((inputs) => [rows, inputs])),
  ...[255, 256, 257, 300, 513].flatMap((inputs) => [1, 2, 5].map((rows) => [rows, inputs])),
  ...[127, 128, 129, 131, 257].flatMap((rows) => [1, 5, 13].map((inputs) => [rows, inputs])),
  [129, 257],
];

/** What a size is, the kernel's numbers and the reference's. */
export type Results = [size: string, actual: Float64Array, expected: Float64Array][];
