/**
 * How much each query attends to each position of a source:
 *
 *   score(t, s) =  scale q[t] . k[s]                          0 dot: Luong, Pham & Manning 2015; Vaswani et al. 2017
 *                  energy . tanh(q[t] + k[s] + c[t, s] w)     1 additive: Bahdanau et al. 2015
 *                  q[t, s]                                    2 location: Luong et al. 2015
 *   weights(t)  =  softmax of score(t, s) - spread (s - centre)² over the positions s that it sees (see sight), 0 elsewhere
 *
 * With coverage (See, Liu & Manning 2017) c[t] is the sum of the weights before t.
 *
 *   queries         [steps][batch] rows of queryStride floats: `units` for each of `heads`, side by side; scores if score is 2
 *   keys            of every position and row of the batch alike: position s of row r is s keyStep + r keyStride floats on; 0 if score is 2
 *   energy, coverageWeight   one row; 0 if there is none. Both for one head only
 *   coverage        [steps + 1][batch][sources in whole lines]: the first row is given, the others are made; 0 for none
 *   centres         [steps][batch] lines, see sight; 0 for none
 *   lengths, starts see sight
 *   weights         [steps][batch][heads][sources in whole lines]
 *
 * A call may be for one query out of many, if places are those of its step and `first` is its number. All for pairs [from, to)
 * of a row of the batch and a head: row x heads + head. Each depends on nothing but its own numbers.
 */
import { exp, largest, sum } from "../lane";
import { additiveScores, additiveScoresBackward } from "./additive";
import { copyRows, fills, lineBytes, restoreRows } from "./rows";
import { centreOf, lengthOf, seenFrom, seenTo, startOf } from "./sight";
import { addSums, dots } from "./tile";

const DOT: u32 = 0;
const ADDITIVE: u32 = 1;

/** Lanes of the vector from position s on that are in [begin, end). */
// @ts-ignore: decorator
@inline
function lanesIn(s: usize, begin: usize, end: usize): v128 {
  const at = i32x4.add(i32x4.splat(<i32>s), i32x4(0, 1, 2, 3));
  return v128.and(i32x4.ge_s(at, i32x4.splat(<i32>begin)), i32x4.lt_s(at, i32x4.splat(<i32>end)));
}

/** s - centre, for the four positions from s on. */
// @ts-ignore: decorator
@inline
function distance(s: usize, centre: f32): v128 {
  const at = f32x4.convert_i32x4_s(i32x4.add(i32x4.splat(<i32>s), i32x4(0, 1, 2, 3)));
  return f32x4.sub(at, f32x4.splat(centre));
}

/** A row of weights in the place of its scores; zeros outside of [begin, end). */
function normalise(row: usize, line: usize, begin: usize, end: usize, scale: f32, spread: f32, centre: f32): void {
  const first = begin & ~3;
  memory.fill(row, 0, first << 2);
  const past = begin < end ? (end + 3) & ~3 : first;
  memory.fill(row + (past << 2), 0, line - (past << 2));
  if (begin >= end) return;
  const floor = f32x4.splat(-Infinity);
  let top = floor;
  for (let s = first; s < end; s += 4) {
    const own = row + (s << 2);
    let x = f32x4.mul(v128.load(own), f32x4.splat(scale));
    if (spread > 0) {
      const d = distance(s, centre);
      x = f32x4.sub(x, f32x4.mul(f32x4.splat(spread), f32x4.mul(d, d)));
    }
    v128.store(own, x);
    top = f32x4.pmax(top, v128.bitselect(x, floor, lanesIn(s, begin, end)));
  }
  const shift = f32x4.splat(largest(top));
  let total = f32x4.splat(0);
  for (let s = first; s < end; s += 4) {
    const own = row + (s << 2);
    const e = v128.and(exp(f32x4.sub(v128.load(own), shift)), lanesIn(s, begin, end));
    v128.store(own, e);
    total = f32x4.add(total, e);
  }
  const share = f32x4.splat(1 / sum(total));
  for (let s = first; s < end; s += 4) {
    const own = row + (s << 2);
    v128.store(own, f32x4.mul(v128.load(own), share));
  }
}

