/**
 * A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001): a sequence of tags y has the probability
 * exp(score(y)) / Z, where Z is the sum over all sequences of the row's length T, and
 *
 *   score(y)    = start(y_0) + end(y_T-1) + sum x_t(y_t) + sum A(y_t-1, y_t)
 *   alpha_0(j)  = start(j) + x_0(j)      alpha_t(j) = x_t(j) + ln sum_i exp(alpha_t-1(i) + A(i, j))
 *   ln Z        = ln sum_j exp(alpha_T-1(j) + end(j))
 *   loss        = ln Z - score(y), of which each step of the row has the same share
 *
 * Backwards, with p_t(j) the probability of tag j at step t, and xi_t(i, j) that of i before j:
 *
 *   p_T-1 = softmax(alpha_T-1 + end)     xi_t(., j) = p_t(j) softmax_i(alpha_t-1(i) + A(i, j))     p_t-1(i) = sum_j xi_t(i, j)
 *   dx_t(j) = p_t(j) - [y_t = j]     dA(i, j) = sum_t xi_t(i, j) - [y_t-1 = i, y_t = j]     dstart = dx_0     dend = dx_T-1
 *
 * The alphas of a step are kept relative to their largest, and the sum of what was taken off in float64, so that no precision
 * is lost over long sequences. What is less than e^-80 of the largest term of a sum is nothing beside it.
 *
 * x, alphas, dx [steps][batch][stride]; targets [steps][batch]; lengths [batch], or 0: all steps; transitions [tags][stride], the
 * tag before by row; start, end [stride]; losses, weights [steps][batch]; counts [batch][tags + 2][stride]: the gradients of
 * transitions, start and end by row of the batch; scratch [batch][2 tags][4]. Zero in the padding.
 */
import { largest, sum } from "../lane";
import { exp, log } from "./elementary";

/** The logarithm of 0, in the lanes past the last tag: finite, so that a difference of two is a number. */
const NEVER: f32 = -1e30;

/** exp x for x <= 0; 0 from e^-80 down, and NaN for NaN. */
// @ts-ignore: decorator
@inline
function share(x: v128): v128 {
  const least = f32x4.splat(-80);
  return v128.andnot(exp(f32x4.pmax(x, least)), f32x4.le(x, least));
}

/** The bytes of the vectors that hold the tags. */
// @ts-ignore: decorator
@inline
function reach(tags: usize): usize {
  return ((tags + 3) & ~3) << 2;
}

/** How many steps of a row count. */
// @ts-ignore: decorator
@inline
function lengthOf(lengths: usize, row: usize, steps: usize): usize {
  return lengths ? min<usize>(load<u32>(lengths + (row << 2)), steps) : steps;
}

/** The largest over i of alpha(i) + A(i, j), four j at `column`. */
// @ts-ignore: decorator
@inline
function likeliest(alphas: usize, column: usize, tags: usize, bytes: usize): v128 {
  let top = f32x4.splat(-Infinity);
  for (let i: usize = 0; i < tags; i++) {
    top = f32x4.pmax(top, f32x4.add(v128.load32_splat(alphas + (i << 2)), v128.load(column + i * bytes)));
  }
  return top;
}

/** Takes the largest alpha off all of them and gives it; the lanes past the last tag become the logarithm of 0. */
function relate(alphas: usize, tags: usize): f32 {
  const end = reach(tags);
  for (let c = tags << 2; c < end; c += 4) store<f32>(alphas + c, NEVER);
  let lanes = v128.load(alphas);
  for (let c: usize = 16; c < end; c += 16) lanes = f32x4.pmax(lanes, v128.load(alphas + c));
  const top = largest(lanes);
  for (let c: usize = 0; c < end; c += 16) {
    v128.store(alphas + c, f32x4.sub(v128.load(alphas + c), f32x4.splat(top)));
  }
  return top;
}

