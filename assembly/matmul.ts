/**
 * Products with a weight kept in panels of sixteen columns: panel p holds [inputs][16], zero past the last column.
 * Every element has one accumulator and its inner index ascends, whatever the tile, so results do not depend on the batch.
 */
import { accumulateInt8 } from "./int8";

/** Inner indices a tile takes at a time: its 16-column block of the panel then stays in the first-level cache. */
const DEPTH: usize = 384;
/** Rows that pass all panels together: their block stays in the second-level cache. */
const ROWS: usize = 120;

/** sum + x y: in the fast binary with one rounding where the processor has such an instruction, else with two. */
// @ts-ignore: decorator
@inline
function multiplyAdd(sum: v128, x: v128, y: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(x, y, sum);
  return f32x4.add(sum, f32x4.mul(x, y));
}

/** Five rows by eight columns, half of a panel: out[r] = seed[r] + x[r] panel. */
function tile5(
  x: usize, xStride: usize, panel: usize, end: usize, seed: usize, seedStride: usize, out: usize, outStride: usize,
): void {
  let a = x, b = a + xStride, c = b + xStride, d = c + xStride, e = d + xStride;
  let s = seed;
  let a0 = v128.load(s), a1 = v128.load(s, 16);
  s += seedStride;
  let b0 = v128.load(s), b1 = v128.load(s, 16);
  s += seedStride;
  let c0 = v128.load(s), c1 = v128.load(s, 16);
  s += seedStride;
  let d0 = v128.load(s), d1 = v128.load(s, 16);
  s += seedStride;
  let e0 = v128.load(s), e1 = v128.load(s, 16);
  while (panel < end) {
    const w0 = v128.load(panel), w1 = v128.load(panel, 16);
    let y = v128.load32_splat(a);
    a0 = multiplyAdd(a0, y, w0);
    a1 = multiplyAdd(a1, y, w1);
    y = v128.load32_splat(b);
    b0 = multiplyAdd(b0, y, w0);
    b1 = multiplyAdd(b1, y, w1);
    y = v128.load32_splat(c);
    c0 = multiplyAdd(c0, y, w0);
    c1 = multiplyAdd(c1, y, w1);
    y = v128.load32_splat(d);
    d0 = multiplyAdd(d0, y, w0);
    d1 = multiplyAdd(d1, y, w1);
    y = v128.load32_splat(e);
    e0 = multiplyAdd(e0, y, w0);
    e1 = multiplyAdd(e1, y, w1);
    a += 4;
    b += 4;
    c += 4;
    d += 4;
    e += 4;
    panel += 64;
  }
  v128.store(out, a0); v128.store(out, a1, 16);
  out += outStride;
  v128.store(out, b0); v128.store(out, b1, 16);
  out += outStride;
  v128.store(out, c0); v128.store(out, c1, 16);
  out += outStride;
  v128.store(out, d0); v128.store(out, d1, 16);
  out += outStride;
  v128.store(out, e0); v128.store(out, e1, 16);
}

/** Two rows by sixteen columns: out = seed + [a; b] panel. */
function tile2(
  a: usize, b: usize, panel: usize, count: usize, seedA: usize, seedB: usize, outA: usize, outB: usize,
): void {
  let a0 = v128.load(seedA), a1 = v128.load(seedA, 16), a2 = v128.load(seedA, 32), a3 = v128.load(seedA, 48);
  let b0 = v128.load(seedB), b1 = v128.load(seedB, 16), b2 = v128.load(seedB, 32), b3 = v128.load(seedB, 48);
  for (let k: usize = 0; k < count; k++) {
    const w = panel + (k << 6);
    const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
    const x = v128.load32_splat(a);
    a0 = multiplyAdd(a0, x, w0);
    a1 = multiplyAdd(a1, x, w1);
    a2 = multiplyAdd(a2, x, w2);
    a3 = multiplyAdd(a3, x, w3);
    const y = v128.load32_splat(b);
    b0 = multiplyAdd(b0, y, w0);
    b1 = multiplyAdd(b1, y, w1);
    b2 = multiplyAdd(b2, y, w2);
    b3 = multiplyAdd(b3, y, w3);
    a += 4;
    b += 4;
  }
  v128.store(outA, a0); v128.store(outA, a1, 16); v128.store(outA, a2, 32); v128.store(outA, a3, 48);
  v128.store(outB, b0); v128.store(outB, b1, 16); v128.store(outB, b2, 32); v128.store(outB, b3, 48);
}

