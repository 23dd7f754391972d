/** The reference gives what PyTorch gives in float64, so that what agrees with the reference agrees with PyTorch. */
import { describe, expect, test } from "vitest";
import clip from "../golden/torch/clip.json" with { type: "json" };
import layers from "../golden/torch/layers.json" with { type: "json" };
import losses from "../golden/torch/losses.json" with { type: "json" };
import optim from "../golden/torch/optim.json" with { type: "json" };
import rnn from "../golden/torch/rnn.json" with { type: "json" };
import train from "../golden/torch/train.json" with { type: "json" };
import {
  lstmParameters,
  optimiserOptions,
  ours,
  rows,
  slice,
  type TorchTensor,
  torchActivations,
  trainParameters,
} from "../golden/torch.js";
import { activation } from "./activation.js";
import { expectClose } from "./compare.js";
import { crossEntropy, crossEntropyGradient } from "./cross-entropy.js";
import { gather, scatter } from "./embedding.js";
import { binary, cosine, distribution, type RowLoss, residual, smoothed } from "./losses.js";
import { lstm } from "./lstm.js";
import { add, matrix } from "./matrix.js";
import { network } from "./network.js";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  clipFactor,
  nadam,
  norm,
  radam,
  rmsprop,
  sgd,
  type Update,
} from "./optimisers.js";
import { product, productGradients } from "./product.js";
import { logSoftmax, softmax } from "./softmax.js";

const tolerance = 1e-12;

/** A case of losses.json. */
interface Case {
  readonly config: { readonly reduction?: string; readonly label_smoothing?: number };
  readonly inputs: Readonly<Record<string, TorchTensor>>;
  readonly outputs: { readonly loss: TorchTensor };
  readonly grads: Readonly<Record<string, TorchTensor>>;
}

describe("the reference's LSTM is PyTorch's", () => {
  test.each(rnn.cases)("$name", ({ config, inputs, params, upstream, outputs, grads }) => {
    const tensors: Readonly<Record<string, TorchTensor>> = params;
    const expected: Readonly<Record<string, TorchTensor>> = grads;
    const { T: steps, B: batch, hidden_size: units } = config;
    const state = (tensor: TorchTensor | undefined, layer: number) =>
      tensor ? slice(tensor, layer) : matrix(batch, units);

    let x = rows(inputs.x);
    const runs = Array.from({ length: config.num_layers }, (_, layer) => {
      const { weightInput, weightHidden, bias, biasHidden } = lstmParameters(tensors, layer);
      const weights = { input: weightInput, hidden: weightHidden, bias: add(bias, biasHidden).values };
      const initial = { hidden: state(inputs.h0, layer), cells: state(inputs.c0, layer) };
      const run = lstm(x, weights, initial);
      x = run.hidden;
      return run;
    });
    expect(x.rows).toBe(steps * batch);
    expectClose(x.values, outputs.output.data, tolerance);

    runs.reduceRight((dHidden, run, layer) => {
      expectClose(run.last.hidden.values, slice(outputs.hn, layer).values, tolerance);
      expectClose(run.last.cells.values, slice(outputs.cn, layer).values, tolerance);
      const dLast = { hidden: slice(upstream.Gh, layer), cells: slice(upstream.Gc, layer) };
      const gradient = run.backward(dHidden, dLast);
      const parameters = lstmParameters(expected, layer);
      expectClose(gradient.input.values, parameters.weightInput.values, tolerance);
      expectClose(gradient.hidden.values, parameters.weightHidden.values, tolerance);
      expectClose(gradient.bias, parameters.bias.values, tolerance);
      expectClose(gradient.bias, parameters.biasHidden.values, tolerance);
      if (expected.h0) {
        expectClose(gradient.initial.hidden.values, slice(expected.h0, layer).values, tolerance);
        expectClose(gradient.initial.cells.values, slice(expected.c0, layer).values, tolerance);
      }
      if (layer === 0) expectClose(gradient.x.values, expected.x.data, tolerance);
      return gradient.x;
    }, rows(upstream.G));
  });
});

