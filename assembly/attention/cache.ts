/** What a stream remembers for attention: at which position each row is, and the rows of all positions before. */

/**
 * positions[row] = 0 where fresh[row] is not 0, else counts[row], which becomes one more. positions, fresh: words [batch]; counts [batch]
 * lines whose first number it is. For rows [from, to).
 */
export function nextPositions(counts: usize, positions: usize, fresh: usize, from: u32, to: u32): void {
  for (let row = <usize>from; row < <usize>to; row++) {
    const count = counts + (row << 6);
    const position: f32 = load<u32>(fresh + (row << 2)) ? 0 : load<f32>(count);
    store<u32>(positions + (row << 2), <u32>position);
    store<f32>(count, position + 1);
  }
}

/** cache[row][positions[row]] = x[row]; cache [batch][longest][stride], x [batch][stride], each position below longest. For rows [from, to). */
export function remember(x: usize, cache: usize, positions: usize, longest: u32, stride: u32, from: u32, to: u32): void {
  const bytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const at = row * longest + load<u32>(positions + (row << 2));
    memory.copy(cache + at * bytes, x + row * bytes, bytes);
  }
}
