/**
 * One step of logistic regression between hidden rows and output rows, every one with every other (a block, as in Ji,
 * Satish, Li & Dubey, "Parallelizing word2vec in shared and distributed memory", 2016):
 *
 *     s[i][o] = h[i] · y[o]     p = sigmoid(c[o] s[i][o])     g[i][o] = rate c[o] (1 - p)     loss = -Σ ln p
 *     dh[i] = Σ_o g[i][o] y[o]     y[o] += Σ_i g[i][o] h[i]
 *
 * with c = 1 for outputs that are to be likely, -1 for those that are not, 0 for none. Rows are worked on as tiles of two
 * hidden by three output rows; a row of zeros fills the last tile. Output rows are distinct, and no hidden row is one.
 */
import { log, sigmoid, sum } from "../lane";

/** Most hidden rows, and most output rows. */
export const MOST: usize = 64;

/**
 * The block in memory, offsets in bytes: addresses of hidden rows and of output rows, the signs c, the scores and then the
 * coefficients g [hidden][across(outputs)].
 */
export const HIDDEN: usize = 0;
export const OUTPUT: usize = 256;
export const SIGN: usize = 544;
const SCORES: usize = 832;
export const BLOCK_BYTES: usize = 832 + 64 * 68 * 4;

// @ts-ignore: decorator
@inline
function hidden(block: usize, i: usize): usize {
  return <usize>load<u32>(block + (i << 2), HIDDEN);
}

// @ts-ignore: decorator
@inline
function output(block: usize, o: usize): usize {
  return <usize>load<u32>(block + (o << 2), OUTPUT);
}

/**
 * Updates the output rows, writes dh [hidden][stride], and adds the loss to totals [2], where the number of its terms is the
 * second. `zeros`: a row of them, which stays so. bytes: of the part of a row that counts, a multiple of 16; stride: of a row.
 */
export function learn(
  block: usize, rows: usize, outputs: usize, dHidden: usize, zeros: usize,
  bytes: usize, stride: usize, rate: f32, totals: usize,
): void {
  const tiles = ((outputs + 2) / 3) * 3;
  const across = (tiles + 3) & ~3;
  if (rows & 1) store<u32>(block + (rows << 2), <u32>zeros, HIDDEN);
  for (let o = outputs; o < across; o++) {
    store<u32>(block + (o << 2), <u32>zeros, OUTPUT);
    store<f32>(block + (o << 2), 0, SIGN);
  }
  const scores = block + SCORES;
  const line = across << 2;
  for (let i: usize = 0; i < rows; i += 2) {
    for (let o: usize = 0; o < tiles; o += 3) {
      score(
        hidden(block, i), hidden(block, i + 1), output(block, o), output(block, o + 1), output(block, o + 2),
        bytes, scores + i * line + (o << 2), line,
      );
    }
  }
  weigh(block, rows, line, rate, totals);
  memory.fill(dHidden, 0, (rows + (rows & 1)) * stride);
  for (let i: usize = 0; i < rows; i += 2) {
    for (let o: usize = 0; o < tiles; o += 3) {
      gather(
        dHidden + i * stride, dHidden + i * stride + stride, output(block, o), output(block, o + 1), output(block, o + 2),
        bytes, scores + i * line + (o << 2), line,
      );
    }
  }
  for (let o: usize = 0; o < tiles; o += 3) {
    for (let i: usize = 0; i < rows; i += 2) {
      spread(
        hidden(block, i), hidden(block, i + 1), output(block, o), output(block, o + 1), output(block, o + 2),
        bytes, scores + i * line + (o << 2), line,
      );
    }
  }
}

