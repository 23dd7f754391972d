/** The blocks of the Transformer. Vaswani et al. 2017. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { add } from "../ops/add.js";
import { activation } from "./activation.js";
import type { AttentionLayer } from "./attention.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { type Layer, layer, requireOptions, requireWidth } from "./layer.js";
import { layerNorm } from "./layer-norm.js";
import { multiHeadAttention } from "./multi-head-attention.js";

export interface TransformerOptions {
  /** Into how many parts the units are divided for attention; default 1. */
  readonly heads?: number;
  /** How many blocks follow each other, each with parameters of its own; default 1. */
  readonly blocks?: number;
  /** Width inside of the products that follow attention; default 4 units. */
  readonly hidden?: number;
  /** Between these products; default relu, as in the paper. BERT and GPT have gelu. */
  readonly activation?: "relu" | "gelu" | "geluTanh";
  /**
   * Where rows are normalised: `after` each sum (default, as in the paper), or `before` what is added to it (Xiong et al. 2020), which
   * trains without warm-up and wants a layerNorm() behind the last block.
   */
  readonly norm?: "after" | "before";
  /** While training, the share of zeros among the weights of attention, inside of the products, and in what is added; default 0. */
  readonly dropout?: number;
  /** For how many steps a stream has room; default 1024. */
  readonly longest?: number;
}

export interface TransformerEncoderOptions extends TransformerOptions {
  /** Whether a step sees no later ones: so the blocks of a language model are made, which can be streamed. Default false. */
  readonly causal?: boolean;
}

export interface TransformerDecoderOptions extends TransformerOptions {
  /** Whether a step sees no later ones of its own sequence; default true. */
  readonly causal?: boolean;
}

/** Most blocks of one layer. */
const MOST = 256;

const common = ["heads", "blocks", "hidden", "activation", "norm", "dropout", "longest", "causal"];

/**
 * Blocks in which every step attends to all steps of its sequence: x [steps][batch][units] to the same. With norm `after`,
 *
 *     x = N(x + attention(x, x))     x = N(x + f(x W + b) W' + b')
 *
 * as PyTorch's TransformerEncoderLayer; with `before`, x = x + attention(N x, N x) and x = x + f(N x W + b) W' + b'.
 */
export function transformerEncoder(units: number, options: TransformerEncoderOptions = {}): Layer {
  const name = "transformerEncoder";
  const blocks = parts(name, units, { causal: false, ...options });
  return layer({ layer: name, units, ...options }, (x) =>
    inTurn(blocks, x, (value, { own, products, residual }) => {
      const looked = residual[0]!(value, (x) => own(x));
      return residual[2]!(looked, (x) => chain(products, x));
    }),
  );
}

/** Blocks that read a memory, such as what an encoder gave. */
export interface TransformerDecoderLayer extends Layer {
  /** Fewest and most values that it reads: a sequence and a memory. */
  readonly takes: readonly [least: 2, most: 2];
  /** x [steps][batch][units] and a memory [other steps][batch][width], to [steps][batch][units]. */
  over(x: Value, memory: Value): Value;
}

/**
 * Blocks in which every step attends to those of its own sequence, by default not to later ones, and then to a memory, of
 * which it sees no padding: PyTorch's TransformerDecoderLayer. Called by `over(x, memory)`.
 */
export function transformerDecoder(
  units: number,
  options: TransformerDecoderOptions = {},
): TransformerDecoderLayer {
  const name = "transformerDecoder";
  const blocks = parts(name, units, { causal: true, ...options });
  const made: TransformerDecoderLayer = Object.assign(
    layer({ layer: name, units, ...options }, (x) => {
      throw new InputError({
        where: x.graph.path,
        expected: "a memory",
        got: "a sequence alone",
        hint: "call it by over(x, memory), or take transformerEncoder(units, { causal: true })",
      });
    }),
    {
      takes: [2, 2] as const,
      over: (x: Value, memory: Value) =>
        x.graph.scope(made, name, () =>
          inTurn(blocks, x, (value, { own, across, products, residual }) => {
            const looked = residual[0]!(value, (x) => own(x));
            const read = residual[1]!(looked, (x) => across.over(x, memory));
            return residual[2]!(read, (x) => chain(products, x));
          }),
        ),
    },
  );
  return made;
}

function inTurn(blocks: readonly Block[], x: Value, record: (x: Value, block: Block) => Value): Value {
  return blocks.reduce((value, block) => x.graph.scope(block, "block", () => record(value, block)), x);
}

function chain(layers: readonly Layer[], x: Value): Value {
  return layers.reduce((value, apply) => apply(value), x);
}

/** x and what is made of it, added and normalised. */
type Residual = (x: Value, make: (x: Value) => Value) => Value;

interface Block {
  readonly own: AttentionLayer;
  readonly across: AttentionLayer;
  readonly products: readonly Layer[];
  /** One for each of own, across and products. */
  readonly residual: readonly Residual[];
}

/** The layers of each block. Those that are never called have no parameters. */
function parts(name: string, units: number, options: TransformerEncoderOptions): Block[] {
  requireWidth(`${name}.units`, units);
  requireOptions(name, options, common);
  const { heads = 1, blocks = 1, hidden = 4 * units, norm = "after", causal = false } = options;
  const { dropout: rate = 0, activation: f = "relu", longest = 1024 } = options;
  if (!(Number.isInteger(blocks) && blocks >= 1 && blocks <= MOST)) {
    throw new InputError({
      where: `${name}.blocks`,
      expected: `a whole number from 1 to ${MOST}`,
      got: String(blocks),
    });
  }
  if (norm !== "after" && norm !== "before") {
    throw new InputError({ where: `${name}.norm`, expected: '"after" or "before"', got: String(norm) });
  }
  const attention = { heads, dropout: rate, longest };
  return Array.from({ length: blocks }, () => ({
    own: multiHeadAttention(units, { ...attention, causal }),
    across: multiHeadAttention(units, attention),
    products: [dense(hidden), activation(f), dropout(rate), dense(units)],
    residual: Array.from({ length: 3 }, (): Residual => {
      const [normal, drop] = [layerNorm(), dropout(rate)];
      return norm === "after"
        ? (x, make) => normal(add(x, drop(make(x))))
        : (x, make) => add(x, drop(make(normal(x))));
    }),
  }));
}
