/**
 * Which positions of the source a query sees: always a range [begin, end), empty only where the source of its row is.
 *
 *   length   at most this many positions count: words [batch], or 0 if all do
 *   starts   the position of query 0 of each row, words [batch], or 0; `first` is added to it, for all rows
 *   causal   not 0: a query sees no position past its own
 *   local    1: only those at most `window` from its own; 2: from a given centre, a share of the way from the first
 *            position (0) to the last (1). A centre outside of the source counts as its nearest end
 */

// @ts-ignore: decorator
@inline
export function lengthOf(lengths: usize, row: usize, sources: u32): usize {
  return lengths ? <usize>min(load<u32>(lengths + (row << 2)), sources) : <usize>sources;
}

// @ts-ignore: decorator
@inline
export function startOf(first: usize, starts: usize, row: usize): usize {
  return starts ? first + load<u32>(starts + (row << 2)) : first;
}

/** The position of a given centre: centres [steps][batch] rows of a line whose first number it is. */
// @ts-ignore: decorator
@inline
export function centreOf(centres: usize, row: usize, length: usize): f32 {
  return centres ? load<f32>(centres + (row << 6)) * <f32>(length - 1) : 0;
}

/** A position inside of the source, whatever the centre; a NaN counts as the first. */
// @ts-ignore: decorator
@inline
function inside(centre: f32, length: usize): f32 {
  const last = <f32>(length - 1);
  return centre >= 0 ? (centre <= last ? centre : last) : 0;
}

/** `query`: its position. */
export function seenFrom(query: usize, local: u32, window: usize, centre: f32, length: usize): usize {
  if (local == 0) return 0;
  if (local == 1) {
    const own = min(query, length - 1);
    return own > window ? own - window : 0;
  }
  const begin = ceil(inside(centre, length) - <f32>window);
  return begin > 0 ? <usize>begin : 0;
}

export function seenTo(query: usize, causal: u32, local: u32, window: usize, centre: f32, length: usize): usize {
  const end = causal ? min(length, query + 1) : length;
  if (local == 0) return end;
  if (local == 1) return min(end, min(query, length - 1) + window + 1);
  return min(end, <usize>floor(inside(centre, length) + <f32>window) + 1);
}