/** The six scores of a tile. */
function score(h0: usize, h1: usize, y0: usize, y1: usize, y2: usize, bytes: usize, scores: usize, line: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = s00;
  let s02 = s00;
  let s10 = s00;
  let s11 = s00;
  let s12 = s00;
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(h0 + at);
    const b = v128.load(h1 + at);
    const x = v128.load(y0 + at);
    s00 = f32x4.add(s00, f32x4.mul(a, x));
    s10 = f32x4.add(s10, f32x4.mul(b, x));
    const y = v128.load(y1 + at);
    s01 = f32x4.add(s01, f32x4.mul(a, y));
    s11 = f32x4.add(s11, f32x4.mul(b, y));
    const z = v128.load(y2 + at);
    s02 = f32x4.add(s02, f32x4.mul(a, z));
    s12 = f32x4.add(s12, f32x4.mul(b, z));
  }
  store<f32>(scores, sum(s00));
  store<f32>(scores, sum(s01), 4);
  store<f32>(scores, sum(s02), 8);
  store<f32>(scores + line, sum(s10));
  store<f32>(scores + line, sum(s11), 4);
  store<f32>(scores + line, sum(s12), 8);
}

/** Scores to coefficients. */
function weigh(block: usize, rows: usize, line: usize, rate: f32, totals: usize): void {
  const one = f32x4.splat(1);
  const step = f32x4.splat(rate);
  const end = block + line;
  let scores = block + SCORES;
  let losses = f32x4.splat(0);
  let terms = i32x4.splat(0);
  for (let i: usize = 0; i < rows; i++) {
    for (let at = block; at < end; at += 16, scores += 16) {
      const sign = v128.load(at, SIGN);
      const counts = f32x4.ne(sign, f32x4.splat(0));
      const p = sigmoid(f32x4.mul(sign, v128.load(scores)));
      v128.store(scores, f32x4.mul(f32x4.mul(step, sign), f32x4.sub(one, p)));
      losses = f32x4.sub(losses, v128.and(counts, log(p)));
      terms = i32x4.sub(terms, counts);
    }
  }
  store<f64>(totals, load<f64>(totals) + <f64>sum(losses));
  const pairs = i32x4.add(terms, v128.shuffle<i32>(terms, terms, 2, 3, 0, 1));
  const count = i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
  store<f64>(totals, load<f64>(totals, 8) + <f64>count, 8);
}

/** d0 and d1 += what three output rows give them. */
function gather(d0: usize, d1: usize, y0: usize, y1: usize, y2: usize, bytes: usize, g: usize, line: usize): void {
  const g00 = v128.load32_splat(g);
  const g01 = v128.load32_splat(g, 4);
  const g02 = v128.load32_splat(g, 8);
  const g10 = v128.load32_splat(g + line);
  const g11 = v128.load32_splat(g + line, 4);
  const g12 = v128.load32_splat(g + line, 8);
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(y0 + at);
    const y = v128.load(y1 + at);
    const z = v128.load(y2 + at);
    const a = f32x4.add(v128.load(d0 + at), f32x4.mul(g00, x));
    const b = f32x4.add(v128.load(d1 + at), f32x4.mul(g10, x));
    v128.store(d0 + at, f32x4.add(f32x4.add(a, f32x4.mul(g01, y)), f32x4.mul(g02, z)));
    v128.store(d1 + at, f32x4.add(f32x4.add(b, f32x4.mul(g11, y)), f32x4.mul(g12, z)));
  }
}

/** Three output rows += what two hidden rows give them. */
function spread(h0: usize, h1: usize, y0: usize, y1: usize, y2: usize, bytes: usize, g: usize, line: usize): void {
  const g00 = v128.load32_splat(g);
  const g01 = v128.load32_splat(g, 4);
  const g02 = v128.load32_splat(g, 8);
  const g10 = v128.load32_splat(g + line);
  const g11 = v128.load32_splat(g + line, 4);
  const g12 = v128.load32_splat(g + line, 8);
  for (let at: usize = 0; at < bytes; at += 16) {
    const a = v128.load(h0 + at);
    const b = v128.load(h1 + at);
    v128.store(y0 + at, f32x4.add(f32x4.add(v128.load(y0 + at), f32x4.mul(g00, a)), f32x4.mul(g10, b)));
    v128.store(y1 + at, f32x4.add(f32x4.add(v128.load(y1 + at), f32x4.mul(g01, a)), f32x4.mul(g11, b)));
    v128.store(y2 + at, f32x4.add(f32x4.add(v128.load(y2 + at), f32x4.mul(g02, a)), f32x4.mul(g12, b)));
  }
}
