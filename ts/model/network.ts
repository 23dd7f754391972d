/** What a model is made of inside: its engine, its parameters in their regions, and the plans for one size or another. */
import type { Address } from "../engine/address.js";
import { createEngine } from "../engine/create.js";
import type { Engine, EngineOptions } from "../engine/engine.js";
import type { Block } from "../engine/heap.js";
import { InputError } from "../errors.js";
import { Graph, type Value } from "../graph/graph.js";
import type { Keeping, Parameter } from "../graph/parameter.js";
import { Plan } from "../graph/plan.js";
import { addressOf, place } from "../graph/span.js";
import type { Input, Named } from "../layers/input.js";
import type { Training } from "../training/training.js";
import { type Data, type Lengths, type Samples, writeSamples } from "./data.js";
import { initialise } from "./initialise.js";
import { inputsOf, othersOf } from "./inputs.js";
import type { Loss } from "./losses.js";
import type { Given, Part, Program, Size, Use } from "./program.js";

export class Network {
  readonly engine: Engine;
  readonly input: Input;
  readonly parts: readonly Part[];
  /** Width of the output. */
  readonly width: number;
  /** In the order of definition. */
  readonly parameters: readonly Parameter[];
  /** Floats in the region of parameters, and in each region alike: gradients, moments. */
  readonly count: number;
  /** How many of them, from the first on, are of parameters whose gradients are dense. */
  readonly dense: number;
  readonly values: Block;
  /** The moving average of the parameters, while there is one: a region like theirs. */
  average: Block | undefined;
  /** The training that was begun last, while it is in progress. */
  training: Training | undefined;
  /** How weights are kept that are not float32; undefined: all are. */
  readonly #keeping: Keeping | undefined;
  readonly #byPath = new Map<string, Parameter>();
  /** Where each parameter lies in every region, in floats. */
  readonly offsets: ReadonlyMap<Parameter, number>;
  #complete = false;
  #gradients: Block | undefined;

  /** Traces the definition once, so that every error in it is thrown here, and gives the parameters their memory. */
  constructor(engine: Engine, input: Input, parts: readonly Part[], keeping?: Keeping) {
    this.engine = engine;
    this.#keeping = keeping;
    this.input = input;
    this.parts = parts;
    const { graph, output } = this.#trace({ batch: 1, steps: 2 }, "train");
    this.width = output.width;
    if (keeping) for (const set of [...graph.sets, keeping.kernels]) engine.link(set); // its own last
    this.#complete = true;
    this.parameters = [...this.#byPath.values()];
    // Those that decay first, so that most optimisers need two calls in all; last those with no or few gradients.
    const rank = ({ decays, touched, frozen }: Parameter) => (frozen ? 3 : touched ? 2 : decays ? 0 : 1);
    const ordered = this.parameters.toSorted((a, b) => rank(a) - rank(b));
    let offset = 0;
    let dense = 0;
    const offsets = new Map<Parameter, number>();
    for (const parameter of ordered) {
      offsets.set(parameter, offset);
      offset += parameter.value.count;
      if (rank(parameter) < 2) dense = offset;
    }
    this.count = offset;
    this.dense = dense;
    this.values = engine.allocate(offset * 4, "parameters");
    for (const [{ value, gradient, touched }, at] of offsets) {
      value.address = (this.values.address + at * 4) as Address;
      if (!keeping) touched?.begin(engine, gradient);
    }
    this.offsets = offsets;
  }

  /** Draws all parameters anew. */
  initialise(seed: number): void {
    initialise(this.engine, this.parameters, seed);
  }

  /** A region as long as the parameters': all zeros, or a copy of another. */
  region(where: string, from?: Block): Block {
    const block = this.engine.allocate(this.count * 4, where);
    if (from) this.engine.call("copy", { from: from.address, to: block.address, count: this.count });
    return block;
  }

  /** The region of gradients, made when training first asks for it. InputError where weights are kept as int8. */
  gradients(): Block {
    this.#keeping?.refuseGradients();
    if (!this.#gradients) {
      this.#gradients = this.region("gradients");
      for (const [{ gradient }, at] of this.offsets) {
        gradient.address = (this.#gradients.address + at * 4) as Address;
      }
    }
    return this.#gradients;
  }

  /** Exchanges the parameters and their average, which there must be. */
  swapAverage(): void {
    const { engine, count } = this;
    const [values, average] = [this.values, this.average!].map(({ address }) => engine.view(address, count));
    const kept = values!.slice();
    values!.set(average!);
    average!.set(kept);
  }

  /**
   * A plan for prediction or, with a loss, for evaluation; to train or to inspect, the backward pass is part of it. Dropout
   * acts only in training. `after`: what is done with the outputs besides.
   */
  program(size: Size, loss?: Loss, use: Use = "evaluate", after?: Part): Program {
    const traced = this.#trace(size, use, after);
    const { graph, output } = traced;
    const observed = use === "inspect";
    const given = [traced, ...Object.values(traced.others)].flatMap(({ input, lengths }) =>
      lengths ? [input.place, lengths.place] : [input.place],
    );
    if (!loss) {
      const looks = use === "stream" ? graph.attentions.map(({ weights }) => weights) : [];
      const results = [...given, output.place, ...looks];
      const plan = new Plan(this.engine, graph, { results, observed, prepared: use === "stream" });
      return { ...traced, plan, targets: undefined, loss, recorded: undefined };
    }
    const differentiated = use === "train" || use === "inspect";
    if (differentiated) this.gradients();
    if (use === "measure") output.readers++;
    const targets = this.#targets(graph, output, loss, size);
    const recorded = loss.record(output, targets);
    const results = [...given, targets.place, place(recorded.losses), place(recorded.weights)];
    if (targets.lengths) results.push(targets.lengths);
    if (use === "measure") results.push(output.place);
    const plan = new Plan(this.engine, graph, {
      results,
      loss: differentiated ? recorded.value : undefined,
      observed,
    });
    return { ...traced, plan, targets, loss, recorded };
  }

  /** Checks data against what the model reads. */
  inputs(where: string, data: Data | Named<Data>, lengths?: Lengths): Samples {
    return inputsOf(where, this.input, data, lengths);
  }

  /** Readies a program for a batch: what it reads, how long its rows are, and which of them continue. */
  begin(program: Program, samples: Samples, continues: boolean | readonly boolean[]): void {
    const { words } = this.engine;
    this.#give(program, samples);
    this.giveOthers(program, samples.others ?? {});
    const fresh = addressOf(place(program.graph.fresh)) / 4;
    for (let row = 0; row < samples.batch; row++) {
      words[fresh + row] = (typeof continues === "boolean" ? continues : continues[row]) ? 0 : 1;
    }
  }

  /** Writes the other inputs of a program. */
  giveOthers({ others }: Program, samples: Named<Samples>): void {
    for (const [name, given] of Object.entries(others)) this.#give(given, samples[name]!);
  }

  /**
   * Readies a program for its targets. `weights` [batch][steps], of sequences of labels [batch]: how much each counts,
   * default 1; past the length of a row nothing does, nor where the target is one to ignore. Gives the sum of the weights,
   * each times that of its class; the loss is the mean by them.
   */
  aim({ targets, loss, recorded }: Program, samples: Samples, weights?: ArrayLike<number>): number {
    const value = targets!;
    this.#write(value, samples);
    const { floats, words } = this.engine;
    const { batch, values } = samples;
    if (value.lengths) words.set(samples.lengths!, addressOf(value.lengths) / 4);
    // A sequence of labels counts as a whole.
    const { steps, lengths } = value.lengths ? { steps: 1, lengths: undefined } : samples;
    const { ignore, classWeights } = loss!;
    const { count, weights: counts } = recorded!;
    const at = addressOf(place(counts)) / 4;
    const first = addressOf(value.place) / 4;
    let total = 0;
    for (let row = 0; row < batch; row++) {
      const length = lengths ? lengths[row]! : steps;
      for (let step = 0; step < steps; step++) {
        const target = values[row * steps + step]!;
        const to = step * batch + row;
        const ignored = ignore !== undefined && target === ignore;
        if (ignored) words[first + to] = 0; // an index that the kernel can read by
        const weight = step < length && !ignored ? (weights?.[row * steps + step] ?? 1) : 0;
        floats[at + to] = weight;
        if (weight > 0) total += classWeights ? weight * classWeights[target]! : weight;
      }
    }
    for (let i = at; i < at + count; i++) floats[i]! /= total;
    return total;
  }

  /** The loss of the batch that a program has run on. */
  lossOf({ recorded }: Program): number {
    const { losses, weights, count } = recorded!;
    return this.engine.call("dot", { x: addressOf(place(losses)), y: addressOf(place(weights)), count });
  }

  #targets(graph: Graph, { steps, batch, width }: Value, loss: Loss, { labels = 1 }: Size): Value {
    if (!loss.sequences) {
      return graph.given("targets", { steps, batch, kind: loss.targets, width: loss.classes ?? width });
    }
    const lengths = graph.given("label lengths", { kind: "tokens", steps: 1, batch, width: labels + 1 });
    const { place } = lengths;
    return graph.given("targets", { kind: loss.targets, steps: labels, batch, width, lengths: place });
  }

  #give({ input, lengths }: Given, samples: Samples): void {
    this.#write(input, samples);
    if (lengths) this.engine.words.set(samples.lengths!, addressOf(lengths.place) / 4);
  }

