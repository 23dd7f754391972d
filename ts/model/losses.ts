/**
 * What training makes small. Every loss is one number for each row of each step (for `ctc`, for each row of the batch); the loss
 * of a batch is their mean over all that count, by the examples' weights.
 */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { binaryCrossEntropyOf } from "../ops/binary-cross-entropy.js";
import { cosineOf } from "../ops/cosine.js";
import { crossEntropyOf, distributionOf } from "../ops/cross-entropy.js";
import { ctcOf } from "../ops/ctc.js";
import type { RecordedLoss } from "../ops/loss.js";
import { type Residual, residualOf } from "../ops/residual.js";
import { slice } from "../ops/slice.js";
import { type Data, labels, type Samples } from "./data.js";

export interface Loss {
  readonly name: string;
  /** What the targets are: an index a step, or a row of numbers a step. */
  readonly targets: "tokens" | "features";
  /** Where the targets are a sequence of indices for each row of the batch instead, how they are read. */
  readonly sequences?: (where: string, data: Data, batch: number, classes: number) => Samples;
  /** How many values an index may have; default as many as the output is wide. */
  readonly classes?: number;
  /** The least and the greatest that the numbers of a target may be; default any finite numbers. */
  readonly range?: readonly [least: number, greatest: number];
  /** The target index that does not count. */
  readonly ignore?: number | undefined;
  /** How much each target index counts in the mean; what is recorded has multiplied the losses by it already. */
  readonly classWeights?: ArrayLike<number> | undefined;
  record(output: Value, targets: Value): RecordedLoss;
}

export interface CrossEntropyOptions {
  /** `classes` (default): an index a step. `distributions`: a row a step of numbers from 0 to 1 that sum to 1. */
  readonly targets?: "classes" | "distributions";
  /**
   * How much each class counts; default 1 each. With classes as targets the mean is divided by the sum of the weights of the
   * targets, with distributions by their number, as in PyTorch.
   */
  readonly classWeights?: ArrayLike<number>;
  /** The part of every target, from 0 to below 1, that is spread over all classes (Szegedy et al. 2016); default 0. */
  readonly smoothing?: number;
  /** A target index that does not count, inside or outside of the classes; default none. */
  readonly ignore?: number;
}

/**
 * Softmax with cross-entropy: the model's outputs are logits, and the loss of a step is -ln p(target), in nats. InputError
 * for options out of range, and for weights that are not one for each class when the model is first trained.
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const name = "crossEntropy";
  const { targets = "classes", smoothing = 0, ignore } = options;
  if (targets !== "classes" && targets !== "distributions") {
    refuse(`${name}.targets`, '"classes" or "distributions"', targets);
  }
  if (!(smoothing >= 0 && smoothing < 1)) {
    refuse(`${name}.smoothing`, "a number from 0 to below 1", smoothing);
  }
  if (ignore !== undefined && !(Number.isInteger(ignore) && targets === "classes")) {
    refuse(`${name}.ignore`, "a whole number, with classes as targets", ignore);
  }
  const classWeights = options.classWeights && Float32Array.from(options.classWeights);
  if (classWeights) requireWeights(`${name}.classWeights`, classWeights);
  const setting = (output: Value) => {
    requireNumbers(name, output);
    if (classWeights) requireEach(`${name}.classWeights`, "class", classWeights, output.width);
    return { classWeights, smoothing };
  };
  if (targets === "classes") {
    return {
      name,
      targets: "tokens",
      ignore,
      classWeights,
      record: (output, targets) => crossEntropyOf(output, targets, setting(output)),
    };
  }
  return {
    name,
    targets: "features",
    range: [0, 1],
    record: (output, targets) => distributionOf(output, targets, { ...setting(output), relative: false }),
  };
}

/**
 * The divergence of Kullback and Leibler (1951) of the softmax of the outputs from the targets, which are distributions: the
 * loss of a step is sum t ln(t / p), in nats; PyTorch's `batchmean`. Its gradient is that of the cross-entropy.
 */
