/** What a model reads: the first argument of `model`. */
import { InputError } from "../errors.js";
import type { Vocabulary } from "../text/vocabulary.js";
import { type Definition, requireWidth } from "./layer.js";

/** One thing for each of a model's inputs, by their names. */
export type Named<T> = Readonly<Record<string, T>>;

export interface Input {
  /** `tokens`: one index a step; `features`: a row of numbers a step. */
  readonly kind: "tokens" | "features";
  /** How many symbols there are, or how many numbers a row has. */
  readonly width: number;
  /** The vocabulary of a model of text; it is saved with the model. */
  readonly vocabulary: Vocabulary | undefined;
  /** The inputs by name, where there are several: the first is this one. */
  readonly named?: Named<Input>;
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
  if (!symbols?.definition) {
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
    definition: { layer: "tokens", vocabulary: symbols.definition },
  };
}

/** `width` numbers a step. */
export function features(width: number): Input {
  requireWidth("features", width);
  return { kind: "features", width, vocabulary: undefined, definition: { layer: "features", width } };
}

/** Most inputs that a model may have. */
const MOST = 64;

/**
 * Several inputs, each a sequence of its own number of steps and lengths, for as many rows: `inputs({ target: tokens(french),
 * source: tokens(english) })`. The first is the model's own sequence: outputs, targets and a stream's steps go along with it.
 * A layer finds the others by name in its second argument: `(x, { source }) => ...`. InputError for none, or inputs in inputs.
 */
export function inputs(named: Named<Input>): Input {
  const entries = Object.entries(named);
  const [first] = entries;
  if (!first || entries.length > MOST) {
    throw new InputError({ where: "inputs", expected: `1 to ${MOST} inputs`, got: String(entries.length) });
  }
  for (const [name, input] of entries) {
    if (typeof input !== "object" || input === null || !("kind" in input) || input.named) {
      throw new InputError({
        where: `inputs.${name}`,
        expected: "tokens(...) or features(...)",
        got: input?.definition?.layer ?? String(input),
      });
    }
  }
  return {
    ...first[1],
    named: Object.fromEntries(entries),
    definition: { layer: "inputs", of: entries.map(([name, { definition }]) => ({ name, of: definition })) },
  };
}