/** One row by two panels: a fused sum takes longer, so that it needs twice as many side by side. */
function rowByTwo(x: usize, count: usize, w: usize, v: usize, seed: usize, seedPanel: usize, out: usize): void {
  const other = seed + seedPanel;
  let a0 = v128.load(seed), a1 = v128.load(seed, 16), a2 = v128.load(seed, 32), a3 = v128.load(seed, 48);
  let b0 = v128.load(other), b1 = v128.load(other, 16), b2 = v128.load(other, 32), b3 = v128.load(other, 48);
  for (const end = w + (count << 6); w < end; w += 64, v += 64, x += 4) {
    const y = v128.load32_splat(x);
    a0 = multiplyAdd(a0, y, v128.load(w));
    a1 = multiplyAdd(a1, y, v128.load(w, 16));
    a2 = multiplyAdd(a2, y, v128.load(w, 32));
    a3 = multiplyAdd(a3, y, v128.load(w, 48));
    b0 = multiplyAdd(b0, y, v128.load(v));
    b1 = multiplyAdd(b1, y, v128.load(v, 16));
    b2 = multiplyAdd(b2, y, v128.load(v, 32));
    b3 = multiplyAdd(b3, y, v128.load(v, 48));
  }
  v128.store(out, a0); v128.store(out, a1, 16); v128.store(out, a2, 32); v128.store(out, a3, 48);
  v128.store(out, b0, 64); v128.store(out, b1, 80); v128.store(out, b2, 96); v128.store(out, b3, 112);
}

/** One row by `panels` panels that lie so many bytes apart: out = seed + x panel, two inner indices a turn. */
function row(
  x: usize, panel: usize, panelBytes: usize, panels: usize, count: usize, seed: usize, seedPanel: usize, out: usize,
): void {
  if (ASC_FEATURE_RELAXED_SIMD) {
    for (; panels > 1; panels -= 2) {
      rowByTwo(x, count, panel, panel + panelBytes, seed, seedPanel, out);
      panel += panelBytes << 1;
      seed += seedPanel << 1;
      out += 128;
    }
  }
  const pairs = x + ((count & ~1) << 2);
  for (; panels > 0; panels--) {
    let a0 = v128.load(seed), a1 = v128.load(seed, 16), a2 = v128.load(seed, 32), a3 = v128.load(seed, 48);
    let a = x;
    let w = panel;
    while (a < pairs) {
      let y = v128.load32_splat(a);
      a0 = multiplyAdd(a0, y, v128.load(w));
      a1 = multiplyAdd(a1, y, v128.load(w, 16));
      a2 = multiplyAdd(a2, y, v128.load(w, 32));
      a3 = multiplyAdd(a3, y, v128.load(w, 48));
      y = v128.load32_splat(a, 4);
      a0 = multiplyAdd(a0, y, v128.load(w, 64));
      a1 = multiplyAdd(a1, y, v128.load(w, 80));
      a2 = multiplyAdd(a2, y, v128.load(w, 96));
      a3 = multiplyAdd(a3, y, v128.load(w, 112));
      a += 8;
      w += 128;
    }
    if (count & 1) {
      const y = v128.load32_splat(a);
      a0 = multiplyAdd(a0, y, v128.load(w));
      a1 = multiplyAdd(a1, y, v128.load(w, 16));
      a2 = multiplyAdd(a2, y, v128.load(w, 32));
      a3 = multiplyAdd(a3, y, v128.load(w, 48));
    }
    v128.store(out, a0); v128.store(out, a1, 16); v128.store(out, a2, 32); v128.store(out, a3, 48);
    panel += panelBytes;
    seed += seedPanel;
    out += 64;
  }
}

