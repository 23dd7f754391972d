/** A model: what users build, train, run, stream and save. */
import type { Tensor } from "../data/tensor.js";
import type { EngineOptions, Precision, Threading } from "../engine/engine.js";
import { InputError } from "../errors.js";
import { readParameter } from "../graph/parameter.js";
import { addressOf } from "../graph/span.js";
import type { Limits } from "../io/safetensors.js";
import type { Input, Named } from "../layers/input.js";
import type { Definition, Layer } from "../layers/layer.js";
import type { Vocabulary } from "../text/vocabulary.js";
import { type History, historyOf } from "../training/history.js";
import { type Progress, type TrainOptions, train } from "../training/train.js";
import { type Definitions, readCheckpoint, restore, writeCheckpoint } from "./checkpoint.js";
import { type Data, type Lengths, readRows } from "./data.js";
import { type EvaluateOptions, evaluate } from "./evaluate.js";
import type { Examples } from "./feed.js";
import { sizeOf } from "./inputs.js";
import { createNetwork, type Network } from "./network.js";
import type { Part } from "./program.js";
import { Programs } from "./programs.js";
import { Stream, type StreamOptions } from "./stream.js";

export interface ModelOptions extends EngineOptions {
  /** Seeds the initial parameters; default 0. */
  readonly seed?: number;
}

/** A learned tensor and where it belongs. */
export interface NamedTensor extends Tensor {
  /** For example `1.lstm.weightHidden`. */
  readonly path: string;
}

/**
 * Makes a model from what it reads and its layers in order. Widths are inferred; every error in the definition is thrown
 * here, as InputError naming the layer. A layer is also any function from value to value that composes layers.
 */
export async function model(
  input: Input,
  ...rest: readonly Part[] | readonly [...Part[], ModelOptions]
): Promise<Model> {
  const last = rest.at(-1);
  const options: ModelOptions = typeof last === "object" ? last : {};
  const parts = (typeof last === "object" ? rest.slice(0, -1) : rest) as readonly Part[];
  if (typeof input !== "object" || !("kind" in input)) {
    throw new InputError({
      where: "model",
      expected: "tokens(...) or features(...) first",
      got: String(input),
    });
  }
  const network = await createNetwork(input, parts, options);
  network.initialise(options.seed ?? 0);
  return new Model(network);
}

export class Model {
  /** @internal For the functions of this library that take a model. */
  readonly network: Network;
  readonly #predictions: Programs;

  /** @internal */
  constructor(network: Network) {
    this.network = network;
    this.#predictions = new Programs(network);
  }

  /** The vocabulary of a model of text made by `tokens(vocabulary)`. */
  get vocabulary(): Vocabulary | undefined {
    return this.network.input.vocabulary;
  }

  /** How the model was made, or undefined where it contains a function of the user's own. */
  get definition(): Definitions | undefined {
    const layers: Definition[] = [];
    for (const part of this.network.parts) {
      if (!("definition" in part)) return undefined;
      layers.push((part as Layer).definition);
    }
    return { input: this.network.input.definition, layers };
  }

  /** Copies of all learned tensors, in the order of the layers. */
  parameters(): NamedTensor[] {
    return this.network.parameters.map((parameter) => ({
      path: parameter.path,
      shape: parameter.shape,
      data: readParameter(this.network.engine, parameter),
    }));
  }

  /** How many numbers the model learns. */
  get size(): number {
    const learned = this.network.parameters.filter(({ frozen }) => !frozen);
    return learned.reduce((sum, { layout }) => sum + layout.rows * layout.columns, 0);
  }

  /** How many threads are used for work that is large enough, and why no more where the host grants only one. */
  get threads(): Threading {
    return this.network.engine.threads;
  }

  /** How products are computed, and why not as was asked. */
  get precision(): Precision {
    return this.network.engine.precision;
  }

  /** Bytes of memory the engine has taken. */
  get memory(): number {
    return this.network.engine.bytes;
  }

  /**
   * Outputs for every step, [batch, steps, width], from the initial states; one step if the model ends in one.
   * `lengths`: how many steps of each row count. Data and lengths of a model with several inputs are given for each by name.
   * InputError for data of another shape.
   */
  async predict(
    data: Data | Named<Data>,
    { lengths }: { readonly lengths?: Lengths | undefined } = {},
  ): Promise<Tensor> {
    const network = this.network;
    const inputs = network.inputs("predict", data, lengths);
    const { engine } = network;
    return await engine.alone(async () => {
      const program = this.#predictions.of(sizeOf(inputs), false, "predict");
      const { plan, output } = program;
      network.begin(program, inputs, false);
      await plan.run();
      return readRows(engine.floats, output, addressOf(output.place));
    });
  }

  /**
   * A running sequence to step through synchronously, or several of them together; any number may be open. InputError for
   * a model that needs whole sequences.
   */
  stream(options?: StreamOptions): Stream {
    return new Stream(this.network, options);
  }

  /**
   * Trains, yielding after every step; `break` or an abort signal ends it and leaves the model usable. DivergedError if a
   * loss or gradient is not finite, with the weights as they were before that step.
   */
  train(examples: Examples, options: TrainOptions): AsyncGenerator<Progress, void, void> {
    const { keep, show } = options;
    let training = train(this.network, examples, options);
    if (keep) training = keep(training, this);
    return show ? show(training, this) : training;
  }

  /** Trains to the end and gives the losses, norms and rates of all steps, and the validations. */
  fit(examples: Examples, options: TrainOptions): Promise<History> {
    return historyOf(this.train(examples, options));
  }

  /** Mean loss over the examples, without training; the `metrics` of the options take in all outputs too. */
  evaluate(examples: Examples, options: EvaluateOptions): Promise<number> {
    return evaluate(this.network, examples, options);
  }

  /** The model as safetensors bytes: all parameters, and the definition and vocabulary in the metadata. */
  save(): Uint8Array {
    return writeCheckpoint(this.network, this.definition);
  }

  /**
   * Stops the model's worker threads now, and not only when nobody can reach it any more. It can be used all the same: the
   * next work that is large enough starts them again.
   */
  async close(): Promise<void> {
    await this.network.engine.alone(() => this.network.engine.close());
  }

  /** Replaces the parameters by those of a saved model with the same layers. FormatError, and no change, if they do not fit. */
  assign(bytes: Uint8Array, limits?: Partial<Limits>): void {
    restore(this.network, readCheckpoint(bytes, limits).tensors);
  }
}