describe("the reference's layers are PyTorch's", () => {
  const caseOf = (name: string) => layers.cases.find((entry) => entry.name === name)!;

  test("embedding", () => {
    const { inputs, params, upstream, outputs, grads } = caseOf("embedding");
    const ids = inputs.indices!.data;
    expect(gather(rows(params.weight!), ids).values).toEqual(Float64Array.from(outputs.y.data));
    expectClose(scatter(7, ids, rows(upstream.G)).values, grads.weight!.data, tolerance);
  });

  test("linear", () => {
    const { inputs, params, upstream, outputs, grads } = caseOf("linear");
    const x = rows(inputs.x!);
    const weight = ours(params.weight!, "product");
    expectClose(product(x, weight, params.bias!.data).values, outputs.y.data, tolerance);
    const gradient = productGradients(x, weight, rows(upstream.G));
    expectClose(gradient.x.values, grads.x!.data, tolerance);
    expectClose(gradient.weight.values, ours(grads.weight!, "product").values, tolerance);
    expectClose(gradient.bias, grads.bias!.data, tolerance);
  });
});

describe("the reference's activations are PyTorch's", () => {
  test.each([...torchActivations])("%s", (name, chosen) => {
    const { inputs, upstream, outputs, grads } = layers.cases.find((entry) => entry.name === name)!;
    const { f, derivative } = activation(...chosen);
    const rounded = name === "hardsigmoid" || name === "leaky_relu_0.01"; // constants of float32
    const x = inputs.x!.data;
    expectClose(x.map(f), outputs.y.data, rounded ? 1e-7 : tolerance);
    const dx = x.map((value, i) => derivative(value) * upstream.G.data[i]);
    expectClose(dx, grads.x!.data, rounded ? 1e-7 : tolerance);
  });

  test.each([
    ["softmax", softmax],
    ["log_softmax", logSoftmax],
  ] as const)("%s", (name, { forward, backward }) => {
    const { inputs, upstream, outputs, grads } = layers.cases.find((entry) => entry.name === name)!;
    const y = forward(rows(inputs.x!));
    expectClose(y.values, outputs.y.data, tolerance);
    expectClose(backward(y, rows(upstream.G)).values, grads.x!.data, tolerance);
  });
});

describe("the reference's cross-entropy is PyTorch's", () => {
  const plain = ["ce_mean", "ce_sum", "ce_extreme"];
  test.each(losses.cases.filter(({ name }) => plain.includes(name)))("$name", (entry) => {
    const { config, inputs, outputs, grads } = entry as unknown as Case;
    const targets = inputs.target.data;
    const { losses, probabilities } = crossEntropy(rows(inputs.logits), targets);
    const scale = config.reduction === "sum" ? 1 : 1 / targets.length;
    expectClose([losses.reduce((a, b) => a + b) * scale], outputs.loss.data, tolerance);
    expectClose(crossEntropyGradient(probabilities, targets, scale).values, grads.logits.data, tolerance);
  });
});

describe("the reference's losses are PyTorch's", () => {
  const rowOf = (tensor: TorchTensor | undefined, row: number) => slice(tensor!, row).values;

  /** The losses and gradients of all rows, each counting the same in the mean, or the sum. */
  function expectRows(
    name: string,
    input: "logits" | "input" | "x1",
    each: (entry: Case, row: number) => RowLoss,
  ) {
    const entry = losses.cases.find((entry) => entry.name === name)! as unknown as Case;
    const count = entry.inputs[input].shape[0];
    const scale = entry.config.reduction === "sum" ? 1 : 1 / count;
    const results = Array.from({ length: count }, (_, row) => each(entry, row));
    const total = results.reduce((sum, { loss }) => sum + loss * scale, 0);
    expectClose([total], entry.outputs.loss.data, tolerance);
    const gradients = [entry.grads[input], ...(input === "x1" ? [entry.grads.x2] : [])];
    for (const [index, { shape, data }] of gradients.entries()) {
      const slopes = results.flatMap(({ gradient }) =>
        gradient.slice(index * shape[1], (index + 1) * shape[1]),
      );
      expectClose(
        slopes.map((slope) => slope * scale),
        data,
        tolerance,
      );
    }
  }

  test.each(["ce_mean", "ce_sum", "ce_extreme", "ce_smooth"])("%s", (name) => {
    expectRows(name, "logits", ({ config, inputs }, row) => {
      const x = rowOf(inputs.logits, row);
      const weights = Array.from(x, () => 1);
      return distribution(x, smoothed(inputs.target.data[row], weights, config.label_smoothing));
    });
  });

  test("ce_soft_targets", () => {
    expectRows("ce_soft_targets", "logits", ({ inputs }, row) =>
      distribution(rowOf(inputs.logits, row), rowOf(inputs.target, row)),
    );
  });

  test.each([
    ["mse_mean", { square: 0.25, slope: 0, knee: Infinity }],
    ["mse_sum", { square: 1, slope: 0, knee: Infinity }],
    ["l1_mean", { square: 0, slope: 0.25, knee: 0 }],
    ["huber_delta0.5_mean", { square: 0.125, slope: 0.125, knee: 0.5 }],
    ["huber_delta1_sum", { square: 0.5, slope: 1, knee: 1 }],
    ["smooth_l1_beta0.5_sum", { square: 1, slope: 1, knee: 0.5 }],
  ])("%s", (name, shape) => {
    expectRows(name, "input", ({ inputs }, row) =>
      residual(rowOf(inputs.input, row), rowOf(inputs.target, row), shape),
    );
  });

  test.each(["bce_logits_sum", "bce_logits_extreme"])("%s", (name) => {
    expectRows(name, "input", ({ config, inputs }, row) => {
      const x = rowOf(inputs.input, row);
      const weights = Array.from(x, () => (config.reduction === "sum" ? 1 : 1 / x.length));
      return binary(x, rowOf(inputs.target, row), weights, weights);
    });
  });

  test("cosine_embedding_margin0.1", () => {
    expectRows("cosine_embedding_margin0.1", "x1", ({ inputs }, row) =>
      cosine(rowOf(inputs.x1, row), rowOf(inputs.x2, row), inputs.target.data[row] === 1, 0.1),
    );
  });
});

