/** From one sequence to another: an encoder reads the source, a decoder writes the target. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { attendTo } from "../ops/attend.js";
import { concat } from "../ops/concat.js";
import { repeat } from "../ops/over-steps.js";
import { activation } from "./activation.js";
import { dense } from "./dense.js";
import { type Layer, layer, requireOptions, requireWidth } from "./layer.js";
import type { RecurrentLayer, Sequenced } from "./recurrent.js";

export interface EncoderDecoderOptions {
  /** Layers that read the source one after another, for example `[embedding(64), bidirectional(gru(128))]`. */
  readonly encoder: readonly Layer[];
  /** Layers that read the target so far, at least one of them recurrent, for example `[embedding(64), gru(256)]`. */
  readonly decoder: readonly Layer[];
  /** How the decoder looks at all of the encoder's outputs, instead of its final states alone; default not at all. */
  readonly attention?: DecoderAttention;
  /** Whether the encoder's final states are given to every step of the decoder (Cho et al. 2014), not only to its first; default false. */
  readonly everyStep?: boolean;
  /** Whether the decoder begins with the first layer of the encoder, an embedding of the same symbols; default false. */
  readonly shared?: boolean;
  /** Which of the model's other inputs is the source; default "source". */
  readonly source?: string;
}

/** Attention of the decoder's first recurrent layer. */
export interface DecoderAttention {
  /**
   * `additive` (default): energy . tanh(h Wq + s Wk), Bahdanau et al. 2015, and Luong's concat; `general`: h Wq . s, Luong et al.
   * 2015.
   */
  readonly score?: "additive" | "general";
  /** The width in which additive scores compare; default that of the decoder's hidden state. */
  readonly units?: number;
  /** Whether additive scores see how much each position was attended to before (See, Liu & Manning 2017); default false. */
  readonly coverage?: boolean;
}

/** A layer with states. */
type Stateful = Layer & Pick<RecurrentLayer, "widths"> & { sequence(input: Value): Sequenced };

const isStateful = (made: Layer): made is Stateful => "sequence" in made;

/**
 * Encoder and decoder (Sutskever, Vinyals & Le 2014; Cho et al. 2014) for a model of two inputs:
 *
 *     const net = await model(
 *       inputs({ target: tokens(french), source: tokens(english) }),
 *       encoderDecoder({
 *         encoder: [embedding(64), bidirectional(gru(128))],
 *         decoder: [embedding(64), gru(256)],
 *         attention: { score: "additive" },
 *       }),
 *       dense(french.size),
 *     );
 *
 * Gives the decoder's outputs at every step of the target and, with attention, beside them what was found in the source. Each
 * recurrent layer of the decoder begins with the final states of the encoder's recurrent layer in the same place, or of its
 * last: as they are if they have the same widths, else through tanh(s W + b). Reads the target one step late, behind a start token. InputError
 * for a decoder without a recurrent layer.
 */
export function encoderDecoder(options: EncoderDecoderOptions): Layer {
  const where = "encoderDecoder";
  requireOptions(where, options, ["encoder", "decoder", "attention", "everyStep", "shared", "source"]);
  const { encoder, decoder: own, attention, everyStep = false, shared = false, source = "source" } = options;
  requireLayers(`${where}.encoder`, encoder);
  requireLayers(`${where}.decoder`, own);
  if (attention) requireAttention(`${where}.attention`, attention);
  const decoder = shared ? [encoder[0]!, ...own] : own;
  const first = decoder.findIndex(isStateful);
  if (first < 0) {
    throw new InputError({
      where: `${where}.decoder`,
      expected: "a recurrent layer, such as gru(64)",
      got: decoder.map(({ definition }) => definition.layer).join(", "),
    });
  }
  const bridges = decoder.map((made) => (isStateful(made) ? made.widths.map((width) => bridge(width)) : []));
  const [hidden] = (decoder[first] as RecurrentLayer).widths as [number];
  const { score = "additive", units = hidden, coverage } = attention ?? {};
  const project = layer({ layer: "keys", units }, dense(units, { bias: false }));
  const [reading, writing] = [{}, {}];

  const encode = (x: Value): { output: Value; states: (readonly Value[])[] } => {
    const states: (readonly Value[])[] = [];
    const output = encoder.reduce((value, made) => {
      if (!isStateful(made)) return made(value);
      const sequenced = made.sequence(value);
      states.push(sequenced.states);
      return sequenced.output;
    }, x);
    return { output, states };
  };
  const definition = {
    layer: where,
    encoder: encoder.map(({ definition }) => definition),
    decoder: own.map(({ definition }) => definition),
    attention,
    ...{ everyStep: everyStep || undefined, shared: shared || undefined, source: options.source },
  };
  return layer(definition, (target, others) => {
    const { graph } = target;
    const given = others[source];
    if (!given) {
      throw new InputError({
        where: graph.path,
        expected: `an input called ${source}`,
        got: `target and ${Object.keys(others).join(", ") || "no other"}`,
        hint: "make the model with inputs({ target: ..., source: ... })",
      });
    }
    const { output: memory, states } = graph.scope(reading, "encoder", () => encode(given));
    return graph.scope(writing, "decoder", () => {
      const look = () => {
        const additive = score === "additive";
        const keys = additive ? project(memory) : memory;
        return attendTo({ keys, values: memory, score: additive ? "additive" : "dot", coverage });
      };
      let found: Value | undefined;
      let place = 0;
      const output = decoder.reduce((value, made, index) => {
        if (!isStateful(made)) return made(value);
        const final = states[Math.min(place++, states.length - 1)];
        const begin = final && initialOf(final, made.widths, bridges[index]!);
        const x = everyStep && final ? concat(value, repeat(concat(...final), value)) : value;
        const seen = attention && index === first ? look() : undefined;
        const { output, contexts } = (made as RecurrentLayer).sequence(x, begin, seen);
        found ??= contexts;
        return output;
      }, target);
      return found ? concat(output, found) : output;
    });
  });
}

/** tanh(x W + b), under a name of its own. */
function bridge(units: number): Layer {
  const [sum, bounded] = [dense(units), activation("tanh")];
  return layer({ layer: "bridge", units }, (x) => bounded(sum(x)));
}

/** What the states of a decoder's layer begin with, from the final states of an encoder's. */
function initialOf(
  final: readonly Value[],
  widths: readonly number[],
  bridges: readonly Layer[],
): readonly Value[] {
  if (final.length === widths.length && final.every(({ width }, i) => width === widths[i])) return final;
  const all = final.length === 1 ? final[0]! : concat(...final);
  return bridges.map((make) => make(all));
}

function requireLayers(where: string, layers: readonly Layer[]): void {
  if (Array.isArray(layers) && layers.length > 0 && layers.every((made) => "definition" in Object(made)))
    return;
  throw new InputError({ where, expected: "a list of layers", got: String(layers) });
}

function requireAttention(where: string, attention: DecoderAttention): void {
  requireOptions(where, attention, ["score", "units", "coverage"]);
  const { score = "additive", units, coverage = false } = attention;
  if (score !== "additive" && score !== "general") {
    throw new InputError({
      where: `${where}.score`,
      expected: '"additive" or "general"',
      got: String(score),
    });
  }
  if (units !== undefined) requireWidth(`${where}.units`, units);
  if (score === "general" && (coverage || units !== undefined)) {
    throw new InputError({ where, expected: "units and coverage with additive scores only", got: score });
  }
}
