/** The sizes at which the products are tested, and what is collected from them. */

/** Around the lane, the panel of 16, the tile of 5 rows, the block of 384 inner indices and the block of 120 rows. */
export const units = [1, 3, 4, 5, 8, 13, 16, 17, 64];
export const rowsAndInputs = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 64].flatMap((rows) =>
    [1, 3, 4, 5, 8, 13, 64].map((inputs) => [rows, inputs]),
  ),
  ...[383, 384, 385, 769].flatMap((inputs) => [1, 2, 5].map((rows) => [rows, inputs])),
  ...[119, 120, 121, 123, 241].flatMap((rows) => [1, 5, 13].map((inputs) => [rows, inputs])),
  [121, 385],
];

/** What a size is, the kernel's numbers and the reference's. */
export type Results = [size: string, actual: Float64Array, expected: Float64Array][];