export function kullbackLeibler(): Loss {
  return {
    name: "kullbackLeibler",
    targets: "features",
    range: [0, 1],
    record(output, targets) {
      requireNumbers("kullbackLeibler", output);
      return distributionOf(output, targets, { smoothing: 0, relative: true });
    },
  };
}

export interface BinaryCrossEntropyOptions {
  /** How much a label counts where it is, one number or one for each label: absent ones count 1. Default 1. */
  readonly positiveWeight?: number | ArrayLike<number>;
}

/**
 * Binary cross-entropy for labels that may come together: the outputs are logits, one for each label, the targets rows of
 * numbers from 0 to 1. The loss of a step is the mean over labels of -t ln σ(x) - (1 - t) ln(1 - σ(x)), in nats.
 */
export function binaryCrossEntropy({ positiveWeight = 1 }: BinaryCrossEntropyOptions = {}): Loss {
  const name = "binaryCrossEntropy";
  const given = typeof positiveWeight === "number" ? [positiveWeight] : Float32Array.from(positiveWeight);
  requireWeights(`${name}.positiveWeight`, given);
  return {
    name,
    targets: "features",
    range: [0, 1],
    record(output, targets) {
      requireNumbers(name, output);
      const { width } = output;
      if (typeof positiveWeight !== "number") requireEach(`${name}.positiveWeight`, "label", given, width);
      const labels = { length: width };
      return binaryCrossEntropyOf(output, targets, {
        positive: Float32Array.from(labels, (_, label) => given[label % given.length]! / width),
        negative: Float32Array.from(labels, () => 1 / width),
      });
    },
  };
}

export interface SquaredErrorOptions {
  /**
   * `mean` (default): the loss of a step is the mean over its numbers of (output - target)². `half`: half of their sum, whose
   * gradient is output - target.
   */
  readonly convention?: "mean" | "half";
}

/** The squared error between outputs and targets, rows of numbers of one width. */
export function squaredError({ convention = "mean" }: SquaredErrorOptions = {}): Loss {
  if (convention !== "mean" && convention !== "half") {
    refuse("squaredError.convention", '"mean" or "half"', convention);
  }
  const half = convention === "half";
  return residual("squaredError", (width) => ({ square: half ? 0.5 : 1 / width, slope: 0, knee: Infinity }));
}

/** The loss of a step is the mean over its numbers of |output - target|. Its gradient is 0 where they are equal. */
export function absoluteError(): Loss {
  return residual("absoluteError", (width) => ({ square: 0, slope: 1 / width, knee: 0 }));
}

export interface HuberOptions {
  /** Up to which difference the loss is half of its square; beyond, it rises in a straight line. Default 1. */
  readonly delta?: number;
  /** Whether the loss is divided by delta, so that its slope beyond is 1: PyTorch's smooth L1 loss. Default false. */
  readonly unitSlope?: boolean;
}

/** Huber's loss (1964): the mean over the numbers of a step of d² / 2 for |d| <= delta, of delta (|d| - delta / 2) beyond. */
export function huber({ delta = 1, unitSlope = false }: HuberOptions = {}): Loss {
  if (!(delta > 0 && delta < Infinity)) refuse("huber.delta", "a finite number above 0", delta);
  const scale = unitSlope ? 1 / delta : 1;
  return residual("huber", (width) => ({
    square: (0.5 * scale) / width,
    slope: (delta * scale) / width,
    knee: delta,
  }));
}

function residual(name: string, shape: (width: number) => Residual): Loss {
  return {
    name,
    targets: "features",
    record(output, targets) {
      requireNumbers(name, output);
      return residualOf(output, targets, shape(output.width));
    },
  };
}

