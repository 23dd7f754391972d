/**
 * The rows of a table that a step touches, as a sparse set (Briggs & Torczon 1993), which is empty as soon as its size is 0:
 * size, one word; list [entries], the rows of which the first `size` are meant, in the order in which they came; places
 * [entries], where in the list each row stands if it does. The gradient of the table lies in the same order.
 */
import { ended } from "./cells/rows";

/** In the place of a row: that it has none. */
const NONE: u32 = u32.MAX_VALUE;

/**
 * y = the places of ids in the set, both [steps][batch]; it takes in those that are new. Steps past the length
 * of their row touch nothing, nor does the symbol `padding`: they have no place.
 */
export function touchRows(
  ids: usize, lengths: usize, y: usize, size: usize, list: usize, places: usize, padding: u32, steps: u32, batch: u32,
): void {
  let count = load<u32>(size);
  for (let t: usize = 0; t < <usize>steps; t++) {
    for (let row: usize = 0; row < <usize>batch; row++, ids += 4, y += 4) {
      const id = load<u32>(ids);
      let place = NONE;
      if (id != padding && !ended(lengths, row, t)) {
        place = load<u32>(places + (<usize>id << 2));
        if (place >= count || load<u32>(list + (<usize>place << 2)) != id) {
          place = count++;
          store<u32>(list + (<usize>place << 2), id);
          store<u32>(places + (<usize>id << 2), place);
        }
      }
      store<u32>(y, place);
    }
  }
  store<u32>(size, count);
}

/** table[ids[r]] = x[r] for rows [from, to): x [rows][stride], table [entries][stride], no id twice. */
export function putRows(x: usize, ids: usize, table: usize, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    memory.copy(table + <usize>load<u32>(ids + (row << 2)) * bytes, x + row * bytes, bytes);
  }
}
