/** A row for each position of a sequence, added to what is there: table [longest][stride], x and y [steps][batch][stride]. */

/** y = x + table[position], which is positions[row of the batch], words, plus the step; 0 for none. For rows [from, to) of all. */
export function positionsForward(
  x: usize, table: usize, positions: usize, y: usize, batch: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const start: usize = positions ? <usize>load<u32>(positions + ((row % batch) << 2)) : 0;
    const own = table + (start + row / batch) * bytes;
    const at = row * bytes;
    for (let c: usize = 0; c < bytes; c += 16) {
      v128.store(y + at + c, f32x4.add(v128.load(x + at + c), v128.load(own + c)));
    }
  }
}

/** dTable[step] += the sum of dy[step] over the batch, rows ascending, for steps [from, to). */
export function positionsBackward(dy: usize, dTable: usize, batch: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let step = <usize>from; step < <usize>to; step++) {
    for (let c: usize = 0; c < bytes; c += 16) {
      const target = dTable + step * bytes + c;
      let total = v128.load(target);
      for (let row: usize = 0; row < <usize>batch; row++) {
        total = f32x4.add(total, v128.load(dy + (step * batch + row) * bytes + c));
      }
      v128.store(target, total);
    }
  }
}
