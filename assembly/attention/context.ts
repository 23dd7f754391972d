/**
 * What each query takes out of a source: context[t] = sum over s of weights[t, s] values[s], s ascending.
 *
 *   weights   [steps][batch][heads][sources in whole lines]: 0 where a query sees nothing
 *   values    `units` for each of `heads`, side by side: position s of row r is s valueStep + r valueStride floats on
 *   context   [steps][batch] rows of contextStride floats, alike, zero behind
 *   lengths, starts, first, causal   see sight; what lies past the end of a row is not read
 *
 * For pairs [from, to) of a row of the batch and a head: row x heads + head.
 */
import { copyRows, fills, lineBytes, restoreRows } from "./rows";
import { lengthOf, seenTo, startOf } from "./sight";
import { addSums, dots } from "./tile";

/** `scratch`: the lines of `units` for every query and every position. */
export function attentionContextForward(
  weights: usize, values: usize, lengths: usize, starts: usize, context: usize, scratch: usize, heads: u32, units: u32, causal: u32, first: u32,
  steps: u32, sources: u32, batch: u32, valueStride: u32, valueStep: u32, contextStride: u32, from: u32, to: u32,
): void {
  const all = <usize>steps;
  const bytes = lineBytes(units);
  const line = lineBytes(sources);
  const weightStep = line * batch * heads;
  const contextStep = (<usize>contextStride * batch) << 2;
  const moved = !fills(units);
  for (let pair = <usize>from; pair < <usize>to; pair++) {
    const row = pair / heads;
    const head = pair % heads;
    const length = lengthOf(lengths, row, sources);
    const start = startOf(first, starts, row);
    const own = weights + pair * line;
    const target = context + ((row * contextStride + head * units) << 2);
    // What follows the last head is padding.
    const width = (head + 1 == heads ? <usize>contextStride - head * units : <usize>units) << 2;
    for (let t: usize = 0; t < all; t++) memory.fill(target + t * contextStep, 0, width);
    if (length == 0) continue;
    let v = values + ((row * valueStride + head * units) << 2);
    let vStep = <usize>valueStep << 2;
    let out = target;
    let outStep = contextStep;
    if (moved) {
      out = scratch;
      outStep = bytes;
      memory.fill(out, 0, bytes * steps);
    }
    if (moved || steps > 1) {
      const copy = scratch + bytes * steps;
      copyRows(v, vStep, length, units, copy);
      v = copy;
      vStep = bytes;
    }
    for (let t: usize = 0; t < all; t += 2) {
      const many = min<usize>(2, all - t);
      const end = seenTo(start + t + many - 1, causal, 0, 0, 0, length);
      addSums(own + t * weightStep, weightStep, 4, many, v, vStep, bytes, end, out + t * outStep, outStep);
    }
    if (moved) restoreRows(scratch, steps, units, target, contextStep);
  }
}

/**
 * dWeights = dContext . values where a query sees something, else 0; dValues += weights dContext, queries ascending. Either may
 * be 0 if nobody wants it. `scratch`: the lines of all weights of a pair, and of `units` for every query and twice every position.
 */
export function attentionContextBackward(
  weights: usize, values: usize, lengths: usize, starts: usize, dContext: usize, dWeights: usize, dValues: usize, scratch: usize,
  heads: u32, units: u32, causal: u32, first: u32, steps: u32, sources: u32, batch: u32, valueStride: u32, valueStep: u32, contextStride: u32,
  from: u32, to: u32,
): void {
  const all = <usize>steps;
  const bytes = lineBytes(units);
  const line = lineBytes(sources);
  const weightStep = line * batch * heads;
  const moved = !fills(units);
  const shares = scratch;
  const dCopy = shares + line * steps;
  const vCopy = dCopy + bytes * steps;
  const dvCopy = vCopy + bytes * sources;
  for (let pair = <usize>from; pair < <usize>to; pair++) {
    const row = pair / heads;
    const head = pair % heads;
    const length = lengthOf(lengths, row, sources);
    const start = startOf(first, starts, row);
    const dOwn = dWeights + pair * line;
    if (length == 0) {
      for (let t: usize = 0; t < all && dWeights; t++) memory.fill(dOwn + t * weightStep, 0, line);
      continue;
    }
    const valueAt = (row * valueStride + head * units) << 2;
    const rowStep = <usize>valueStep << 2;
    let d = dContext + ((row * contextStride + head * units) << 2);
    let dStep = (<usize>contextStride * batch) << 2;
    let p = weights + pair * line;
    let pStep = weightStep;
    if (moved || steps > 1) {
      copyRows(d, dStep, steps, units, dCopy);
      copyRows(p, pStep, steps, sources, shares);
      d = dCopy;
      p = shares;
      dStep = bytes;
      pStep = line;
    }
    if (dWeights) {
      let v = values + valueAt;
      let vStep = rowStep;
      if (moved || steps > 1) {
        copyRows(v, vStep, length, units, vCopy);
        v = vCopy;
        vStep = bytes;
      }
      for (let t: usize = 0; t < all; t += 2) {
        const many = min<usize>(2, all - t);
        const last = seenTo(start + t + many - 1, causal, 0, 0, 0, length);
        dots(d + t * dStep, dStep, many, v, vStep, bytes, length, 0, last, dOwn + t * weightStep, weightStep);
        for (let i = t; i < t + many; i++) {
          const end = seenTo(start + i, causal, 0, 0, 0, length) << 2;
          memory.fill(dOwn + i * weightStep + end, 0, line - end);
        }
      }
    }
    if (dValues) {
      let dv = dValues + valueAt;
      let dvStep = rowStep;
      if (moved) {
        copyRows(dv, dvStep, length, units, dvCopy);
        dv = dvCopy;
        dvStep = bytes;
      }
      for (let s: usize = 0; s < length; s += 2) {
        // no query sees s before t = s - start
        const t = causal && s > start ? min(s - start, all) : 0;
        addSums(
          p + t * pStep + (s << 2), 4, pStep, min<usize>(2, length - s), d + t * dStep, dStep, bytes, all - t,
          dv + s * dvStep, dvStep,
        );
      }
      if (moved) restoreRows(dvCopy, length, units, dValues + valueAt, rowStep);
    }
  }
}
