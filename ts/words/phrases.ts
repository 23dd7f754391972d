/** Words that belong together, "new york", as one. */
import { InputError } from "../errors.js";

export interface PhraseOptions {
  /** Pairs that occur less often are no phrase, and as many count too little (delta of the paper); default 5. */
  readonly atLeast?: number;
  /** The least score of a phrase; default 100. */
  readonly threshold?: number;
}

/**
 * Finds pairs of neighbours with count(a b) - atLeast > threshold count(a) count(b) / words (Mikolov, Sutskever et al. 2013,
 * section 4) and gives a function that joins them with "_" in a sentence, from left to right. Joined sentences can be joined
 * again, for phrases of up to four words.
 */
export function phrases(
  sentences: Iterable<readonly string[]>,
  { atLeast = 5, threshold = 100 }: PhraseOptions = {},
): (sentence: readonly string[]) => string[] {
  const words = new Map<string, number>();
  const pairs = new Map<string, number>();
  let total = 0;
  for (const sentence of sentences) {
    total += sentence.length;
    for (const [i, word] of sentence.entries()) {
      words.set(word, (words.get(word) ?? 0) + 1);
      if (i > 0)
        pairs.set(joined(sentence[i - 1]!, word), (pairs.get(joined(sentence[i - 1]!, word)) ?? 0) + 1);
    }
  }
  if (total === 0) throw new InputError({ where: "phrases.sentences", expected: "words", got: "none" });

  const isPhrase = (a: string, b: string) =>
    ((pairs.get(joined(a, b)) ?? 0) - atLeast) * total >
    threshold * (words.get(a) ?? 0) * (words.get(b) ?? 0);

  return (sentence) => {
    const result: string[] = [];
    for (let i = 0; i < sentence.length; i++) {
      const [word, next] = [sentence[i]!, sentence[i + 1]];
      if (next !== undefined && isPhrase(word, next)) {
        result.push(joined(word, next));
        i++;
      } else result.push(word);
    }
    return result;
  };
}

function joined(a: string, b: string): string {
  return `${a}_${b}`;
}
