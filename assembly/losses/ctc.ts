/**
 * Connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006): the probability of a sequence of
 * labels is the sum over all paths, one class a step, that give the labels once repeated classes are merged and blanks
 * dropped. With states s = blank, label 1, blank, label 2, ..., blank and logarithms throughout:
 *
 *   alpha_t(s) = e_t(s) + ln(exp alpha_t-1(s) + exp alpha_t-1(s - 1) + exp(alpha_t-1(s - 2) + skip(s)))
 *   beta_t(s)  = ln(exp b(s) + exp b(s + 1) + exp(b(s + 2) + skip(s + 2)))      b(s) = beta_t+1(s) + e_t+1(s)
 *   loss = -ln(exp alpha_T(last) + exp alpha_T(last - 1))
 *   dx_t(k) = p_t(k) - sum over the states of class k of exp(alpha_t(s) + beta_t(s)), which sum to 1 over all states
 *
 * e_t(s): the logarithm of the probability of the state's class; skip(s): 0 where the label differs from the one before,
 * else the logarithm of 0. Every row of the lattice is taken relative to its largest number, so that no precision is lost
 * over long sequences; the sum of what was taken off is kept in float64.
 *
 * The lattice of one row of the batch has steps + 3 rows of `states` floats: skips, emissions, betas (at first the alphas
 * before the first step), and the alphas of every step. Four numbers of padding go before the states and four or more follow.
 */
import { largest, sum } from "../lane";
import { exp, log } from "./elementary";

/** The logarithm of 0: so low that nothing comes back, and finite, so that a difference of two is a number. */
const NEVER: f32 = -1e30;
/** What is less is the logarithm of 0. */
const LEAST: f32 = -1e29;
const PADDING: usize = 16;

/** The bytes of the vectors that hold the states of so many labels. */
// @ts-ignore: decorator
@inline
function reach(labels: usize): usize {
  return ((2 * labels + 4) & ~3) << 2;
}

/**
 * exp x for x <= 0, of which no more than e^-80 is left where x is less: nothing beside 1, and a normal number, where hosts take
 * a hundred times longer for those below.
 */
// @ts-ignore: decorator
@inline
function ratio(x: v128): v128 {
  return exp(f32x4.pmax(x, f32x4.splat(-80)));
}

/** ln(exp a + exp b + exp c), relative to the largest, whose own term is then 1. */
function join(a: v128, b: v128, c: v128): v128 {
  const high = f32x4.pmax(a, b);
  const top = f32x4.pmax(high, c);
  const rest = f32x4.add(ratio(f32x4.sub(f32x4.pmin(a, b), top)), ratio(f32x4.sub(f32x4.pmin(high, c), top)));
  return f32x4.add(top, log(f32x4.add(f32x4.splat(1), rest)));
}

function fillNever(at: usize, bytes: usize): void {
  for (let c: usize = 0; c < bytes; c += 16) v128.store(at + c, f32x4.splat(NEVER));
}

/** The states' skips; labels `pitch` bytes apart. */
function skip(skips: usize, labels: usize, pitch: usize, count: usize): void {
  for (let i: usize = 1; i < count; i++) {
    const label = labels + i * pitch;
    if (load<u32>(label) != load<u32>(label - pitch)) store<f32>(skips + 4 + (i << 3), 0);
  }
}

/** The states' emissions, from a row of logarithms of probabilities. */
function emit(logProbs: usize, emissions: usize, labels: usize, pitch: usize, count: usize, blank: u32): void {
  const silent = max<f32>(load<f32>(logProbs + (<usize>blank << 2)), NEVER);
  for (let i: usize = 0; i < count; i++) {
    const label = <usize>load<u32>(labels + i * pitch);
    store<f32>(emissions + (i << 3), silent);
    store<f32>(emissions + (i << 3), max<f32>(load<f32>(logProbs + (label << 2)), NEVER), 4);
  }
  store<f32>(emissions + (count << 3), silent);
}

/** Takes the largest state off all of them and gives it; where none is possible, nothing and 0. */
function relate(states: usize, bytes: usize): f32 {
  let lanes = v128.load(states);
  for (let s: usize = 16; s < bytes; s += 16) lanes = f32x4.pmax(lanes, v128.load(states + s));
  const top = largest(lanes);
  if (top < LEAST) return 0;
  const shift = f32x4.splat(top);
  for (let s: usize = 0; s < bytes; s += 16) v128.store(states + s, f32x4.sub(v128.load(states + s), shift));
  return top;
}

/** The logarithm of the probability of the labels, from the alphas of the last step. */
function arrived(alphas: usize, count: usize): f32 {
  const last = v128.load32_splat(alphas + (count << 3));
  const before = v128.load32_splat(alphas + (count << 3) - 4);
  return f32x4.extract_lane(join(last, before, f32x4.splat(NEVER)), 0);
}

/** What the loss of a row is divided by: with `perLabel` the number of its labels, at least 1. */
// @ts-ignore: decorator
@inline
function divisor(perLabel: u32, count: usize): f32 {
  return perLabel ? <f32>max<usize>(count, 1) : 1;
}

/** How many steps of a row count. */
// @ts-ignore: decorator
@inline
function lengthOf(lengths: usize, row: usize, steps: usize): usize {
  return lengths ? min<usize>(load<u32>(lengths + (row << 2)), steps) : steps;
}

/**
 * losses[row] in nats, `impossible` where the steps do not suffice for the labels; a row whose weight is 0 is passed over,
 * its loss 0. logProbs [steps][batch][stride]; labels [labels][batch], none of them the blank; labelLengths, lengths (0: all
 * steps), losses, weights [batch]; lattice [batch][steps + 3][states], states >= 2 labels + 12. For rows [from, to) of the batch.
 */