/** `scratch`: the lines of `units` for every query and every position. */
export function attentionWeightsForward(
  queries: usize, keys: usize, energy: usize, coverage: usize, coverageWeight: usize, centres: usize, lengths: usize, starts: usize,
  weights: usize, scratch: usize, score: u32, heads: u32, units: u32, scale: f32, causal: u32, first: u32,
  local: u32, window: u32, spread: f32, steps: u32, sources: u32, batch: u32, queryStride: u32, keyStride: u32, keyStep: u32,
  from: u32, to: u32,
): void {
  const all = <usize>steps;
  const bytes = lineBytes(units);
  const line = lineBytes(sources);
  const weightStep = line * batch * heads;
  const moved = !fills(units);
  for (let pair = <usize>from; pair < <usize>to; pair++) {
    const row = pair / heads;
    const head = pair % heads;
    const length = lengthOf(lengths, row, sources);
    const start = startOf(first, starts, row);
    const own = weights + pair * line;
    let q = queries + ((row * queryStride + head * units) << 2);
    let k = keys + ((row * keyStride + head * units) << 2);
    let qStep = (<usize>queryStride * batch) << 2;
    let kStep = <usize>keyStep << 2;
    if (score <= ADDITIVE && length > 0) {
      if (moved) {
        copyRows(q, qStep, steps, units, scratch);
        q = scratch;
        qStep = bytes;
      }
      if (moved || steps > 1) {
        const copy = scratch + bytes * steps;
        copyRows(k, kStep, length, units, copy);
        k = copy;
        kStep = bytes;
      }
    }
    for (let t: usize = 0; t < all; t += 2) {
      const many = min<usize>(2, all - t);
      if (length > 0 && score == DOT) {
        const last = t + many - 1;
        const a = centreOf(centres, t * batch + row, length);
        const b = centreOf(centres, last * batch + row, length);
        const begin = min(
          seenFrom(start + t, local, window, a, length), seenFrom(start + last, local, window, b, length),
        );
        const end = max(
          seenTo(start + t, causal, local, window, a, length), seenTo(start + last, causal, local, window, b, length),
        );
        dots(q + t * qStep, qStep, many, k, kStep, bytes, length, begin, end, own + t * weightStep, weightStep);
      }
      for (let i = t; i < t + many; i++) {
        const target = own + i * weightStep;
        const covered = coverage ? coverage + (i * batch + row) * line : 0;
        if (length == 0) {
          memory.fill(target, 0, line);
        } else {
          const centre = centreOf(centres, i * batch + row, length);
          const begin = seenFrom(start + i, local, window, centre, length);
          const end = seenTo(start + i, causal, local, window, centre, length);
          if (score == ADDITIVE) {
            additiveScores(q + i * qStep, k, kStep, energy, covered, coverageWeight, bytes, begin, end, target);
          } else if (score != DOT) {
            memory.copy(target + (begin << 2), q + i * qStep + (begin << 2), (end - begin) << 2);
          }
          normalise(target, line, begin, end, scale, spread, centre);
        }
        if (coverage) {
          const next = covered + line * batch;
          for (let c: usize = 0; c < line; c += 16) {
            v128.store(next + c, f32x4.add(v128.load(covered + c), v128.load(target + c)));
          }
        }
      }
    }
  }
}

/** dScores = weights (d - sum weights d) with d = dWeights + dCoverage, unless that is 0; gives the sum of dScores (s - centre). */
function scoreSlopes(weights: usize, dWeights: usize, dCoverage: usize, dScores: usize, line: usize, centre: f32): f32 {
  let total = f32x4.splat(0);
  for (let c: usize = 0; c < line; c += 16) {
    let d = v128.load(dWeights + c);
    if (dCoverage) d = f32x4.add(d, v128.load(dCoverage + c));
    v128.store(dScores + c, d);
    total = f32x4.add(total, f32x4.mul(v128.load(weights + c), d));
  }
  const mean = f32x4.splat(sum(total));
  let along = f32x4.splat(0);
  for (let c: usize = 0; c < line; c += 16) {
    const d = f32x4.mul(v128.load(weights + c), f32x4.sub(v128.load(dScores + c), mean));
    v128.store(dScores + c, d);
    along = f32x4.add(along, f32x4.mul(d, distance(c >> 2, centre)));
  }
  return sum(along);
}

/**
 * Adds the gradients of all that the weights are made of, from dWeights, which like weights is 0 where a query sees nothing. With
 * coverage, dCoverage [batch][sources in whole lines] is that of the sum after the last query on entry, before the first on
 * return. dEnergy and dCoverageWeight have a row for each row of the batch. Zeros in the place of what there is none of.
 * `scratch`: the lines of all weights of a pair, of `units` twice for every query and position, and four floats a position.
 */
