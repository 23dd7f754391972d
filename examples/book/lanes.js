/** Windows of held-out text. */

import { windows } from "recurra";

/**
 * Windows to measure with: a long text in several lanes at once, which is faster; not a short one, because the model
 * begins each lane knowing nothing of what came before.
 *
 * @param {Uint32Array} ids
 * @param {number} steps
 */
export function lanes(ids, steps) {
  const batch = Math.max(1, Math.min(16, Math.floor(ids.length / 2048)));
  return windows(ids, { batch, steps: Math.min(steps, 64) });
}
