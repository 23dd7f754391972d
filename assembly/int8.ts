/**
 * Products with a weight kept as int8, and rows of a table kept so. Each row of x is rounded to whole numbers before it is
 * multiplied; the sums of products are exact, so that an element has the same bits in whatever tile or thread:
 *
 *   x' = round(x / s)     s = max |x| / B     y = seed + (sum over k of x'[k] w'[k]) s v     w ~ w' v, -128 <= w' <= 127
 *
 * B is 127, in the fast binary 63. A row of x that holds NaN or an infinity gives NaN in every column; a row with no number
 * from 2^-100 up is taken as zeros.
 *
 * weight     [panels], each: v of its 16 columns, 16 words of the kernels' own, and w' as int8 [ceil(inputs / 4)][16][4],
 *            zero past the last input; made ready by arrangeInt8; inputs up to 2^17, so that sums fit in 32 bits
 * quantised  room for x', [rows], each: s, a word of the kernels' own, two unused words, [inputs rounded up to 16] words of 16 bits
 */

/** Rows that pass all panels together: what they became stays in the second-level cache. */
const ROWS: usize = 128;

/** Bytes before the whole numbers of a row and of a panel. */
const ROW_HEAD: usize = 16;
const PANEL_HEAD: usize = 128;
/** Where in the head of a panel the words of the kernels' own are. */
const SUMS: usize = 64;

const BOUND: f32 = ASC_FEATURE_RELAXED_SIMD ? 63 : 127;
/** What makes numbers from -63 to 63 positive: only so is the relaxed dot product the same on every machine. */
const BIAS: i32 = 64;
const TINY: f32 = 7.888609e-31; // 2^-100
/** 1.5 * 2^23: adding it rounds to a whole number, in the low bits. */
const ROUNDER: f32 = 12582912;

/** Four numbers times `factor`, rounded. */
// @ts-ignore: decorator
@inline
function rounded(x: usize, factor: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(v128.load(x), factor), f32x4.splat(ROUNDER)), f32x4.splat(ROUNDER));
}

/** x0 x1 x2 x3 to x0, x2, x1 - 256 x0, x3 - 256 x2: see tile. */
// @ts-ignore: decorator
@inline
function paired(x: v128): v128 {
  const even = i32x4.shl(v128.shuffle<i32>(i32x4.splat(0), x, 0, 0, 4, 6), 8);
  return i32x4.sub(v128.shuffle<i32>(x, x, 0, 2, 1, 3), even);
}

/** One row of x to whole numbers; it is zero from `depth` to the next multiple of 16. */
function quantiseRow(x: usize, row: usize, depth: usize): void {
  const end = x + (((depth + 15) & ~15) << 2);
  let most = i32x4.splat(0); // compared as whole numbers: the order is the same, with NaN above infinity
  for (let at = x; at < end; at += 16) {
    most = i32x4.max_u(most, v128.and(v128.load(at), i32x4.splat(0x7fffffff)));
  }
  most = i32x4.max_u(most, v128.shuffle<i32>(most, most, 2, 3, 0, 1));
  most = i32x4.max_u(most, v128.shuffle<i32>(most, most, 1, 0, 3, 2));
  const m = f32x4.extract_lane(most, 0);
  store<f32>(row, m < TINY ? 0 : m < Infinity ? m / BOUND : NaN);
  const factor = f32x4.splat(BOUND / m); // what comes of it does not matter where s is 0 or NaN
  let even = i32x4.splat(0);
  let to = row + ROW_HEAD;
  for (; x < end; x += 64) {
    const a = rounded(x, factor), b = rounded(x + 16, factor), c = rounded(x + 32, factor), d = rounded(x + 48, factor);
    if (ASC_FEATURE_RELAXED_SIMD) {
      const all = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(a, b), i16x8.narrow_i32x4_s(c, d));
      v128.store(to, i8x16.add(all, i8x16.splat(<i8>BIAS)));
      to += 16;
    } else {
      v128.store(to, i16x8.narrow_i32x4_s(paired(a), paired(b)));
      v128.store(to, i16x8.narrow_i32x4_s(paired(c), paired(d)), 16);
      even = i32x4.add(even, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
      to += 32;
    }
  }
  store<i32>(row, -128 * (i32x4.extract_lane(even, 0) + i32x4.extract_lane(even, 2)), 4);
}

/** Four columns of out = seed + sum s v. */
// @ts-ignore: decorator
@inline
function finish(sum: v128, scale: v128, panel: usize, seed: usize, out: usize): void {
  const y = f32x4.mul(f32x4.mul(f32x4.convert_i32x4_s(sum), scale), v128.load(panel));
  v128.store(out, f32x4.add(v128.load(seed), y));
}

/**
 * One row by sixteen columns. In the plain binary two weights w0, w1 lie in memory as w0 + 128 and w1, which read together is
 * the 16-bit number p = 256 w1 + w0 + 128, and w1 = p >> 8: so that one load and one shift give both factors of
 *
 *   x0 w0 + x1 w1 = x0 p + (x1 - 256 x0) w1 - 128 x0
 */
