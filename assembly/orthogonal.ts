/**
 * A random orthogonal matrix, in float64: the product of Householder reflections of random directions in ever smaller spaces,
 * with random signs (Stewart 1980; uniform over the orthogonal matrices if the directions are normal).
 *
 *   v = x + sign(x0) |x| e0     H = I - v vᵀ / h     h = vᵀ v / 2 = |x|² + |x0| |x|
 */

/** The sum of four bytes, centred and never 0: near enough to normal for a direction. */
// @ts-ignore: decorator
@inline
function nearlyNormal(word: u32): f64 {
  return <f64>((word & 255) + ((word >> 8) & 255) + ((word >> 16) & 255) + (word >> 24)) - 509.5;
}

/** to += factor from; [count], in pairs. */
function addScaled(to: usize, from: usize, factor: f64, count: usize): void {
  const scale = f64x2.splat(factor);
  const end = to + (count << 3);
  while (to < end) {
    v128.store(to, f64x2.add(v128.load(to), f64x2.mul(scale, v128.load(from))));
    to += 16;
    from += 16;
  }
}

/**
 * matrix [size][stride], stride = size rounded up to even; scratch [2][stride]; words [size (size + 1) / 2] random.
 * All float64 but the words.
 */
export function orthogonal(matrix: usize, scratch: usize, words: usize, size: u32): void {
  const n = <usize>size;
  const stride = (n + 1) & ~1;
  const rowBytes = stride << 3;
  const product = scratch + rowBytes;
  memory.fill(matrix, 0, n * rowBytes);
  for (let i: usize = 0; i < n; i++) store<f64>(matrix + i * rowBytes + (i << 3), 1);
  let first = n - 1;
  store<f64>(matrix + first * (rowBytes + 8), load<u32>(words) & 1 ? -1 : 1);
  words += 4;
  while (first-- > 0) {
    let squares: f64 = 0;
    for (let i = first; i < n; i++) {
      const x = nearlyNormal(load<u32>(words));
      words += 4;
      store<f64>(scratch + (i << 3), x);
      squares += x * x;
    }
    const x0 = load<f64>(scratch + (first << 3));
    const length = Math.sqrt(squares);
    const mirrored = x0 < 0 ? x0 - length : x0 + length;
    const half = squares + Math.abs(x0) * length;
    store<f64>(scratch + (first << 3), mirrored);

    // Columns before `first` are zero in these rows: starting at an even one changes nothing.
    const even = first & ~1;
    const count = stride - even;
    memory.fill(product, 0, rowBytes);
    for (let row = first; row < n; row++) {
      addScaled(product, matrix + row * rowBytes + (even << 3), load<f64>(scratch + (row << 3)), count);
    }
    for (let row = first; row < n; row++) {
      addScaled(matrix + row * rowBytes + (even << 3), product, -load<f64>(scratch + (row << 3)) / half, count);
    }
    if (x0 >= 0) {
      const row = matrix + first * rowBytes;
      for (let i = first; i < n; i++) store<f64>(row + (i << 3), -load<f64>(row + (i << 3)));
    }
  }
}
