/**
 * What all cells share. A call goes through the steps [start, stop), counted in the order of the recurrence, for rows
 * [from, to) of the batch: row by row, a cell depends on nothing but its own past.
 *
 *   states   what the steps begin with; source: h as the products read it; results: what the steps make. All are laid out
 *            like the cell's states and one array, unless something happens to states between the steps
 *   dHidden  [steps][batch] rows like h: the gradient of the outputs on entry, of all that follows on return
 *   dStates  each state in turn, [batch] rows: the gradient of the states after the steps on entry, before them on return
 *   dSource  like dStates' h, to which the gradient of source is added: dStates, unless source is not states
 */

/** Past its length a row keeps its state and passes gradients on. lengths: words [batch], or 0 if no row ends. */
// @ts-ignore: decorator
@inline
export function ended(lengths: usize, row: usize, t: usize): bool {
  return lengths != 0 && t >= <usize>load<u32>(lengths + (row << 2));
}
