/** How much of a text a vocabulary does not have. */
import type { Vocabulary } from "./vocabulary.js";

export interface UnknownSymbols {
  /** How many symbols the texts have. */
  readonly symbols: number;
  /** How many of them are not in the vocabulary. */
  readonly unknown: number;
}

/** Counts the unknown symbols of a text or of several. InputError at the first, if the vocabulary has no symbol for them. */
export function countUnknown(vocabulary: Vocabulary, texts: string | Iterable<string>): UnknownSymbols {
  const substitute = vocabulary.special.unknown;
  let [symbols, unknown] = [0, 0];
  for (const text of typeof texts === "string" ? [texts] : texts) {
    const ids = vocabulary.encode(text);
    symbols += ids.length;
    for (const id of ids) if (id === substitute) unknown++;
  }
  return { symbols, unknown };
}