export function ctcForward(
  logProbs: usize, labels: usize, labelLengths: usize, lengths: usize, lattice: usize, losses: usize, weights: usize,
  blank: u32, impossible: f32, perLabel: u32, states: u32, steps: u32, batch: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>states << 2;
  const pitch = <usize>batch << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const at = row << 2;
    if (load<f32>(weights + at) == 0) {
      store<f32>(losses + at, 0);
      continue;
    }
    const count = <usize>load<u32>(labelLengths + at);
    const length = lengthOf(lengths, row, steps);
    const end = reach(count);
    const skips = lattice + row * (<usize>steps + 3) * bytes + PADDING;
    const emissions = skips + bytes;
    let alphas = emissions + bytes;
    fillNever(skips - PADDING, 3 * bytes);
    skip(skips, labels + at, pitch, count);
    store<f32>(alphas, 0);
    let taken: f64 = 0;
    for (let t: usize = 0; t < length; t++) {
      emit(logProbs + (((t * batch + row) * stride) << 2), emissions, labels + at, pitch, count, blank);
      const next = alphas + bytes;
      v128.store(next - PADDING, f32x4.splat(NEVER));
      for (let s: usize = 0; s < end; s += 16) {
        const skipped = f32x4.add(v128.load(alphas + s - 8), v128.load(skips + s));
        const sum = join(v128.load(alphas + s), v128.load(alphas + s - 4), skipped);
        v128.store(next + s, f32x4.add(sum, v128.load(emissions + s)));
      }
      taken += relate(next, end);
      alphas = next;
    }
    const last = arrived(alphas, count);
    const loss = -<f32>(taken + last) / divisor(perLabel, count);
    store<f32>(losses + at, last < LEAST ? impossible : loss);
  }
}

/**
 * dLogits = weights[row] times the gradient of the row's loss; 0 past the row's length and where the labels are impossible.
 * Takes the lattice that ctcForward left, once. In place if dLogits are logProbs.
 */
export function ctcBackward(
  logProbs: usize, labels: usize, labelLengths: usize, lengths: usize, lattice: usize, dLogits: usize, weights: usize,
  blank: u32, perLabel: u32, states: u32, steps: u32, batch: u32, width: u32, stride: u32, from: u32, to: u32,
): void {
  const bytes = <usize>states << 2;
  const pitch = <usize>batch << 2;
  const rowBytes = <usize>stride << 2;
  for (let row = <usize>from; row < <usize>to; row++) {
    const at = row << 2;
    const count = <usize>load<u32>(labelLengths + at);
    const end = reach(count);
    const skips = lattice + row * (<usize>steps + 3) * bytes + PADDING;
    const emissions = skips + bytes;
    const betas = emissions + bytes;
    const weight = load<f32>(weights + at) / divisor(perLabel, count);
    let length = lengthOf(lengths, row, steps);
    let alphas = betas + length * bytes;
    if (weight == 0 || arrived(alphas, count) < LEAST) length = 0;
    for (let t = length; t < <usize>steps; t++) memory.fill(dLogits + (t * batch + row) * rowBytes, 0, rowBytes);

    fillNever(betas - PADDING, bytes);
    store<f32>(betas + (count << 3), 0);
    for (let t = length; t-- > 0; alphas -= bytes) {
      const x = logProbs + (t * batch + row) * rowBytes;
      const d = dLogits + (t * batch + row) * rowBytes;
      emit(x, emissions, labels + at, pitch, count, blank);
      let high = f32x4.splat(-Infinity);
      for (let s: usize = 0; s < end; s += 16) {
        const skipped = f32x4.add(v128.load(betas + s + 8), v128.load(skips + s + 8));
        const beta = join(v128.load(betas + s), v128.load(betas + s + 4), skipped);
        const both = f32x4.add(v128.load(alphas + s), beta);
        v128.store(alphas + s, both);
        v128.store(betas + s, f32x4.add(beta, v128.load(emissions + s)));
        high = f32x4.pmax(high, both);
      }
      relate(betas, end);

      const shift = f32x4.splat(largest(high));
      let total = f32x4.splat(0);
      for (let s: usize = 0; s < end; s += 16) {
        const share = ratio(f32x4.sub(v128.load(alphas + s), shift));
        v128.store(alphas + s, share);
        total = f32x4.add(total, share);
      }
      const scale = f32x4.splat(weight);
      for (let c: usize = 0; c < rowBytes; c += 16) v128.store(d + c, f32x4.mul(exp(v128.load(x + c)), scale));
      for (let c = <usize>width << 2; c < rowBytes; c += 4) store<f32>(d + c, 0);
      take(d, alphas, labels + at, pitch, count, blank, weight / sum(total));
    }
  }
}

/** Subtracts the share of every state, `factor` times, from the gradient of its class. */
function take(d: usize, shares: usize, labels: usize, pitch: usize, count: usize, blank: u32, factor: f32): void {
  let silent = load<f32>(shares + (count << 3));
  for (let i: usize = 0; i < count; i++) {
    const at = d + (<usize>load<u32>(labels + i * pitch) << 2);
    store<f32>(at, load<f32>(at) - factor * load<f32>(shares + (i << 3), 4));
    silent += load<f32>(shares + (i << 3));
  }
  const at = d + (<usize>blank << 2);
  store<f32>(at, load<f32>(at) - factor * silent);
}
