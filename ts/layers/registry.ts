/** The layers that a saved model may name: a closed list, so that a file can ask for nothing else. */
import { InputError } from "../errors.js";
import { vocabularyOf } from "../text/saved-vocabulary.js";
import { activation } from "./activation.js";
import { attention } from "./attention.js";
import { bidirectional } from "./bidirectional.js";
import { type Conv1dOptions, conv1d } from "./conv1d.js";
import { crf } from "./crf.js";
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { embedding } from "./embedding.js";
import { encoderDecoder } from "./encoder-decoder.js";
import { flatten } from "./flatten.js";
import { features, type Input, inputs as named, tokens } from "./input.js";
import { last } from "./last.js";
import type { Definition, Layer } from "./layer.js";
import { layerNorm } from "./layer-norm.js";
import { layerNormLstm } from "./layer-norm-lstm.js";
import { learned } from "./learned.js";
import { minGru, minLstm } from "./minimal.js";
import { multiHeadAttention } from "./multi-head-attention.js";
import { positions } from "./positions.js";
import { gru, lstm, type RecurrentLayer, rnn } from "./recurrent.js";
import { residual } from "./residual.js";
import { logSoftmax, softmax } from "./softmax.js";
import { sparseEmbedding } from "./sparse-embedding.js";
import { transformerDecoder, transformerEncoder } from "./transformer.js";
import { type WiringNode, wiring } from "./wiring.js";

/** A definition whose options are yet to be checked, which each layer does itself. */
type Unchecked = Definition & Record<string, never>;

const inputs = new Map<string, (definition: Unchecked) => Input>([
  ["features", ({ width }) => features(width)],
  ["inputs", ({ of }) => named(inputsFrom(of))],
  ["tokens", ({ size, vocabulary }) => tokens(vocabulary === undefined ? size! : vocabularyOf(vocabulary))],
]);

/** The inputs of a list of names and definitions. */
function inputsFrom(of: unknown): Record<string, Input> {
  const entries = list("inputs", of).map((entry): [string, Input] => {
    const { name, of } = Object(entry) as { name?: unknown; of?: Unchecked };
    const made = typeof name === "string" && typeof of?.layer === "string" && of.layer !== "inputs";
    const input = made ? inputOf(of) : undefined;
    if (input) return [name as string, input];
    throw new InputError({ where: "inputs", expected: "names with inputs", got: JSON.stringify(entry) });
  });
  return Object.fromEntries(entries);
}

const layers = new Map<string, (definition: Unchecked) => Layer>([
  ["activation", ({ layer: _, name, ...options }) => activation(name!, options)],
  ["attention", ({ layer: _, ...options }) => attention(options)],
  [
    "bidirectional",
    ({ of, merge }) => bidirectional(inner("bidirectional", of) as RecurrentLayer, { merge: merge! }),
  ],
  ["crf", ({ layer: _, ...options }) => crf(options)],
  ["conv1d", ({ layer: _, units, ...options }) => conv1d(units!, options as unknown as Conv1dOptions)],
  ["dense", ({ layer: _, units, ...options }) => dense(units!, options)],
  ["dropout", ({ layer: _, rate, ...options }) => dropout(rate!, options)],
  ["embedding", ({ layer: _, units, ...options }) => embedding(units!, options)],
  [
    "encoderDecoder",
    ({ layer: _, encoder, decoder, ...options }) => {
      const [read, write] = [encoder, decoder].map((layers) =>
        list("encoderDecoder", layers).map((definition) => inner("encoderDecoder", definition)),
      );
      return encoderDecoder({ encoder: read!, decoder: write!, ...options });
    },
  ],
  ["flatten", ({ steps }) => flatten(steps!)],
  ["gru", ({ layer: _, units, ...options }) => gru(units!, options)],
  ["last", () => last()],
  ["layerNorm", ({ layer: _, ...options }) => layerNorm(options)],
  ["layerNormLstm", ({ layer: _, units, ...options }) => layerNormLstm(units!, options)],
  ["learned", ({ width }) => learned(width!)],
  ["logSoftmax", () => logSoftmax()],
  ["lstm", ({ layer: _, units, ...options }) => lstm(units!, options)],
  ["minGru", ({ layer: _, units, ...options }) => minGru(units!, options)],
  ["minLstm", ({ layer: _, units, ...options }) => minLstm(units!, options)],
  [
    "residual",
    ({ of }) => residual(...list("residual", of).map((definition) => inner("residual", definition))),
  ],
  ["multiHeadAttention", ({ layer: _, units, ...options }) => multiHeadAttention(units!, options)],
  ["positions", ({ layer: _, longest, ...options }) => positions(longest!, options)],
  ["rnn", ({ layer: _, units, ...options }) => rnn(units!, options)],
  ["softmax", () => softmax()],
  ["sparseEmbedding", ({ layer: _, units, ...options }) => sparseEmbedding(units!, options)],
  [
    "wiring",
    ({ nodes, output }) => wiring({ nodes: list("wiring", nodes).map(nodeOf), output: output as string }),
  ],
  ["transformerDecoder", ({ layer: _, units, ...options }) => transformerDecoder(units!, options)],
  ["transformerEncoder", ({ layer: _, units, ...options }) => transformerEncoder(units!, options)],
]);

/** Makes an input again from its definition; undefined for a name that is not in the list. InputError on bad options. */
export function inputOf(definition: Definition): Input | undefined {
  return inputs.get(definition.layer)?.(definition as Unchecked);
}

/** The same for a layer; of one definition always the same layer, so that it has one set of parameters wherever it is. */
export function layerOf(definition: Definition): Layer | undefined {
  const known = made.get(definition) ?? layers.get(definition.layer)?.(definition as Unchecked);
  if (known) made.set(definition, known);
  return known;
}

const made = new WeakMap<Definition, Layer>();

/** Most layers inside each other. */
const DEEPEST = 64;
let depth = 0;

/** A layer inside another. */
function inner(where: string, definition: unknown): Layer {
  const known = typeof definition === "object" && definition !== null && "layer" in definition;
  if (depth === DEEPEST) {
    throw new InputError({ where, expected: `at most ${DEEPEST} layers inside each other`, got: "more" });
  }
  let made: Layer | undefined;
  depth++;
  try {
    made = known ? layerOf(definition as Definition) : undefined;
  } finally {
    depth--;
  }
  if (!made)
    throw new InputError({
      where,
      expected: "a layer that this version knows",
      got: JSON.stringify(definition),
    });
  return made;
}

/** A node of a wiring, whose layer, if it has one, is made again. */
function nodeOf(node: unknown): WiringNode {
  const { of, ...rest } = (node ?? {}) as { of?: object };
  const made = of && "layer" in of ? inner("wiring", of) : of;
  return { ...rest, of: made } as WiringNode;
}

function list(where: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new InputError({ where, expected: "a list", got: typeof value });
  return value;
}
