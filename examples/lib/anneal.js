/** A rate that falls from its height to 0 as half a turn of a cosine does (Loshchilov & Hutter 2017). */

/**
 * @param {number} rate
 * @param {number} steps
 */
export function anneal(rate, steps) {
  return (/** @type {number} */ step) => (rate / 2) * (1 + Math.cos((Math.PI * step) / steps));
}
