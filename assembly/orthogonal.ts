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

/**
 * One row of the matrix reflected, and its share of the next product, [count], in pairs:
 * row = sign (row + scale product), next += weight row.
 */
function reflectRow(
  row: usize, product: usize, next: usize, scale: f64, sign: f64, weight: f64, count: usize,
): void {
  const a = f64x2.splat(scale), b = f64x2.splat(sign), w = f64x2.splat(weight);
  for (const end = row + (count << 3); row < end; row += 16, product += 16, next += 16) {
    const x = f64x2.mul(b, f64x2.add(v128.load(row), f64x2.mul(a, v128.load(product))));
    v128.store(row, x);
    v128.store(next, f64x2.add(v128.load(next), f64x2.mul(w, x)));
  }
}

/** The same for four rows, scale -scales[r] / half. */
function reflectRows(
  row: usize, rowBytes: usize, product: usize, next: usize, scales: usize, half: f64, weights: usize, count: usize,
): void {
  const s0 = f64x2.splat(-load<f64>(scales) / half), s1 = f64x2.splat(-load<f64>(scales, 8) / half);
  const s2 = f64x2.splat(-load<f64>(scales, 16) / half), s3 = f64x2.splat(-load<f64>(scales, 24) / half);
  const w0 = v128.load64_splat(weights), w1 = v128.load64_splat(weights, 8);
  const w2 = v128.load64_splat(weights, 16), w3 = v128.load64_splat(weights, 24);
  const row1 = row + rowBytes, row2 = row1 + rowBytes, row3 = row2 + rowBytes;
  for (let i: usize = 0; i < count << 3; i += 16) {
    const p = v128.load(product + i);
    let sum = v128.load(next + i);
    let x = f64x2.add(v128.load(row + i), f64x2.mul(s0, p));
    v128.store(row + i, x);
    sum = f64x2.add(sum, f64x2.mul(w0, x));
    x = f64x2.add(v128.load(row1 + i), f64x2.mul(s1, p));
    v128.store(row1 + i, x);
    sum = f64x2.add(sum, f64x2.mul(w1, x));
    x = f64x2.add(v128.load(row2 + i), f64x2.mul(s2, p));
    v128.store(row2 + i, x);
    sum = f64x2.add(sum, f64x2.mul(w2, x));
    x = f64x2.add(v128.load(row3 + i), f64x2.mul(s3, p));
    v128.store(row3 + i, x);
    v128.store(next + i, f64x2.add(sum, f64x2.mul(w3, x)));
  }
}

/** v [first, n) of a random direction; gives h. Of the same sign as x0 is v[first]. */
function direction(words: usize, v: usize, first: usize, n: usize): f64 {
  let squares: f64 = 0;
  for (let i = first; i < n; i++) {
    const x = nearlyNormal(load<u32>(words));
    words += 4;
    store<f64>(v + (i << 3), x);
    squares += x * x;
  }
  const x0 = load<f64>(v + (first << 3));
  const length = Math.sqrt(squares);
  store<f64>(v + (first << 3), x0 < 0 ? x0 - length : x0 + length);
  return squares + Math.abs(x0) * length;
}

/**
 * matrix [size][stride], stride = size rounded up to even; scratch [4][stride]; words [size (size + 1) / 2] random.
 * All float64 but the words. The reflection of each direction and the product v'ᵀ matrix for the next are one pass.
 */
export function orthogonal(matrix: usize, scratch: usize, words: usize, size: u32): void {
  const n = <usize>size;
  const stride = (n + 1) & ~1;
  const rowBytes = stride << 3;
  let v = scratch, product = v + rowBytes, nextV = product + rowBytes, next = nextV + rowBytes;
  memory.fill(matrix, 0, n * rowBytes);
  for (let i: usize = 0; i < n; i++) store<f64>(matrix + i * rowBytes + (i << 3), 1);
  memory.fill(scratch, 0, 4 * rowBytes);
  // The first is none: it leaves the last row as it is, but for its sign.
  let first = n - 1, half: f64 = 1;
  let sign: f64 = load<u32>(words) & 1 ? -1 : 1;
  words += 4;
  for (;;) {
    // Of the next row only the diagonal is not 0, and it is 1.
    let nextHalf: f64 = 0;
    memory.fill(nextV, 0, rowBytes);
    memory.fill(next, 0, rowBytes);
    if (first > 0) {
      nextHalf = direction(words, nextV, first - 1, n);
      words += (n - first + 1) << 2;
      store<f64>(next + ((first - 1) << 3), load<f64>(nextV + ((first - 1) << 3)));
    }
    // Columns before `first` are zero in these rows: starting at an even one changes nothing.
    const begin = (first & ~1) << 3;
    const count = stride - (first & ~1);
    for (let row = first; row < n;) {
      const own = matrix + row * rowBytes + begin;
      const x = v + (row << 3), y = nextV + (row << 3);
      if (row == first || row + 4 > n) {
        reflectRow(own, product + begin, next + begin, -load<f64>(x) / half, row == first ? sign : 1, load<f64>(y), count);
        row++;
      } else {
        reflectRows(own, rowBytes, product + begin, next + begin, x, half, y, count);
        row += 4;
      }
    }
    if (first == 0) return;
    first--;
    half = nextHalf;
    sign = load<f64>(nextV + (first << 3)) > 0 ? -1 : 1;
    let swapped = v;
    v = nextV;
    nextV = swapped;
    swapped = product;
    product = next;
    next = swapped;
  }
}
