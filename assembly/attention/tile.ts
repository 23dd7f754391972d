/** The two products of attention, for rows of numbers in whole lines of 16 floats. Steps and lengths in bytes. */

/** The sums of four vectors' lanes, each pairs first, as one vector. */
// @ts-ignore: decorator
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
}

/** out[s] = x rows[s] for s in [begin, end), and past both ends up to whole vectors; no row from `count` on is read. */
function dot1(x: usize, rows: usize, step: usize, bytes: usize, count: usize, begin: usize, end: usize, out: usize): void {
  const last = rows + (count - 1) * step;
  for (let s = begin & ~3; s < end; s += 4) {
    const r0 = rows + s * step;
    const r1 = min(r0 + step, last), r2 = min(r0 + 2 * step, last), r3 = min(r0 + 3 * step, last);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    for (let c: usize = 0; c < bytes; c += 16) {
      const a = v128.load(x + c);
      a0 = f32x4.add(a0, f32x4.mul(a, v128.load(r0 + c)));
      a1 = f32x4.add(a1, f32x4.mul(a, v128.load(r1 + c)));
      a2 = f32x4.add(a2, f32x4.mul(a, v128.load(r2 + c)));
      a3 = f32x4.add(a3, f32x4.mul(a, v128.load(r3 + c)));
    }
    v128.store(out + (s << 2), sums(a0, a1, a2, a3));
  }
}

/** The same for two rows x and y. */
function dot2(
  x: usize, y: usize, rows: usize, step: usize, bytes: usize, count: usize, begin: usize, end: usize, outX: usize, outY: usize,
): void {
  const last = rows + (count - 1) * step;
  for (let s = begin & ~3; s < end; s += 4) {
    const r0 = rows + s * step;
    const r1 = min(r0 + step, last), r2 = min(r0 + 2 * step, last), r3 = min(r0 + 3 * step, last);
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
    let b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let c: usize = 0; c < bytes; c += 16) {
      const a = v128.load(x + c);
      const b = v128.load(y + c);
      let w = v128.load(r0 + c);
      a0 = f32x4.add(a0, f32x4.mul(a, w));
      b0 = f32x4.add(b0, f32x4.mul(b, w));
      w = v128.load(r1 + c);
      a1 = f32x4.add(a1, f32x4.mul(a, w));
      b1 = f32x4.add(b1, f32x4.mul(b, w));
      w = v128.load(r2 + c);
      a2 = f32x4.add(a2, f32x4.mul(a, w));
      b2 = f32x4.add(b2, f32x4.mul(b, w));
      w = v128.load(r3 + c);
      a3 = f32x4.add(a3, f32x4.mul(a, w));
      b3 = f32x4.add(b3, f32x4.mul(b, w));
    }
    v128.store(outX + (s << 2), sums(a0, a1, a2, a3));
    v128.store(outY + (s << 2), sums(b0, b1, b2, b3));
  }
}

/**
 * out[t][s] = x[t] rows[s] for `many` rows x and s in [begin, end): four lanes side by side, columns ascending, whatever the
 * tile. begin and end are rounded outwards to whole vectors; no row from `count` on is read. An empty range is left alone.
 */
export function dots(
  x: usize, xStep: usize, many: usize, rows: usize, step: usize, bytes: usize, count: usize, begin: usize, end: usize,
  out: usize, outStep: usize,
): void {
  if (begin >= end) return;
  let t: usize = 0;
  for (; t + 2 <= many; t += 2) {
    const own = x + t * xStep;
    const to = out + t * outStep;
    dot2(own, own + xStep, rows, step, bytes, count, begin, end, to, to + outStep);
  }
  if (t < many) dot1(x + t * xStep, rows, step, bytes, count, begin, end, out + t * outStep);
}

/** out += sum over i < count of x[i] rows[i], i ascending; x[i] lie `between` bytes apart. */
function sum1(x: usize, between: usize, rows: usize, step: usize, bytes: usize, count: usize, out: usize): void {
  for (let c: usize = 0; c < bytes; c += 64) {
    let a0 = v128.load(out + c), a1 = v128.load(out + c, 16), a2 = v128.load(out + c, 32), a3 = v128.load(out + c, 48);
    let a = x;
    let r = rows + c;
    for (let i: usize = 0; i < count; i++) {
      const w = v128.load32_splat(a);
      a0 = f32x4.add(a0, f32x4.mul(w, v128.load(r)));
      a1 = f32x4.add(a1, f32x4.mul(w, v128.load(r, 16)));
      a2 = f32x4.add(a2, f32x4.mul(w, v128.load(r, 32)));
      a3 = f32x4.add(a3, f32x4.mul(w, v128.load(r, 48)));
      a += between;
      r += step;
    }
    v128.store(out + c, a0); v128.store(out + c, a1, 16); v128.store(out + c, a2, 32); v128.store(out + c, a3, 48);
  }
}

/** The same for two x and y. */
function sum2(
  x: usize, y: usize, between: usize, rows: usize, step: usize, bytes: usize, count: usize, outX: usize, outY: usize,
): void {
  for (let c: usize = 0; c < bytes; c += 64) {
    let a0 = v128.load(outX + c), a1 = v128.load(outX + c, 16), a2 = v128.load(outX + c, 32), a3 = v128.load(outX + c, 48);
    let b0 = v128.load(outY + c), b1 = v128.load(outY + c, 16), b2 = v128.load(outY + c, 32), b3 = v128.load(outY + c, 48);
    let a = x;
    let b = y;
    let r = rows + c;
    for (let i: usize = 0; i < count; i++) {
      const r0 = v128.load(r), r1 = v128.load(r, 16), r2 = v128.load(r, 32), r3 = v128.load(r, 48);
      const u = v128.load32_splat(a);
      a0 = f32x4.add(a0, f32x4.mul(u, r0));
      a1 = f32x4.add(a1, f32x4.mul(u, r1));
      a2 = f32x4.add(a2, f32x4.mul(u, r2));
      a3 = f32x4.add(a3, f32x4.mul(u, r3));
      const v = v128.load32_splat(b);
      b0 = f32x4.add(b0, f32x4.mul(v, r0));
      b1 = f32x4.add(b1, f32x4.mul(v, r1));
      b2 = f32x4.add(b2, f32x4.mul(v, r2));
      b3 = f32x4.add(b3, f32x4.mul(v, r3));
      a += between;
      b += between;
      r += step;
    }
    v128.store(outX + c, a0); v128.store(outX + c, a1, 16); v128.store(outX + c, a2, 32); v128.store(outX + c, a3, 48);
    v128.store(outY + c, b0); v128.store(outY + c, b1, 16); v128.store(outY + c, b2, 32); v128.store(outY + c, b3, 48);
  }
}

/**
 * out[j] += sum over i < count of x[j, i] rows[i], i ascending, for `many` rows of out; x[j, i] lies at j xStep + i between.
 */
export function addSums(
  x: usize, xStep: usize, between: usize, many: usize, rows: usize, step: usize, bytes: usize, count: usize,
  out: usize, outStep: usize,
): void {
  let j: usize = 0;
  for (; j + 2 <= many; j += 2) {
    const own = x + j * xStep;
    const to = out + j * outStep;
    sum2(own, own + xStep, between, rows, step, bytes, count, to, to + outStep);
  }
  if (j < many) sum1(x + j * xStep, between, rows, step, bytes, count, out + j * outStep);
}
