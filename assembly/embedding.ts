/** Rows of a table chosen by index: table [entries][stride], ids [rows] (each below entries), y [rows][stride]. */

/** y[r] = table[ids[r]] for rows [from, to). */
export function embeddingForward(ids: usize, table: usize, y: usize, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    memory.copy(y + row * bytes, table + <usize>load<u32>(ids + (row << 2)) * bytes, bytes);
  }
}

/** dTable[ids[r]] += dy[r] but where ids[r] is `skipped`, rows ascending, for vectors [from, to) of four columns. */
export function embeddingBackward(
  ids: usize, dy: usize, dTable: usize, stride: u32, rows: u32, skipped: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const start = <usize>from << 4;
  const end = <usize>to << 4;
  for (let row: usize = 0; row < <usize>rows; row++) {
    const id = load<u32>(ids + (row << 2));
    if (id == skipped) continue;
    const source = dy + row * bytes;
    const target = dTable + <usize>id * bytes;
    for (let c = start; c < end; c += 16) {
      v128.store(target + c, f32x4.add(v128.load(target + c), v128.load(source + c)));
    }
  }
}