/** out[r] = seed[r] + x[r] panel for so many rows, sixteen columns and `count` inner indices. */
function rowsByPanel(
  x: usize, xStride: usize, rows: usize, panel: usize, count: usize, seed: usize, seedStride: usize, out: usize, outStride: usize,
): void {
  const end = panel + (count << 6);
  // What fives leave over goes by twos: with one five less where it is odd.
  let fives = rows / 5;
  if (fives) fives -= (rows - 5 * fives) & 1;
  let twos = (rows - 5 * fives) >> 1;
  for (; fives > 0; fives--) {
    tile5(x, xStride, panel, end, seed, seedStride, out, outStride);
    tile5(x, xStride, panel + 32, end, seed + 32, seedStride, out + 32, outStride);
    x += 5 * xStride;
    seed += 5 * seedStride;
    out += 5 * outStride;
  }
  for (; twos > 0; twos--) {
    tile2(x, x + xStride, panel, count, seed, seed + seedStride, out, out + outStride);
    x += xStride << 1;
    seed += seedStride << 1;
    out += outStride << 1;
  }
  if (rows == 1 || rows == 3) row(x, panel, 0, 1, count, seed, 0, out);
}

/** A seed of zeros, for products without a bias. */
const ZEROS = memory.data(64, 16);

/**
 * out[r] = seed[r] + x[r] W for rows [from, to). Strides in bytes.
 * x [rows][depth]; weight `panels` panels of [depth][16]; seed and out [rows][16 panels]; a seed may be out itself.
 * In the set int8 the weight is int8 and `quantised` room for rows of x, see int8.ts; in all others it is 0.
 */
export function accumulate(
  x: usize, xStride: usize, weight: usize, quantised: usize, seed: usize, seedStride: usize, seedPanel: usize,
  out: usize, outStride: usize, depth: usize, panels: usize, from: usize, to: usize,
): void {
  if (isDefined(INT8)) {
    accumulateInt8(
      x, xStride, weight, quantised, seed, seedStride, seedPanel, out, outStride, depth, panels, from, to,
    );
    return;
  }
  const panelBytes = depth << 6;
  if (to == from + 1) {
    row(
      x + from * xStride, weight, panelBytes, panels, depth, seed + from * seedStride, seedPanel, out + from * outStride,
    );
    return;
  }
  for (let block = from; block < to; block += ROWS) {
    const blockEnd = min(block + ROWS, to);
    let k: usize = 0;
    do {
      const count = min(DEPTH, depth - k);
      for (let p: usize = 0; p < panels; p++) {
        const y = out + block * outStride + (p << 6);
        const first = k == 0;
        rowsByPanel(
          x + block * xStride + (k << 2), xStride, blockEnd - block, weight + p * panelBytes + (k << 6), count,
          first ? seed + block * seedStride + p * seedPanel : y, first ? seedStride : outStride, y, outStride,
        );
      }
      k += count;
    } while (k < depth);
  }
}

/** out = bias + x W, with no bias if it is 0. Strides in bytes. */
export function accumulateWithBias(
  x: usize, xStride: usize, weight: usize, quantised: usize, bias: usize, out: usize, outStride: usize,
  depth: usize, panels: usize, from: usize, to: usize,
): void {
  accumulate(
    x, xStride, weight, quantised, bias ? bias : ZEROS, 0, bias ? 64 : 0, out, outStride, depth, panels, from, to,
  );
}

/**
 * y = x W + b for rows [from, to).
 * x [rows][xStride]; weight [panels][inputs][16]; quantised: see accumulate; bias [16 panels], or 0 for none;
 * y [rows][16 panels].
 */
export function matmul(
  x: usize, weight: usize, quantised: usize, bias: usize, y: usize, inputs: u32, panels: u32, xStride: u32,
  from: u32, to: u32,
): void {
  accumulateWithBias(
    x, <usize>xStride << 2, weight, quantised, bias, y, <usize>panels << 6, inputs, panels, from, to,
  );
}

/** The 4 x 4 block at `from` (row stride in bytes), transposed, to `to`. */
// @ts-ignore: decorator
@inline
function transpose4(from: usize, fromStride: usize, to: usize, toStride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromStride);
  const c = v128.load(from + 2 * fromStride);
  const d = v128.load(from + 3 * fromStride);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7));
  v128.store(to + 2 * toStride, v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5));
  v128.store(to + 3 * toStride, v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7));
}