export function attentionWeightsBackward(
  weights: usize, dWeights: usize, queries: usize, keys: usize, energy: usize, coverage: usize, coverageWeight: usize,
  centres: usize, lengths: usize, starts: usize, dQueries: usize, dKeys: usize, dEnergy: usize, dCoverage: usize, dCoverageWeight: usize,
  dCentres: usize, scratch: usize, score: u32, heads: u32, units: u32, scale: f32, causal: u32, first: u32,
  local: u32, window: u32, spread: f32, steps: u32, sources: u32, batch: u32, queryStride: u32, keyStride: u32, keyStep: u32,
  from: u32, to: u32,
): void {
  const all = <usize>steps;
  const bytes = lineBytes(units);
  const line = lineBytes(sources);
  const weightStep = line * batch * heads;
  const moved = !fills(units);
  const slopes = scratch;
  const qCopy = slopes + line * steps;
  const dqCopy = qCopy + bytes * steps;
  const kCopy = dqCopy + bytes * steps;
  const dkCopy = kCopy + bytes * sources;
  const lanes = dkCopy + bytes * sources;
  for (let pair = <usize>from; pair < <usize>to; pair++) {
    const row = pair / heads;
    const head = pair % heads;
    const length = lengthOf(lengths, row, sources);
    const start = startOf(first, starts, row);
    if (length == 0) continue;
    const own = weights + pair * line;
    const dOwn = dWeights + pair * line;
    const rowStep = (<usize>queryStride * batch) << 2;
    const sourceStep = <usize>keyStep << 2;
    const queryAt = (row * queryStride + head * units) << 2;
    const keyAt = (row * keyStride + head * units) << 2;
    let q = queries + queryAt, dq = dQueries + queryAt, k = keys + keyAt, dk = dKeys + keyAt;
    let qStep = rowStep, dqStep = rowStep, kStep = sourceStep, dkStep = sourceStep;
    if (score <= ADDITIVE) {
      if (moved || steps > 1) {
        copyRows(q, qStep, steps, units, qCopy);
        copyRows(k, kStep, length, units, kCopy);
        q = qCopy;
        k = kCopy;
        qStep = kStep = bytes;
      }
      if (moved) {
        copyRows(dq, dqStep, steps, units, dqCopy);
        copyRows(dk, dkStep, length, units, dkCopy);
        dq = dqCopy;
        dk = dkCopy;
        dqStep = dkStep = bytes;
      }
    }
    for (let t = all; t-- > 0;) {
      const slope = slopes + t * line;
      const at = t * batch + row;
      const centre = centreOf(centres, at, length);
      const dCovered = coverage ? dCoverage + row * line : 0;
      const along = scoreSlopes(own + t * weightStep, dOwn + t * weightStep, dCovered, slope, line, centre);
      if (dCentres) {
        const d = dCentres + (at << 6);
        store<f32>(d, load<f32>(d) + 2 * spread * along * <f32>(length - 1));
      }
      const begin = seenFrom(start + t, local, window, centre, length);
      const end = seenTo(start + t, causal, local, window, centre, length);
      if (score == DOT) {
        for (let c: usize = 0; c < line; c += 16) {
          v128.store(slope + c, f32x4.mul(v128.load(slope + c), f32x4.splat(scale)));
        }
        addSums(
          slope + (begin << 2), line, 4, 1, k + begin * kStep, kStep, bytes, max(end, begin) - begin, dq + t * dqStep, dqStep,
        );
      } else if (score == ADDITIVE) {
        const gradient = row * bytes;
        additiveScoresBackward(
          slope, q + t * qStep, k, kStep, energy, coverage ? coverage + at * line : 0, coverageWeight, bytes, begin, end,
          dq + t * dqStep, dk, dkStep, dEnergy + gradient, dCovered, dCoverageWeight + gradient, lanes,
        );
      } else {
        const target = dq + t * dqStep;
        for (let s = begin; s < end; s++) {
          const d = target + (s << 2);
          store<f32>(d, load<f32>(d) + load<f32>(slope + (s << 2)));
        }
      }
    }
    if (score == DOT) {
      for (let s: usize = 0; s < length; s += 2) {
        // no query sees s before t = s - start
        const t = causal && s > start ? min(s - start, all) : 0;
        addSums(
          slopes + t * line + (s << 2), 4, line, min<usize>(2, length - s), q + t * qStep, qStep, bytes, all - t,
          dk + s * dkStep, dkStep,
        );
      }
    }
    if (moved && score <= ADDITIVE) {
      restoreRows(dqCopy, steps, units, dQueries + queryAt, rowStep);
      restoreRows(dkCopy, length, units, dKeys + keyAt, sourceStep);
    }
  }
}
