/** Rows of a batch that have ended: past its length a row keeps its state and passes gradients on untouched. */

/** Whether row `row` has ended before step t. lengths: words [batch], or 0 if no row ends. */
// @ts-ignore: decorator
@inline
export function ended(lengths: usize, row: usize, t: usize): bool {
  return lengths != 0 && t >= <usize>load<u32>(lengths + (row << 2));
}