/** The loss of a step is 1 - cos(output, target), for targets that are rows of numbers: 0 where they point the same way. */
export function cosine(): Loss {
  return {
    name: "cosine",
    targets: "features",
    record(output, targets) {
      requireNumbers("cosine", output);
      return cosineOf(output, targets);
    },
  };
}

export interface CosineEmbeddingOptions {
  /** The cosine, from -1 to 1, up to which rows that shall not be alike cost nothing; default 0. */
  readonly margin?: number;
}

/**
 * For a model whose output is two rows side by side (`concat(a, b)`), with the targets 1 where they shall be alike, and 0: the
 * loss of a step is 1 - cos(a, b), or max(0, cos(a, b) - margin), as PyTorch's for its targets 1 and -1.
 */
export function cosineEmbedding({ margin = 0 }: CosineEmbeddingOptions = {}): Loss {
  if (!(margin >= -1 && margin <= 1)) refuse("cosineEmbedding.margin", "a number from -1 to 1", margin);
  return {
    name: "cosineEmbedding",
    targets: "tokens",
    classes: 2,
    record(output, targets) {
      requireNumbers("cosineEmbedding", output);
      const { width } = output;
      if (width % 2 !== 0) refuse("cosineEmbedding", "two rows of one width side by side", `width ${width}`);
      return cosineOf(slice(output, 0, width / 2), slice(output, width / 2, width), targets, margin);
    },
  };
}

export interface CtcOptions {
  /** The class that stands for no label; default 0. */
  readonly blank?: number;
  /**
   * What labels cost that no path gives, because the steps do not suffice for them: `infinite` (default), which stops
   * training with a DivergedError, or `zero`, which leaves them out. Their gradient is 0.
   */
  readonly impossible?: "infinite" | "zero";
  /** Whether the loss of a row is divided by the number of its labels, at least 1, as in PyTorch's mean; default true. */
  readonly perLabel?: boolean;
}

/**
 * Connectionist temporal classification (Graves, Fernández, Gomez & Schmidhuber 2006): the targets are a sequence of labels for
 * each row of the batch, each of its own length, without saying at which step they come. The outputs are logits of the
 * labels and of a blank; the loss of a row is -ln of the probability of its labels over all paths, in nats. The examples'
 * `weights` are one for each row of the batch. `ctcDecode` reads labels from outputs.
 */
export function ctc(options: CtcOptions = {}): Loss {
  const { blank = 0, impossible = "infinite", perLabel = true } = options;
  if (!(Number.isInteger(blank) && blank >= 0)) refuse("ctc.blank", "a whole number from 0", blank);
  if (impossible !== "infinite" && impossible !== "zero") {
    refuse("ctc.impossible", '"infinite" or "zero"', impossible);
  }
  return {
    name: "ctc",
    targets: "tokens",
    sequences: (where, data, batch, classes) => labels(where, data, { batch, classes, blank }),
    record(output, targets) {
      requireNumbers("ctc", output);
      if (blank >= output.width) refuse("ctc.blank", `a class below ${output.width}`, blank);
      return ctcOf(output, targets, {
        blank,
        impossible: impossible === "zero" ? 0 : Infinity,
        perLabel,
      });
    },
  };
}

function requireNumbers(where: string, { kind }: Value): void {
  if (kind !== "features") {
    throw new InputError({
      where,
      expected: "a model that ends in rows of numbers",
      got: "tokens",
      hint: "end the model with dense(units)",
    });
  }
}

function requireWeights(where: string, weights: ArrayLike<number>): void {
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (!(weight >= 0 && weight < Infinity)) refuse(`${where}[${i}]`, "a finite number from 0", weight);
  }
}

function requireEach(where: string, what: string, { length }: ArrayLike<number>, width: number): void {
  if (length !== width) refuse(where, `one for each ${what}, ${width}`, length);
}

function refuse(where: string, expected: string, got: unknown): never {
  throw new InputError({ where, expected, got: String(got) });
}