function tile(row: usize, panel: usize, end: usize, seed: usize, out: usize): void {
  const scale = v128.load32_splat(row);
  let x = row + ROW_HEAD;
  let w = panel + PANEL_HEAD;
  let a: v128, b: v128, c: v128, d: v128;
  if (ASC_FEATURE_RELAXED_SIMD) {
    a = v128.load(panel, SUMS);
    b = v128.load(panel, SUMS + 16);
    c = v128.load(panel, SUMS + 32);
    d = v128.load(panel, SUMS + 48);
    for (; w < end; w += 64, x += 4) {
      const four = v128.load32_splat(x);
      a = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w), four, a);
      b = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 16), four, b);
      c = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 32), four, c);
      d = i32x4.relaxed_dot_i8x16_i7x16_add_s(v128.load(w, 48), four, d);
    }
  } else {
    a = b = c = d = v128.load32_splat(row, 4);
    let e = i32x4.splat(0), f = e, g = e, h = e;
    for (; w < end; w += 64, x += 8) {
      const even = v128.load32_splat(x), odd = v128.load32_splat(x, 4);
      let p = v128.load(w);
      a = i32x4.add(a, i32x4.dot_i16x8_s(p, even));
      e = i32x4.add(e, i32x4.dot_i16x8_s(i16x8.shr_s(p, 8), odd));
      p = v128.load(w, 16);
      b = i32x4.add(b, i32x4.dot_i16x8_s(p, even));
      f = i32x4.add(f, i32x4.dot_i16x8_s(i16x8.shr_s(p, 8), odd));
      p = v128.load(w, 32);
      c = i32x4.add(c, i32x4.dot_i16x8_s(p, even));
      g = i32x4.add(g, i32x4.dot_i16x8_s(i16x8.shr_s(p, 8), odd));
      p = v128.load(w, 48);
      d = i32x4.add(d, i32x4.dot_i16x8_s(p, even));
      h = i32x4.add(h, i32x4.dot_i16x8_s(i16x8.shr_s(p, 8), odd));
    }
    a = i32x4.add(a, e);
    b = i32x4.add(b, f);
    c = i32x4.add(c, g);
    d = i32x4.add(d, h);
  }
  finish(a, scale, panel, seed, out);
  finish(b, scale, panel + 16, seed + 16, out + 16);
  finish(c, scale, panel + 32, seed + 32, out + 32);
  finish(d, scale, panel + 48, seed + 48, out + 48);
}

// @ts-ignore: decorator
@inline
function panelBytes(depth: usize): usize {
  return PANEL_HEAD + (((depth + 3) & ~3) << 4);
}

/** out[r] = seed[r] + x[r] W for rows [from, to), as `accumulate` in matmul.ts. Strides in bytes. */
export function accumulateInt8(
  x: usize, xStride: usize, weight: usize, quantised: usize, seed: usize, seedStride: usize, seedPanel: usize,
  out: usize, outStride: usize, depth: usize, panels: usize, from: usize, to: usize,
): void {
  const bytes = panelBytes(depth);
  const rowBytes = ROW_HEAD + (((depth + 15) & ~15) << 1);
  for (let block = from; block < to; block += ROWS) {
    const end = min(block + ROWS, to);
    for (let row = block; row < end; row++) quantiseRow(x + row * xStride, quantised + row * rowBytes, depth);
    for (let p: usize = 0; p < panels; p++) {
      const panel = weight + p * bytes;
      for (let row = block; row < end; row++) {
        tile(
          quantised + row * rowBytes, panel, panel + bytes,
          seed + row * seedStride + p * seedPanel, out + row * outStride + (p << 6),
        );
      }
    }
  }
}

/**
 * Makes the panels [from, to) of a weight ready for products; a second call, if the bytes have not been written since, takes
 * that back. The bytes of w' and their order are the same in all binaries before the first call and after the second.
 */
export function arrangeInt8(weight: usize, inputs: u32, from: u32, to: u32): void {
  const bytes = panelBytes(inputs);
  for (let panel = weight + <usize>from * bytes; panel < weight + <usize>to * bytes; panel += bytes) {
    const end = panel + bytes;
    if (ASC_FEATURE_RELAXED_SIMD) {
      memory.fill(panel + SUMS, 0, 64);
      for (let w = panel + PANEL_HEAD; w < end; w += 16) {
        const column = panel + SUMS + ((w - panel - PANEL_HEAD) & 63);
        const sums = i32x4.extadd_pairwise_i16x8_s(i16x8.extadd_pairwise_i8x16_s(v128.load(w)));
        v128.store(column, i32x4.sub(v128.load(column), i32x4.shl(sums, 6))); // the bias is 2^6
      }
    } else {
      for (let w = panel + PANEL_HEAD; w < end; w += 16) v128.store(w, v128.xor(v128.load(w), i16x8.splat(0x80)));
    }
  }
}

/**
 * y[r] = table[ids[r]] for rows [from, to). ids [rows]; y [rows][stride]; table [entries], each: v, three unused words, then
 * w' as int8 [stride].
 */
export function embeddingInt8(ids: usize, table: usize, y: usize, stride: u32, from: u32, to: u32): void {
  const bytes = ROW_HEAD + stride;
  for (let row = <usize>from; row < <usize>to; row++) {
    const entry = table + <usize>load<u32>(ids + (row << 2)) * bytes;
    const scale = v128.load32_splat(entry);
    let out = y + ((row * stride) << 2);
    for (let w = entry + ROW_HEAD; w < entry + bytes; w += 8, out += 32) {
      const eight = v128.load8x8_s(w);
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight)), scale));
      v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight)), scale), 16);
    }
  }
}
