/** The layers of Keras that there is something for here: a closed list. */
import { activation } from "../layers/activation.js";
import { dense } from "../layers/dense.js";
import { dropout } from "../layers/dropout.js";
import { embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import { softmax } from "../layers/softmax.js";
import { activationLayers, asLayers, bounded } from "./activations.js";
import { attentionOf, headsOf } from "./attention.js";
import type { Apply, Subject } from "./convert.js";
import type { Parameters } from "./gates.js";
import { batchNormOf, layerNormOf } from "./normalise.js";
import { lastAxis, pipe, requireNumbers } from "./pipe.js";
import { recurrent, requireSequence, twoWays } from "./recurrent.js";
import { convolution, flattenOf, pool, repeatVector, reshapeOf } from "./steps.js";
import type { Signal } from "./wires.js";

type Convert = (subject: Subject, className: string) => Apply;

/** By class. */
export const conversions: Readonly<Record<string, Convert>> = {
  ...{ LSTM: recurrent, GRU: recurrent, SimpleRNN: recurrent, RNN: recurrent, Bidirectional: twoWays },
  ...{ Embedding: embeddingOf, Masking: masking, Dense: denseOf, TimeDistributed: timeDistributed },
  ...{
    LayerNormalization: layerNormOf,
    BatchNormalization: batchNormOf,
    Dropout: dropoutOf,
    SpatialDropout1D: dropoutOf,
  },
  ...{ GaussianNoise: noise, GaussianDropout: noise, AlphaDropout: noise, ActivityRegularization: noise },
  ...{ Activation: activationOf, ReLU: reluOf, LeakyReLU: leakyReluOf, ELU: eluOf, Softmax: softmaxOf },
  ...{ Add: merge, Subtract: merge, Multiply: merge, Average: merge, Maximum: merge, Minimum: merge },
  ...{
    Concatenate: merge,
    Identity: () => same,
    RepeatVector: repeatVector,
    Flatten: flattenOf,
    Reshape: reshapeOf,
    Conv1D: convolution,
  },
  ...{ Attention: attentionOf, AdditiveAttention: attentionOf, MultiHeadAttention: headsOf },
  ...{ GlobalAveragePooling1D: pool, GlobalMaxPooling1D: pool },
};

function embeddingOf(subject: Subject): Apply {
  const { settings, wires, weights, name } = subject;
  const [symbols, units] = [settings.width("input_dim"), settings.width("output_dim")];
  const masked = settings.flag("mask_zero", false);
  const frozen = !settings.flag("trainable", true);
  const made = embedding(units, { frozen });
  let parameters: Parameters | undefined;
  return ([input]) => {
    if (!input || input.node !== input.of || input.kind === "mask" || input.sequence) {
      return subject.refuse("the indices that the model reads", "other inputs");
    }
    wires.readTokens(subject.where, input.of, symbols, masked);
    if (!parameters) {
      const [data] = weights.take(subject.where, [[symbols, units]]);
      parameters = new Map([["weight", { shape: [symbols, units], data: data! }]]);
    }
    const node = wires.layer(name, made, input.node, parameters);
    return [
      { node, kind: "numbers", width: units, sequence: true, masked, of: input.of, steps: input.steps },
    ];
  };
}

function masking(subject: Subject): Apply {
  const value = subject.settings.number("mask_value", 0);
  return ([input]) => {
    if (!input || input.node !== input.of) {
      return subject.refuse("what the model reads", "what layers have made of it");
    }
    const x = requireSequence(subject, { ...input, masked: true });
    subject.wires.maskRows(subject.where, input.of, value);
    return [x];
  };
}

function denseOf(subject: Subject): Apply {
  const { settings, weights, where } = subject;
  const units = settings.width("units");
  const bias = settings.flag("use_bias", true);
  const layers = [
    dense(units, bias ? {} : { bias: false }),
    ...activationLayers(`${where} activation`, settings.value("activation"), subject.keras3),
  ];
  let parameters: Parameters | undefined;
  return ([input]) => {
    const x = requireNumbers(subject, input);
    if (!parameters) {
      const taken = weights.take(where, [[x.width, units], ...(bias ? [[units]] : [])]);
      parameters = new Map([
        ["weight", { shape: [x.width, units], data: taken[0]! }],
        ...(bias ? [["bias", { shape: [units], data: taken[1]! }] as const] : []),
      ]);
    }
    return [{ ...pipe(subject, x, layers, parameters), width: units }];
  };
}

/** What works at every step works at every step by itself here. */
function timeDistributed(subject: Subject): Apply {
  const inner = subject.inner("layer", "layer");
  const stepwise = [
    denseOf,
    layerNormOf,
    batchNormOf,
    dropoutOf,
    noise,
    activationOf,
    reluOf,
    leakyReluOf,
    eluOf,
    softmaxOf,
  ];
  if (!(stepwise as Convert[]).includes(conversions[inner.className] as Convert)) {
    subject.refuse("a layer that works on one step", inner.className);
  }
  const apply = subject.apply(inner);
  return ([input], initial) => apply([requireStepped(subject, input)], initial);
}

function dropoutOf(subject: Subject, className: string): Apply {
  const { settings } = subject;
  const rate = settings.rate("rate");
  const shape = settings.value("noise_shape") ?? null;
  const oneMask = Array.isArray(shape) && shape.length === 3 && shape[1] === 1 && shape[2] !== 1;
  if (shape !== null && !oneMask)
    subject.warn(`${subject.where}: noise_shape is taken as one mask for each step`);
  const made = dropout(rate, { perSequence: oneMask || className === "SpatialDropout1D" });
  return ([input]) => [pipe(subject, requireNumbers(subject, input), [made])];
}

/** Layers that do nothing but while training. */
function noise(subject: Subject): Apply {
  for (const key of ["rate", "stddev", "l1", "l2"]) subject.settings.value(key);
  subject.warn(`${subject.where} acts in training and is not taken over`);
  return same;
}

function activationOf(subject: Subject): Apply {
  const { settings, where, keras3 } = subject;
  return elementwise(subject, activationLayers(where, settings.value("activation"), keras3));
}

function reluOf(subject: Subject): Apply {
  const { settings } = subject;
  const slope = settings.number("negative_slope", 0);
  const threshold = settings.number("threshold", 0);
  const most = settings.value("max_value") ?? null;
  if (threshold !== 0) settings.refuse("threshold", "0", threshold);
  if (most === null) return elementwise(subject, [activation("leakyRelu", { alpha: slope })]);
  if (slope !== 0 || !(settings.number("max_value") > 0))
    settings.refuse("max_value", "above 0 and without a slope", most);
  return elementwise(subject, asLayers(bounded(settings.number("max_value"))));
}

function leakyReluOf(subject: Subject): Apply {
  const slope = subject.settings.any("negative_slope", "alpha") ?? 0.3;
  if (typeof slope !== "number" || !(slope >= 0)) subject.refuse("a slope from 0", String(slope));
  return elementwise(subject, [activation("leakyRelu", { alpha: slope as number })]);
}

function eluOf(subject: Subject): Apply {
  const alpha = subject.settings.number("alpha", 1);
  if (alpha < 0) subject.settings.refuse("alpha", "a number from 0", alpha);
  return elementwise(subject, [activation("elu", { alpha })]);
}

function softmaxOf(subject: Subject): Apply {
  const axis = lastAxis(subject.settings.value("axis"));
  const apply = elementwise(subject, [softmax()]);
  return (inputs, initial) => {
    if (axis !== -1 && axis !== (inputs[0]?.sequence ? 2 : 1))
      subject.refuse("the last axis", `axis ${axis}`);
    return apply(inputs, initial);
  };
}

function elementwise(subject: Subject, layers: readonly Layer[]): Apply {
  return ([input]) => [pipe(subject, requireNumbers(subject, input), layers)];
}

const operations = {
  Add: "add",
  Subtract: "subtract",
  Multiply: "multiply",
  Average: "average",
  Maximum: "maximum",
  Minimum: "minimum",
  Concatenate: "concat",
} as const;

function merge(subject: Subject, className: string): Apply {
  const op = operations[className as keyof typeof operations];
  const axis = op === "concat" ? lastAxis(subject.settings.value("axis")) : -1;
  return (inputs) => {
    const signals = inputs.map((input) => requireNumbers(subject, input));
    const [first] = signals;
    if (!first || signals.length < 2) return subject.refuse("two inputs or more", String(signals.length));
    if (signals.some(({ sequence }) => sequence !== first.sequence)) {
      subject.refuse("all sequences or all rows", "some of each");
    }
    if (op === "concat" && axis !== -1 && axis !== (first.sequence ? 2 : 1))
      subject.refuse("the last axis", `axis ${axis}`);
    if (first.sequence && signals.some((signal) => signal.of !== first.of)) {
      subject.refuse("sequences with the steps of one input", "those of several");
    }
    const widths = signals.map(({ width }) => width);
    if (op !== "concat" && widths.some((width) => width !== first.width)) {
      subject.refuse("inputs of one width", widths.join(", "));
    }
    const node = subject.wires.operation(subject.name, { op }, ...signals.map(({ node }) => node));
    const width = op === "concat" ? widths.reduce((sum, width) => sum + width, 0) : first.width;
    return [{ ...first, node, width, masked: signals.some(({ masked }) => masked) }];
  };
}

const same: Apply = (inputs) => inputs;

function requireStepped(subject: Subject, input: Signal | undefined): Signal {
  return input?.sequence ? input : subject.refuse("a sequence", input ? "one row" : "nothing");
}
