/** Vocabularies from plain data, such as a file has. */

import { InputError } from "../errors.js";
import { bytePairVocabularyOf } from "./byte-pairs.js";
import type { SpecialSymbols } from "./symbols.js";
import { characterVocabularyOf, type Vocabulary, type VocabularyDefinition } from "./vocabulary.js";
import { wordVocabularyOf } from "./word-vocabulary.js";

/** What a definition of each kind has besides its kind. */
const parts: Record<VocabularyDefinition["kind"], readonly string[]> = {
  characters: ["special", "symbols"],
  words: ["special", "symbols", "rules"],
  bytePairs: ["special", "merges"],
};

/** The vocabulary with this definition; InputError for data that are none. */
export function vocabularyOf(definition: VocabularyDefinition): Vocabulary {
  const { kind, special, ...rest } = record("vocabulary", definition) as Unchecked;
  if (!Object.hasOwn(parts, kind)) {
    throw refused("vocabulary.kind", Object.keys(parts).join(", "), JSON.stringify(kind));
  }
  const other = Object.keys(rest).find((name) => !parts[kind].includes(name));
  if (other !== undefined) throw refused("vocabulary", `only ${parts[kind].join(", ")}`, other);
  if (special !== undefined) record("vocabulary.special", special);
  const { symbols, merges, rules = {} } = rest;
  switch (kind) {
    case "characters":
      return characterVocabularyOf(list("vocabulary.symbols", symbols), special);
    case "words":
      return wordVocabularyOf(
        list("vocabulary.symbols", symbols),
        special,
        record("vocabulary.rules", rules),
      );
    case "bytePairs":
      return bytePairVocabularyOf(list("vocabulary.merges", merges), special);
  }
}

/** What a file may have in place of a definition. */
interface Unchecked {
  readonly kind: VocabularyDefinition["kind"];
  readonly special?: SpecialSymbols;
  readonly symbols?: unknown;
  readonly merges?: unknown;
  readonly rules?: unknown;
}

function record(where: string, value: unknown): object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw refused(where, "an object", `${JSON.stringify(value)}`);
}

function list(where: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw refused(where, "a list", typeof value);
  const odd = value.findIndex((entry) => typeof entry !== "string");
  if (odd >= 0) throw refused(`${where}[${odd}]`, "a text", `${JSON.stringify(value[odd])}`);
  return value;
}

function refused(where: string, expected: string, got: string): InputError {
  return new InputError({ where, expected, got });
}
