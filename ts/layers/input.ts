/** What a model reads: the first argument of `model`. */
import { InputError } from "../errors.js";
import type { Vocabulary } from "../text/vocabulary.js";
import { type Definition, requireWidth } from "./layer.js";

export interface Input {
  /** `tokens`: one index a step; `features`: a row of numbers a step. */
  readonly kind: "tokens" | "features";
  /** How many symbols there are, or how many numbers a row has. */
  readonly width: number;
  /** The vocabulary of a model of text; it is saved with the model. */
  readonly vocabulary: Vocabulary | undefined;
  readonly definition: Definition;
}

/** One symbol a step, given as an index below `symbols`, which is a number or a vocabulary to keep with the model. */
export function tokens(symbols: number | Vocabulary): Input {
  if (typeof symbols === "number") {
    requireWidth("tokens", symbols);
    return {
      kind: "tokens",
      width: symbols,
      vocabulary: undefined,
      definition: { layer: "tokens", size: symbols },
    };
  }
  if (!Array.isArray(symbols?.symbols) || typeof symbols.encode !== "function") {
    throw new InputError({
      where: "tokens",
      expected: "a number of symbols or a vocabulary",
      got: String(symbols),
    });
  }
  return {
    kind: "tokens",
    width: symbols.size,
    vocabulary: symbols,
    definition: {
      layer: "tokens",
      symbols: symbols.symbols,
      ...(symbols.words && { words: symbols.words }),
    },
  };
}

/** `width` numbers a step. */
export function features(width: number): Input {
  requireWidth("features", width);
  return { kind: "features", width, vocabulary: undefined, definition: { layer: "features", width } };
}
