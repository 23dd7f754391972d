/** The conditional random field, with which a model of tags ends. */

import { InputError } from "../errors.js";
import { zeros } from "../graph/initialisers.js";
import { type Initialiser, rowsParameter, vectorParameter } from "../graph/parameter.js";
import { joinCrf } from "../ops/crf.js";
import { type Layer, layer, requireFeatures, requireOptions } from "./layer.js";
import { type TagRules, type TagScheme, tagRules } from "./tag-scheme.js";

export interface CrfOptions {
  /** The names of the tags, one for each number of the input; needed for a scheme. */
  readonly tags?: readonly string[];
  /**
   * What may follow what, start and end. What may not begins at -10,000, from where no gradient moves it: it is neither learned nor
   * found. Default: anything may follow anything.
   */
  readonly scheme?: TagScheme;
}

const FORBIDDEN = -10_000;

/**
 * A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001): learned scores of every tag after every other, at
 * the start and at the end of a sequence, beside those of every step, which are its input and its output, [steps][batch][tags].
 * It is the last layer: train it with `crfLoss()`; `tags(model, data)` gives the likeliest tags. All scores begin as 0.
 */
export function crf(options: CrfOptions = {}): Layer {
  requireOptions("crf", options, ["tags", "scheme"]);
  const { tags, scheme } = options;
  if (tags !== undefined) requireNames(tags);
  if (scheme !== undefined && !tags) {
    throw new InputError({ where: "crf.tags", expected: "names, for the scheme", got: "none" });
  }
  const rules = scheme && tagRules("crf", scheme, tags!);
  return layer({ layer: "crf", tags, scheme }, (x) => {
    requireFeatures(x);
    const { graph, width } = x;
    if (tags && tags.length !== width) {
      throw new InputError({
        where: graph.path,
        expected: `${tags.length} numbers, one for each tag`,
        got: String(width),
        hint: `put dense(${tags.length}) before it`,
      });
    }
    const start = allowing(rules, (rules, tag) => rules.mayStart(tag));
    const end = allowing(rules, (rules, tag) => rules.mayEnd(tag));
    const follow = allowing(rules, (rules, pair) => rules.mayFollow(pair % width, Math.floor(pair / width)));
    joinCrf(x, {
      transitions: graph.parameter("transitions", { ...rowsParameter(width, width, follow), decays: false }),
      start: graph.parameter("start", vectorParameter(1, width, start)),
      end: graph.parameter("end", vectorParameter(1, width, end)),
    });
    return x;
  });
}

function requireNames(tags: readonly string[]): void {
  const names = Array.isArray(tags) && tags.length > 0 && tags.every((name) => typeof name === "string");
  if (names && new Set(tags).size === tags.length) return;
  throw new InputError({ where: "crf.tags", expected: "different names", got: JSON.stringify(tags) });
}

/** 0 where the rules allow it. */
function allowing(
  rules: TagRules | undefined,
  allowed: (rules: TagRules, index: number) => boolean,
): Initialiser {
  if (!rules) return zeros;
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = allowed(rules, i) ? 0 : FORBIDDEN;
  };
}
