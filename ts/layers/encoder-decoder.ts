/** From one sequence to another: an encoder reads the source, a decoder writes the target. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { glorotUniform, zeros } from "../graph/initialisers.js";
import { type Initialiser, matrixParameter, vectorParameter } from "../graph/parameter.js";
import { activate, activationCode } from "../ops/activation.js";
import { type Attend, attendTo } from "../ops/attend.js";
import { concat } from "../ops/concat.js";
import { linear } from "../ops/linear.js";
import { repeat } from "../ops/over-steps.js";
import { activation } from "./activation.js";
import { type AttentionOptions, attention } from "./attention.js";
import { dense } from "./dense.js";
import type { Named } from "./input.js";
import { type Layer, layer, requireOptions } from "./layer.js";
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

export interface DecoderAttention extends Omit<AttentionOptions, "causal" | "longest"> {
  /**
   * When the decoder looks at the source. `before` (default): its first recurrent layer, before each step; what it finds enters
   * the step, and is part of the output (Bahdanau et al. 2015). `after`: the outputs h of its last layer, which become
   * tanh([c h] W + b) with what they find, c (Luong et al. 2015). `both`: each with weights of its own; so an output knows what was found for
   * the one before, as with Luong's input feeding. Before a step, scores are additive or general and windows aligned.
   */
  readonly look?: "before" | "after" | "both";
}

/** A layer with states. */
type Stateful = Layer & Pick<RecurrentLayer, "widths"> & { sequence(input: Value): Sequenced };

const isStateful = (made: Layer): made is Stateful => "sequence" in made;
const isOneWay = (made: Layer): boolean => !isStateful(made) || made.widths !== undefined;

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
  const {
    encoder,
    decoder: own,
    attention: looks,
    everyStep = false,
    shared = false,
    source = "source",
  } = options;
  requireLayers(`${where}.encoder`, encoder);
  requireLayers(`${where}.decoder`, own);
  if (looks) requireAttention(`${where}.attention`, looks);
  const decoder = shared ? [encoder[0]!, ...own] : own;
  const backward = decoder.find((made) => !isOneWay(made));
  if (backward) {
    throw new InputError({
      where: `${where}.decoder`,
      expected: "layers that go from the first step to the last",
      got: backward.definition.layer,
    });
  }
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
  const { look = "before", ...looking } = looks ?? {};
  const before = looks && look !== "after" ? attentionBefore({ units: hidden, ...looking }) : undefined;
  const after = looks && look !== "before" ? attentionAfter(looking) : undefined;
  const [reading, writing] = [{}, {}];

  const encode = (x: Value, others: Named<Value>): { output: Value; states: (readonly Value[])[] } => {
    const states: (readonly Value[])[] = [];
    const output = encoder.reduce((value, made) => {
      if (!isStateful(made)) return made(value, others);
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
    attention: looks,
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
    const { output: memory, states } = graph.scope(reading, "encoder", () => encode(given, others));
    return graph.scope(writing, "decoder", () => {
      let found: Value | undefined;
      let place = 0;
      const output = decoder.reduce((value, made, index) => {
        if (!isStateful(made)) return made(value, others);
        const final = states[Math.min(place++, states.length - 1)];
        const begin = final && initialOf(final, made.widths, bridges[index]!);
        const x = everyStep && final ? concat(value, repeat(concat(...final), value)) : value;
        const attend = index === first ? before?.(memory, made.widths[0]!) : undefined;
        const { output, contexts } = (made as RecurrentLayer).sequence(x, begin, attend);
        found ??= contexts;
        return output;
      }, target);
      if (after) return after(output, memory);
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

/** What each step of a recurrence of so many units looks at: parameters under a name of their own. */
function attentionBefore(options: AttentionOptions & { readonly units: number }) {
  const { score = "additive", units, coverage = false, scaled = false, window } = options;
  const additive = score === "additive";
  const recorded = {};
  return (values: Value, hidden: number): Attend => {
    const { graph, width } = values;
    return graph.scope(recorded, "attention", () => {
      const inner = additive ? units : width;
      const weight = (name: string, rows: number) =>
        graph.parameter(name, matrixParameter(rows, 1, inner, glorotUniform()));
      const vector = (name: string, initialise: Initialiser) =>
        graph.parameter(name, vectorParameter(1, inner, initialise));
      return attendTo({
        keys: additive ? linear(values, weight("weightKey", width), vector("bias", zeros)) : values,
        values,
        score: additive ? "additive" : "dot",
        weightQuery: weight("weightQuery", hidden),
        energy: additive ? vector("energy", glorotUniform()) : undefined,
        weightCoverage: coverage ? vector("weightCoverage", zeros) : undefined,
        scale: scaled ? 1 / Math.sqrt(inner) : 1,
        window,
      });
    });
  };
}

/** The attentional vectors of outputs: Luong et al. 2015, equation 5. */
function attentionAfter(options: AttentionOptions) {
  const [attend, recorded] = [attention(options), {}];
  return (output: Value, memory: Value): Value => {
    const { graph, width } = output;
    return graph.scope(recorded, "attentional", () => {
      const both = concat(attend.over(output, memory), output);
      const weight = graph.parameter("weight", matrixParameter(both.width, 1, width, glorotUniform()));
      const bias = graph.parameter("bias", vectorParameter(1, width, zeros));
      return activate(linear(both, weight, bias), activationCode("attentional", "tanh"));
    });
  };
}

function requireAttention(where: string, given: DecoderAttention): void {
  const { look = "before", score = "additive", centre = "aligned", coverage, ...rest } = given;
  const refuse = (option: string, expected: string, got: unknown): never => {
    throw new InputError({ where: `${where}.${option}`, expected, got: String(got) });
  };
  if (!["before", "after", "both"].includes(look)) refuse("look", '"before", "after" or "both"', look);
  attention({ score, ...(given.centre && { centre }), ...(coverage !== undefined && { coverage }), ...rest }); // refuses what it does not take
  if (look === "after") return;
  if (score !== "additive" && score !== "general")
    refuse("score", '"additive" or "general" before a step', score);
  if (centre !== "aligned") refuse("centre", '"aligned" before a step', centre);
}