  #write(value: Value, samples: Samples): void {
    const memory = value.kind === "tokens" ? this.engine.words : this.engine.floats;
    writeSamples(memory, samples, value, addressOf(value.place));
  }

  #trace({ batch, steps, ragged = false, advance, others: sizes = {} }: Size, use: Use, after?: Part) {
    const graph = new Graph(this.#byPath, {
      training: use === "train",
      streaming: use === "stream",
      batch,
      advance,
      complete: this.#complete,
      keeping: this.#keeping,
    });
    const give = ({ kind, width }: Input, name: string, steps: number, ragged: boolean, standing = false) => {
      const words = { kind: "tokens", steps: 1, batch, width: steps + 1 } as const;
      const lengths = ragged ? graph.given(`lengths of ${name}`, words) : undefined;
      const input = graph.given(name, { kind, steps, batch, width, lengths: lengths?.place, standing });
      return { input, lengths };
    };
    const own = give(this.input, "input", steps, ragged);
    const others = Object.fromEntries(
      othersOf(this.input).map(([name, input]) => {
        const { steps: count, ragged = false } = sizes[name] ?? { steps };
        return [name, give(input, name, count, ragged, true)];
      }),
    );
    const values = Object.fromEntries(Object.entries(others).map(([name, { input }]) => [name, input]));
    const parts = after ? [...this.parts, after] : this.parts;
    const output = parts.reduce((value, part, index) => {
      if (typeof part !== "function") {
        throw new InputError({ where: `model layer ${index}`, expected: "a layer", got: String(part) });
      }
      return part(value, values);
    }, own.input);
    return { graph, ...own, others, output };
  }
}

/** A network on an engine of its own, its parameters not yet drawn. */
export async function createNetwork(
  input: Input,
  parts: readonly Part[],
  options: EngineOptions,
  quantised = false,
): Promise<Network> {
  const engine = await createEngine(options, quantised);
  const keeping = quantised ? (await import("../graph/int8.js")).int8 : undefined; // only who needs it loads it
  return new Network(engine, input, parts, keeping);
}