/** probabilities = softmax(alphas + end), in the vectors that hold tags; gives ln of the sum. */
function finish(alphas: usize, end: usize, probabilities: usize, tags: usize): f32 {
  const bytes = reach(tags);
  let lanes = f32x4.splat(-Infinity);
  for (let c: usize = 0; c < bytes; c += 16) {
    const both = f32x4.add(v128.load(alphas + c), v128.load(end + c));
    v128.store(probabilities + c, both);
    lanes = f32x4.pmax(lanes, both);
  }
  const top = largest(lanes);
  let total = f32x4.splat(0);
  for (let c: usize = 0; c < bytes; c += 16) {
    const part = share(f32x4.sub(v128.load(probabilities + c), f32x4.splat(top)));
    v128.store(probabilities + c, part);
    total = f32x4.add(total, part);
  }
  const all = sum(total);
  for (let c: usize = 0; c < bytes; c += 16) {
    v128.store(probabilities + c, f32x4.div(v128.load(probabilities + c), f32x4.splat(all)));
  }
  return top + f32x4.extract_lane(log(f32x4.splat(all)), 0);
}

/** losses in nats, 0 past the length of a row. For rows [from, to) of the batch. */
export function crfForward(
  x: usize, targets: usize, lengths: usize, transitions: usize, start: usize, end: usize, alphas: usize, scratch: usize,
  losses: usize, tags: u32, stride: u32, steps: u32, batch: u32, from: u32, to: u32,
): void {
  const count = <usize>tags;
  const bytes = <usize>stride << 2;
  const filled = reach(count);
  const pitch = <usize>batch * bytes;
  const next = <usize>batch << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const length = lengthOf(lengths, row, steps);
    let emissions = x + row * bytes;
    let own = alphas + row * bytes;
    let target = targets + (row << 2);
    let before: usize = 0;
    let taken: f64 = 0;
    let score: f64 = 0;
    for (let t: usize = 0; t < length; t++) {
      const tag = <usize>load<u32>(target);
      score += <f64>load<f32>(emissions + (tag << 2));
      if (t == 0) {
        score += <f64>load<f32>(start + (tag << 2));
        for (let c: usize = 0; c < filled; c += 16) {
          v128.store(own + c, f32x4.add(v128.load(start + c), v128.load(emissions + c)));
        }
      } else {
        score += <f64>load<f32>(transitions + before * bytes + (tag << 2));
        const last = own - pitch;
        for (let c: usize = 0; c < filled; c += 16) {
          const column = transitions + c;
          const top = likeliest(last, column, count, bytes);
          let total = f32x4.splat(0);
          for (let i: usize = 0; i < count; i++) {
            const way = f32x4.add(v128.load32_splat(last + (i << 2)), v128.load(column + i * bytes));
            total = f32x4.add(total, share(f32x4.sub(way, top)));
          }
          v128.store(own + c, f32x4.add(v128.load(emissions + c), f32x4.add(top, log(total))));
        }
      }
      taken += <f64>relate(own, count);
      before = tag;
      emissions += pitch;
      own += pitch;
      target += next;
    }
    let loss: f32 = 0;
    if (length > 0) {
      score += <f64>load<f32>(end + (before << 2));
      const norm = taken + <f64>finish(own - pitch, end, scratch + row * (count << 5), count);
      loss = <f32>((norm - score) / <f64>length);
    }
    for (let t: usize = 0; t < <usize>steps; t++) {
      store<f32>(losses + t * next + (row << 2), t < length ? loss : 0);
    }
  }
}

/** How much the loss of a row counts: the mean of its steps' weights. */
function weigh(weights: usize, length: usize, next: usize): f32 {
  let total: f32 = 0;
  for (let t: usize = 0; t < length; t++) total += load<f32>(weights + t * next);
  return length > 0 ? total / <f32>length : 0;
}

/**
 * dx and counts = the gradient of each row's loss, times the mean of the weights of its steps; 0 past the length of a row. Takes
 * the alphas that crfForward left. For rows [from, to) of the batch.
 */
