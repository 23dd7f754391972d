/** From logits to probabilities. */

/**
 * @param {ArrayLike<number>} logits
 * @returns {number[]}
 */
export function softmax(logits) {
  const greatest = Math.max(...Array.from(logits));
  const weights = Array.from(logits, (logit) => Math.exp(logit - greatest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
