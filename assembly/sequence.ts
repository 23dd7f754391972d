/** What happens to whole rows of a batch over the steps: where they begin, and where they end. */
import { ended } from "./cells/rows";

/**
 * The first states of the rows that begin anew: row r of `initial`, initialStride floats apart (0: the same for all), or
 * zeros if initial is 0. The others keep what was carried over. fresh: words [batch], not 0 for such rows, or 0 if all are.
 */
export function beginStates(states: usize, initial: usize, initialStride: u32, fresh: usize, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    if (fresh != 0 && !load<u32>(fresh + (row << 2))) continue;
    if (initial) memory.copy(states + row * bytes, initial + ((row * initialStride) << 2), bytes);
    else memory.fill(states + row * bytes, 0, bytes);
  }
}

/** dStates = 0 for the rows that did not begin anew; the others are added to dInitial [stride], rows ascending, unless it is 0. */
export function beginStatesBackward(dStates: usize, fresh: usize, dInitial: usize, stride: u32, batch: u32): void {
  const bytes = <usize>stride << 2;
  for (let row: usize = 0; row < <usize>batch; row++) {
    const d = dStates + row * bytes;
    if (fresh != 0 && !load<u32>(fresh + (row << 2))) {
      memory.fill(d, 0, bytes);
    } else if (dInitial) {
      for (let c: usize = 0; c < bytes; c += 16) {
        v128.store(dInitial + c, f32x4.add(v128.load(dInitial + c), v128.load(d + c)));
      }
    }
  }
}

/** y[t][row] = x[t][row] where the row has not ended, else 0, for rows [from, to) of the batch; in place if x is y. */
export function maskEnded(x: usize, y: usize, lengths: usize, steps: u32, batch: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let t: usize = 0; t < <usize>steps; t++) {
    for (let row = <usize>from; row < <usize>to; row++) {
      const offset = (t * batch + row) * bytes;
      if (ended(lengths, row, t)) memory.fill(y + offset, 0, bytes);
      else if (x != y) memory.copy(y + offset, x + offset, bytes);
    }
  }
}

// @ts-ignore: decorator
@inline
function lastStep(lengths: usize, row: usize, steps: u32): usize {
  const length = lengths ? min(load<u32>(lengths + (row << 2)), steps) : steps;
  return length > 0 ? <usize>(length - 1) : 0;
}

/** y[row] = x[length - 1][row]; of a row of length 0, its first step. x [steps][batch][stride], y [batch][stride]. */
export function lastForward(x: usize, y: usize, lengths: usize, steps: u32, batch: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    memory.copy(y + row * bytes, x + (lastStep(lengths, row, steps) * batch + row) * bytes, bytes);
  }
}

/** dx[length - 1][row] = dy[row]; dx is zero on entry. */
export function lastBackward(dy: usize, dx: usize, lengths: usize, steps: u32, batch: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    memory.copy(dx + (lastStep(lengths, row, steps) * batch + row) * bytes, dy + row * bytes, bytes);
  }
}