describe("the reference's optimisers are PyTorch's", () => {
  const updates: Readonly<Record<string, (options: { readonly rate: number }) => Update>> = {
    SGD: sgd,
    Adam: adam,
    AdamW: adamw,
    NAdam: nadam,
    RAdam: radam,
    Adamax: adamax,
    RMSprop: rmsprop,
    Adagrad: adagrad,
    Adadelta: adadelta,
  };

  test.each(optim.cases)("$name", ({ algorithm, options, params_after_step }) => {
    optim.params0.forEach((start, index) => {
      const values = Float64Array.from(start.data);
      const update = updates[algorithm]!(optimiserOptions(options));
      optim.grads_per_step.forEach((gradients, step) => {
        update(values, gradients[index].data);
        expectClose(values, params_after_step[step][index].data, tolerance, `step ${step}`);
      });
    });
  });
});

describe("the reference's clipping by the Euclidean norm is PyTorch's", () => {
  test.each(clip.cases.filter(({ norm_type }) => norm_type === 2))(
    "$name",
    ({ max_norm, total_norm, grads_in, grads_out }) => {
      const gradients = grads_in.flatMap(({ data }) => data);
      expectClose([norm(gradients)], [total_norm!], tolerance);
      const factor = clipFactor(total_norm!, max_norm!);
      expectClose(
        gradients.map((value) => value * factor),
        grads_out.flatMap(({ data }) => data),
        tolerance,
      );
    },
  );
});

test("the reference's network trains as PyTorch's does", () => {
  const { config, inputs, params0, params_final, loss_per_step, grad_norm_per_step } = train.cases[0];
  const trained = new Map(Object.entries(trainParameters(params0)));
  const updates = new Map([...trained.keys()].map((path) => [path, adam({ rate: config.lr })]));
  const setting = {
    layers: [{ layer: "embedding" }, { layer: "lstm", units: config.hidden }, { layer: "dense" }],
    parameters: trained,
    batch: config.B,
    states: [],
    clock: { seed: 0, step: 0 },
  };
  const ids = matrix(config.T * config.B, 1, inputs.x.data);
  loss_per_step.forEach((expected, step) => {
    const { loss, gradients } = network(setting, ids, inputs.y.data);
    expectClose([loss], [expected], tolerance, `loss of step ${step}`);
    const all = gradients();
    const total = norm([...all.values()].flatMap(({ values }) => [...values]));
    expectClose([total], [grad_norm_per_step[step]], tolerance, `norm of step ${step}`);
    const factor = clipFactor(total, config.clip_norm);
    for (const [path, { values }] of trained) {
      updates.get(path)!(
        values,
        all.get(path)!.values.map((value) => value * factor),
      );
    }
  });
  for (const [path, { values }] of Object.entries(trainParameters(params_final))) {
    expectClose(trained.get(path)!.values, values, tolerance, path);
  }
});
