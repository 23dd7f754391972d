/** Text with words hidden, which a model shall find: what BERT learns from. Devlin, Chang, Lee & Toutanova 2019. */
import { InputError } from "../errors.js";
import { random, requireSeed } from "../random.js";
import { requireWhole } from "./checks.js";
import { type Tensor, tensor } from "./tensor.js";

export interface MaskedTokensOptions {
  /** How many tokens there are. */
  readonly tokens: number;
  /** The token that stands for a hidden one: `crossEntropy({ ignore: mask })` counts the hidden ones alone. */
  readonly mask: number;
  /** Tokens that are never hidden, nor put in the place of one, besides the mask: those of beginnings, ends and padding. */
  readonly special?: readonly number[];
  /** The share of tokens to be found; default 0.15. */
  readonly share?: number;
  readonly seed: number;
}

/** A batch of tokens [batch, steps], of which each row may have a length of its own. */
export interface TokenBatch {
  readonly inputs: Tensor<Float32Array | Float64Array | Uint32Array>;
  readonly lengths?: ArrayLike<number>;
}

export interface MaskedBatch {
  /** What the model reads: of the tokens to be found 80 % are the mask, 10 % others, 10 % themselves. */
  readonly inputs: Tensor<Uint32Array>;
  /** The tokens to be found, and the mask everywhere else. */
  readonly targets: Tensor<Uint32Array>;
  readonly lengths?: ArrayLike<number>;
}

export interface MaskedTokens extends Iterable<MaskedBatch> {
  /** Pass number `index`: other tokens are hidden in each, by seed and index alone. */
  epoch(index: number): Iterable<MaskedBatch>;
}

/** Passes over batches, such as `batches(...)` makes them. */
type Source = Iterable<TokenBatch> & { epoch?(index: number): Iterable<TokenBatch> };

/**
 * Hides tokens of each batch, at least one that is not special. InputError for options out of range, and for a batch that is not
 * [batch, steps] of tokens or has none to hide.
 */
export function maskedTokens(source: Source, options: MaskedTokensOptions): MaskedTokens {
  const { tokens, mask, special = [], share = 0.15, seed } = options;
  requireWhole("maskedTokens.tokens", tokens, 2);
  requireWhole("maskedTokens.mask", mask, 0, tokens - 1);
  for (const token of special) requireWhole("maskedTokens.special", token, 0, tokens - 1);
  requireSeed("maskedTokens.seed", seed);
  if (!(share > 0 && share <= 1)) {
    throw new InputError({
      where: "maskedTokens.share",
      expected: "a share above 0, up to 1",
      got: `${share}`,
    });
  }
  const kept = new Set([mask, ...special]);
  const others = Array.from({ length: tokens }, (_, token) => token).filter((token) => !kept.has(token));
  if (others.length === 0) {
    throw new InputError({
      where: "maskedTokens.special",
      expected: "a token that is not special",
      got: "none",
    });
  }

  function* pass(index: number): Generator<MaskedBatch> {
    const { uniform, integer } = random(seed, index);
    for (const { inputs, lengths } of source.epoch?.(index) ?? source) {
      const { shape, data } = inputs;
      const [, steps = 0] = shape;
      const where = "maskedTokens batch";
      if (shape.length !== 2) {
        throw new InputError({ where, expected: "tokens [batch, steps]", got: `shape [${shape}]` });
      }
      const read = Uint32Array.from(data);
      const targets = new Uint32Array(data.length).fill(mask);
      const places = Array.from(read.keys()).filter((at) => {
        const length = lengths ? lengths[Math.floor(at / steps)]! : steps;
        return at % steps < length && !kept.has(read[at]!);
      });
      if (places.length === 0) {
        throw new InputError({ where, expected: "a token that is not special", got: "none" });
      }
      const chosen = places.filter(() => uniform() < share);
      for (const at of chosen.length > 0 ? chosen : [places[integer(places.length)]!]) {
        targets[at] = read[at]!;
        const what = uniform();
        if (what < 0.8) read[at] = mask;
        else if (what < 0.9) read[at] = others[integer(others.length)]!;
      }
      yield { inputs: tensor(read, shape), targets: tensor(targets, shape), ...(lengths && { lengths }) };
    }
  }

  return { epoch: pass, [Symbol.iterator]: () => pass(0) };
}
