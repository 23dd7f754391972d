/**
 * What each query takes out of a source: context[t] = sum over s of weights[t, s] values[s], s ascending.
 *
 *   weights   [steps][batch][heads][sources in whole lines]: 0 where a query sees nothing
 *   values    [sources][batch] rows of valueStride floats: `units` for each of `heads`, side by side
 *   context   [steps][batch] rows of contextStride floats, alike, zero behind
 *   lengths   words [batch], or 0 if all sources count; what lies past them is not read
 *   causal    not 0: query t sees no position past first + t
 *
 * For pairs [from, to) of a row of the batch and a head: row x heads + head.
 */
import { copyRows, fills, lineBytes, restoreRows } from "./rows";
import { lengthOf, seenTo } from "./sight";
import { addSums, dots } from "./tile";

/** `scratch`: the lines of `units` for every query and every position. */
export function attentionContextForward(
  weights: usize, values: usize, lengths: usize, context: usize, scratch: usize, heads: u32, units: u32, causal: u32, first: u32,
  steps: u32, sources: u32, batch: u32, valueStride: u32, contextStride: u32, from: u32, to: u32,
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
    const own = weights + pair * line;
    const start = context + ((row * contextStride + head * units) << 2);
    // What follows the last head is padding.
    const width = (head + 1 == heads ? <usize>contextStride - head * units : <usize>units) << 2;
    for (let t: usize = 0; t < all; t++) memory.fill(start + t * contextStep, 0, width);
    if (length == 0) continue;
    let v = values + ((row * valueStride + head * units) << 2);
    let vStep = (<usize>valueStride * batch) << 2;
    let out = start;
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
      const end = seenTo(<usize>first + t + many - 1, causal, 0, 0, 0, length);
      addSums(own + t * weightStep, weightStep, 4, many, v, vStep, bytes, end, out + t * outStep, outStep);
    }
    if (moved) restoreRows(scratch, steps, units, start, contextStep);
  }
}

/**
 * dWeights = dContext . values where a query sees something, else 0; dValues += weights dContext, queries ascending. Either may
 * be 0 if nobody wants it. `scratch`: the lines of all weights of a pair, and of `units` for every query and twice every position.
 */
export function attentionContextBackward(
  weights: usize, values: usize, lengths: usize, dContext: usize, dWeights: usize, dValues: usize, scratch: usize,
  heads: u32, units: u32, causal: u32, first: u32, steps: u32, sources: u32, batch: u32, valueStride: u32, contextStride: u32,
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
    const dOwn = dWeights + pair * line;
    if (length == 0) {
      for (let t: usize = 0; t < all && dWeights; t++) memory.fill(dOwn + t * weightStep, 0, line);
      continue;
    }
    const start = (row * valueStride + head * units) << 2;
    const valueStep = (<usize>valueStride * batch) << 2;
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
      let v = values + start;
      let vStep = valueStep;
      if (moved || steps > 1) {
        copyRows(v, vStep, length, units, vCopy);
        v = vCopy;
        vStep = bytes;
      }
      for (let t: usize = 0; t < all; t += 2) {
        const many = min<usize>(2, all - t);
        const last = seenTo(<usize>first + t + many - 1, causal, 0, 0, 0, length);
        dots(d + t * dStep, dStep, many, v, vStep, bytes, length, 0, last, dOwn + t * weightStep, weightStep);
        for (let i = t; i < t + many; i++) {
          const end = seenTo(<usize>first + i, causal, 0, 0, 0, length) << 2;
          memory.fill(dOwn + i * weightStep + end, 0, line - end);
        }
      }
    }
    if (dValues) {
      let dv = dValues + start;
      let dvStep = valueStep;
      if (moved) {
        copyRows(dv, dvStep, length, units, dvCopy);
        dv = dvCopy;
        dvStep = bytes;
      }
      for (let s: usize = 0; s < length; s += 2) {
        // query t sees s from t = s - first on
        const t = causal && s > first ? min<usize>(s - first, all) : 0;
        addSums(
          p + t * pStep + (s << 2), 4, pStep, min<usize>(2, length - s), d + t * dStep, dStep, bytes, all - t,
          dv + s * dvStep, dvStep,
        );
      }
      if (moved) restoreRows(dvCopy, length, units, dValues + start, valueStep);
    }
  }
}
