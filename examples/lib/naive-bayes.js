/** The method to beat: every word for itself says how likely it is in spam (Sahami et al. 1998). */

/**
 * Learns from messages, and gives the likelier label, 0 or 1, for the words of another. Words count as often as they come, one
 * more of each label than there are (Laplace).
 *
 * @param {readonly { words: readonly string[], spam: number }[]} messages
 */
export function naiveBayes(messages) {
  /** @type {Map<string, [number, number]>} */
  const counts = new Map();
  const words = [0, 0];
  const total = [0, 0];
  for (const message of messages) {
    total[message.spam]++;
    for (const word of message.words) {
      const count = counts.get(word) ?? [0, 0];
      counts.set(word, count);
      count[message.spam]++;
      words[message.spam]++;
    }
  }
  const evidence = (/** @type {number} */ label, /** @type {[number, number]} */ count) =>
    Math.log((count[label] + 1) / (words[label] + counts.size));

  return (/** @type {readonly string[]} */ read) => {
    let logOdds = Math.log(total[1] / total[0]);
    for (const word of read) {
      const count = counts.get(word);
      if (count) logOdds += evidence(1, count) - evidence(0, count);
    }
    return logOdds > 0 ? 1 : 0;
  };
}