/** The rows x columns block at `from`, transposed, to `to`. Strides in bytes. */
function transpose(from: usize, fromStride: usize, to: usize, toStride: usize, rows: usize, columns: usize): void {
  const wholeRows = rows & ~3;
  const wholeColumns = columns & ~3;
  for (let r: usize = 0; r < wholeRows; r += 4) {
    for (let c: usize = 0; c < wholeColumns; c += 4) {
      transpose4(from + r * fromStride + (c << 2), fromStride, to + c * toStride + (r << 2), toStride);
    }
  }
  for (let r: usize = 0; r < rows; r++) {
    for (let c = r < wholeRows ? wholeColumns : 0; c < columns; c++) {
      store<f32>(to + c * toStride + (r << 2), load<f32>(from + r * fromStride + (c << 2)));
    }
  }
}

/**
 * The panels [from, to) of Wᵀ, for dx = dy Wᵀ.
 * weight [panels][inputs][16]; transposed [ceil(inputs / 16)][16 panels][16], zero past the last input.
 */
export function transposePanels(
  weight: usize, transposed: usize, inputs: u32, panels: u32, from: u32, to: u32,
): void {
  const depth = <usize>inputs;
  const columns = <usize>panels << 4;
  for (let k = <usize>from << 4; k < <usize>to << 4; k += 16) {
    const width = min<usize>(16, depth - k);
    const target = transposed + ((k * columns) << 2);
    if (width < 16) memory.fill(target, 0, columns << 6);
    for (let p: usize = 0; p < <usize>panels; p++) {
      transpose(weight + ((p * depth + k) << 6), 64, target + (p << 10), 64, width, 16);
    }
  }
}

/** Rows that one pass of matmulGradient takes; `scratch` holds [inputs rounded up to 4][128] and [128][16] floats. */
const PASS: usize = 128;

/** packed [rows][16] = one panel of dy; its column sums are added to dBias unless that is 0. */
function packPanel(dy: usize, dyStride: usize, rows: usize, packed: usize, dBias: usize): void {
  const end = packed + (rows << 6);
  if (!dBias) dBias = ZEROS;
  let s0 = v128.load(dBias), s1 = v128.load(dBias, 16), s2 = v128.load(dBias, 32), s3 = v128.load(dBias, 48);
  while (packed < end) {
    const d0 = v128.load(dy), d1 = v128.load(dy, 16), d2 = v128.load(dy, 32), d3 = v128.load(dy, 48);
    v128.store(packed, d0); v128.store(packed, d1, 16); v128.store(packed, d2, 32); v128.store(packed, d3, 48);
    s0 = f32x4.add(s0, d0);
    s1 = f32x4.add(s1, d1);
    s2 = f32x4.add(s2, d2);
    s3 = f32x4.add(s3, d3);
    dy += dyStride;
    packed += 64;
  }
  if (dBias != ZEROS) {
    v128.store(dBias, s0); v128.store(dBias, s1, 16); v128.store(dBias, s2, 32); v128.store(dBias, s3, 48);
  }
}

/**
 * dW += xᵀ dy and db += the sum of dy's rows, for panels [from, to).
 * x [rows][xStride]; dy [rows][dyStride]; dWeight [panels][inputs][16]; dBias [16 panels], or 0 for none.
 */
export function matmulGradient(
  x: usize, dy: usize, dWeight: usize, dBias: usize, scratch: usize,
  inputs: u32, rows: u32, xStride: u32, dyStride: u32, from: u32, to: u32,
): void {
  const depth = <usize>inputs;
  const xBytes = <usize>xStride << 2;
  const dyBytes = <usize>dyStride << 2;
  const packed = scratch + (((depth + 3) & ~3) * PASS << 2);
  for (let row: usize = 0; row < <usize>rows; row += PASS) {
    const count = min(PASS, <usize>rows - row);
    transpose(x + row * xBytes, xBytes, scratch, PASS << 2, count, depth);
    for (let p = <usize>from; p < <usize>to; p++) {
      packPanel(dy + row * dyBytes + (p << 6), dyBytes, count, packed, dBias ? dBias + (p << 6) : 0);
      const target = dWeight + ((p * depth) << 6);
      rowsByPanel(scratch, PASS << 2, depth, packed, count, target, 64, target, 64);
    }
  }
}