export function crfBackward(
  targets: usize, lengths: usize, transitions: usize, end: usize, alphas: usize, scratch: usize, weights: usize,
  dx: usize, counts: usize, tags: u32, stride: u32, steps: u32, batch: u32, from: u32, to: u32,
): void {
  const count = <usize>tags;
  const bytes = <usize>stride << 2;
  const pitch = <usize>batch * bytes;
  const next = <usize>batch << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    let length = lengthOf(lengths, row, steps);
    const weight = weigh(weights + (row << 2), length, next);
    if (weight == 0) length = 0;
    const pairs = counts + row * (count + 2) * bytes;
    const first = dx + row * bytes;
    memory.fill(pairs, 0, (count + 2) * bytes);
    for (let t: usize = 0; t < <usize>steps; t++) memory.fill(first + t * pitch, 0, bytes);
    if (length == 0) continue;
    const ways = scratch + row * (count << 5);
    const last = first + (length - 1) * pitch;
    finish(alphas + row * bytes + (length - 1) * pitch, end, last, count);
    for (let t = length; t-- > 1; ) {
      const at = t * pitch;
      const target = targets + t * next + (row << 2);
      const tag = <usize>load<u32>(target);
      step(alphas + row * bytes + at - pitch, transitions, first + at, first + at - pitch, ways, pairs, weight, count, bytes);
      const pair = pairs + <usize>load<u32>(target - next) * bytes + (tag << 2);
      store<f32>(pair, load<f32>(pair) - weight);
      settle(first + at, tag, weight, count);
    }
    settle(first, <usize>load<u32>(targets + (row << 2)), weight, count);
    memory.copy(pairs + count * bytes, first, bytes);
    memory.copy(pairs + (count + 1) * bytes, last, bytes);
  }
}

/** Adds weight xi to the pairs; `before` becomes the probabilities of the tags one step before those in `after`. */
function step(
  alphas: usize, transitions: usize, after: usize, before: usize, ways: usize, pairs: usize,
  weight: f32, count: usize, bytes: usize,
): void {
  const filled = reach(count);
  const sums = ways + (count << 4);
  memory.fill(sums, 0, count << 4);
  for (let c: usize = 0; c < filled; c += 16) {
    const column = transitions + c;
    const top = likeliest(alphas, column, count, bytes);
    let total = f32x4.splat(0);
    for (let i: usize = 0; i < count; i++) {
      const way = f32x4.add(v128.load32_splat(alphas + (i << 2)), v128.load(column + i * bytes));
      const part = share(f32x4.sub(way, top));
      v128.store(ways + (i << 4), part);
      total = f32x4.add(total, part);
    }
    const scale = f32x4.div(v128.load(after + c), total);
    for (let i: usize = 0; i < count; i++) {
      const xi = f32x4.mul(v128.load(ways + (i << 4)), scale);
      const pair = pairs + i * bytes + c;
      v128.store(pair, f32x4.add(v128.load(pair), f32x4.mul(xi, f32x4.splat(weight))));
      v128.store(sums + (i << 4), f32x4.add(v128.load(sums + (i << 4)), xi));
    }
  }
  let all: f32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const probability = sum(v128.load(sums + (i << 4)));
    store<f32>(before + (i << 2), probability);
    all += probability;
  }
  // They sum to 1 but for rounding, which would grow from step to step.
  for (let c: usize = 0; c < filled; c += 16) {
    v128.store(before + c, f32x4.div(v128.load(before + c), f32x4.splat(all)));
  }
}

/** From the probabilities of a step to its gradient. */
function settle(probabilities: usize, tag: usize, weight: f32, count: usize): void {
  for (let c: usize = 0, end = reach(count); c < end; c += 16) {
    v128.store(probabilities + c, f32x4.mul(v128.load(probabilities + c), f32x4.splat(weight)));
  }
  const at = probabilities + (tag << 2);
  store<f32>(at, load<f32>(at) - weight);
}

/** Adds the counts to the gradients of transitions, start and end, rows of the batch ascending. For vectors [from, to) of a row. */
export function crfGradient(
  counts: usize, dTransitions: usize, dStart: usize, dEnd: usize, tags: u32, stride: u32, batch: u32, from: u32, to: u32,
): void {
  const bytes = <usize>stride << 2;
  const pitch = (<usize>tags + 2) * bytes;
  for (let line: usize = 0; line < <usize>tags + 2; line++) {
    const past = line - tags;
    const into = line < <usize>tags ? dTransitions + line * bytes : past == 0 ? dStart : dEnd;
    for (let c = <usize>from << 4; c < <usize>to << 4; c += 16) {
      let total = v128.load(into + c);
      for (let row: usize = 0; row < <usize>batch; row++) {
        total = f32x4.add(total, v128.load(counts + row * pitch + line * bytes + c));
      }
      v128.store(into + c, total);
    }
  }
}
