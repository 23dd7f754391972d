/** Entities in sequences of tags, and how many of them a model finds. */
import { InputError } from "../errors.js";

/** The steps `from` to `to`, that one not included, and what they are. */
export interface Span {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

/**
 * The entities of tags such as "B-PER", "I-PER" and "O" (Ramshaw & Marcus 1995), as conlleval and seqeval read them by
 * default: an entity begins at B, and at I or E after O, after an end or after another type; it goes on over I and E; E and S end one.
 * A tag without a type has the type "_". InputError for what is no tag.
 */
export function spans(tags: readonly string[]): Span[] {
  const found: Span[] = [];
  let open: { readonly type: string; readonly from: number } | undefined;
  let ended = true; // by E or S: nothing goes on
  for (const [step, tag] of [...tags, "O"].entries()) {
    const parts = /^(?:([BIES])(?:-(.*))?|O)$/s.exec(tag);
    if (!parts) {
      throw new InputError({
        where: `spans.tags[${step}]`,
        expected: "O, or one of B, I, E, S with a type, such as B-PER",
        got: JSON.stringify(tag) ?? "undefined",
      });
    }
    const [, place, name] = parts;
    const type = name || "_";
    const goesOn = open && !ended && type === open.type && (place === "I" || place === "E");
    if (open && !goesOn) found.push({ ...open, to: step });
    if (!place) open = undefined;
    else if (!goesOn) open = { type, from: step };
    ended = place === "E" || place === "S";
  }
  return found;
}

export interface EntityScore {
  /** The share of the predicted entities that are right; 0 where there are none. */
  readonly precision: number;
  /** The share of the entities that were found; 0 where there are none. */
  readonly recall: number;
  /** Their harmonic mean, 0 where both are. */
  readonly f1: number;
  /** How many entities there are. */
  readonly support: number;
}

export interface EntityScores {
  /** Over all entities. */
  readonly micro: EntityScore;
  /** The mean over the types; zeros where there are none. */
  readonly macro: EntityScore;
  /** The mean over the types, by how many entities each has. */
  readonly weighted: EntityScore;
  /** Each type that was predicted or is there, in the order of its name. */
  readonly types: Readonly<Record<string, EntityScore>>;
}

/**
 * How many entities of sentences were found, with the right type and the right steps; the same as seqeval's by default.
 * `predicted` and `tags`: sentences as lists of tags. InputError unless they have the same lengths.
 */
export function entityScores(
  predicted: readonly (readonly string[])[],
  tags: readonly (readonly string[])[],
): EntityScores {
  requireSame("entityScores", "sentences", predicted.length, tags.length);
  const counts = new Map<string, Found>();
  const countsOf = (type: string) => {
    const found = counts.get(type) ?? { predicted: 0, there: 0, right: 0 };
    counts.set(type, found);
    return found;
  };
  for (const [i, sentence] of tags.entries()) {
    requireSame(`entityScores.predicted[${i}]`, "tags", predicted[i]!.length, sentence.length);
    const there = spans(sentence);
    const places = new Set(there.map(keyOf));
    for (const { type } of there) countsOf(type).there++;
    for (const span of spans(predicted[i]!)) {
      countsOf(span.type).predicted++;
      if (places.has(keyOf(span))) countsOf(span.type).right++;
    }
  }
  const sorted = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  const each = sorted.map(([type, found]) => [type, scoreOf(found)] as const);
  const scores = each.map(([, score]) => score);
  const all = [...counts.values()];
  const sum = (part: keyof Found) => all.reduce((sum, found) => sum + found[part], 0);
  return {
    micro: scoreOf({ predicted: sum("predicted"), there: sum("there"), right: sum("right") }),
    macro: mean(scores, () => 1),
    weighted: mean(scores, ({ support }) => support),
    types: Object.fromEntries(each),
  };
}

interface Found {
  predicted: number;
  there: number;
  right: number;
}

function scoreOf({ predicted, there, right }: Found): EntityScore {
  return {
    precision: predicted > 0 ? right / predicted : 0,
    recall: there > 0 ? right / there : 0,
    f1: right > 0 ? (2 * right) / (predicted + there) : 0,
    support: there,
  };
}

function mean(scores: readonly EntityScore[], weight: (score: EntityScore) => number): EntityScore {
  const total = scores.reduce((sum, score) => sum + weight(score), 0);
  const of = (part: keyof EntityScore) =>
    scores.reduce((sum, score) => sum + weight(score) * score[part], 0) / (total || 1);
  return {
    precision: of("precision"),
    recall: of("recall"),
    f1: of("f1"),
    support: scores.reduce((sum, { support }) => sum + support, 0),
  };
}

function keyOf({ type, from, to }: Span): string {
  return `${from} ${to} ${type}`;
}

function requireSame(where: string, what: string, got: number, expected: number): void {
  if (got === expected) return;
  throw new InputError({ where, expected: `${expected} ${what}`, got: String(got) });
}
