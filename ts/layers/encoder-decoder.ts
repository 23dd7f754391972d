/** From one sequence to another: an encoder reads the source, a decoder writes the target. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { concat } from "../ops/concat.js";
import { type FedLayer, feed } from "../ops/feed.js";
import { repeat } from "../ops/over-steps.js";
import { recurring } from "../ops/recurring.js";
import { activation } from "./activation.js";
import {
  attentionAfter,
  attentionBefore,
  attentionFed,
  type DecoderAttention,
  requireAttention,
} from "./decoder-attention.js";
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

/** A layer with states. */
type Stateful = Layer & Pick<RecurrentLayer, "widths"> & { sequence(input: Value): Sequenced };

const isStateful = (made: Layer): made is Stateful => "sequence" in made;
const isOneWay = (made: Layer): boolean =>
  !isStateful(made) || (made.widths !== undefined && made.definition.reverse !== true);

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
 * Gives the decoder's outputs at every step of the target and, with attention before its steps, beside them what was found in the
 * source; with attention after them, the attentional vectors. Each recurrent layer of the decoder begins with the final states of the encoder's recurrent layer in the same place, or of its
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
  const stack = decoder.slice(first);
  const bridges = stack.map((made) => (isStateful(made) ? made.widths.map((width) => bridge(width)) : []));
  const { look = "before", feed: feeds = false, ...looking } = looks ?? {};
  if (feeds) requireStack(`${where}.decoder`, stack, everyStep);
  const before = looks && look === "before" ? attentionBefore(looking) : undefined;
  const after = looks && look === "after" && !feeds ? attentionAfter(looking) : undefined;
  const fed = feeds ? attentionFed(looking) : undefined;
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
      const front = decoder.slice(0, first).reduce((value, made) => made(value, others), target);
      let place = 0;
      /** What a recurrent layer begins with, and what it reads. */
      const handed = (value: Value, index: number) => {
        const final = states[Math.min(place++, states.length - 1)];
        const x = everyStep && final ? concat(value, repeat(concat(...final), value)) : value;
        const begin = final && initialOf(final, (stack[index] as RecurrentLayer).widths, bridges[index]!);
        return { x, begin };
      };
      if (fed) {
        const layers = (stack as RecurrentLayer[]).map(
          (made, index): FedLayer =>
            (below, enter) => {
              const { x, begin } = handed(below, index);
              return made.recorded(recurring, x, { initial: begin, enter, along: index > 0 });
            },
        );
        const [units] = (stack.at(-1) as RecurrentLayer).widths as [number];
        return feed(front, layers, units, () => fed(memory, units));
      }
      let found: Value | undefined;
      const output = stack.reduce((value, made, index) => {
        if (!isStateful(made)) return made(value, others);
        const { x, begin } = handed(value, index);
        const enter = index === 0 ? before?.(memory, made.widths[0]!) : undefined;
        const { output, entered } = (made as RecurrentLayer).sequence(x, begin, enter);
        found ??= entered;
        return output;
      }, front);
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

/** Throws unless layers can go through their steps together: only recurrent ones, and nothing made of all their steps. */
function requireStack(where: string, stack: readonly Layer[], everyStep: boolean): void {
  const other = stack.find((made) => !isStateful(made));
  if (other) {
    throw new InputError({
      where,
      expected: "with input feeding only recurrent layers from the first of them on",
      got: other.definition.layer,
      hint: "put it before them, or behind encoderDecoder",
    });
  }
  if (everyStep && stack.length > 1) {
    throw new InputError({
      where,
      expected: "with input feeding and everyStep one recurrent layer",
      got: String(stack.length),
    });
  }
}
