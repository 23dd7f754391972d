/** The library gives what PyTorch gives: layers, optimisers, schedules, clipping, and a training run from its first step to its last. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { rowLayout, writeParameter } from "../../ts/graph/parameter.js";
import { addressOf, type Place, span } from "../../ts/graph/span.js";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  clipNorm,
  clipValue,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  exponentialDecay,
  features,
  type Loss,
  lstm,
  type Model,
  milestoneDecay,
  model,
  nadam,
  type Optimiser,
  oneCycle,
  plateau,
  polynomialDecay,
  radam,
  rmsprop,
  type Schedule,
  sgd,
  stepDecay,
  tensor,
  tokens,
  warmup,
} from "../../ts/index.js";
import { Network } from "../../ts/model/network.js";
import { pack, unpack } from "../kernels/operands.js";
import { expectClose } from "../reference/compare.js";
import clip from "./torch/clip.json" with { type: "json" };
import layers from "./torch/layers.json" with { type: "json" };
import optim from "./torch/optim.json" with { type: "json" };
import rnn from "./torch/rnn.json" with { type: "json" };
import schedulers from "./torch/schedulers.json" with { type: "json" };
import train from "./torch/train.json" with { type: "json" };
import {
  batchFirst,
  lstmParameters,
  modelFile,
  optimiserOptions,
  ours,
  slice,
  type TorchTensor,
  trainParameters,
} from "./torch.js";

/** Relative distance that float32 may be off from PyTorch in float64. */
const tolerance = 1e-6;

const floats = ({ shape, data }: TorchTensor) => tensor(Float32Array.from(data), shape);
const words = ({ shape, data }: TorchTensor) => tensor(Uint32Array.from(data), shape);

/** The sum of outputs x targets, so that the targets are the gradient of the outputs. It leaves its own value at 0. */
const weightedSum: Loss = {
  name: "weightedSum",
  targets: "features",
  record(output, targets) {
    const { graph, steps, batch, width, stride } = output;
    const value = graph.apply({
      inputs: [output, targets],
      output: graph.value({ steps, batch, width }),
      forward() {},
      backward({ emit, gradient }) {
        const target = gradient(output);
        if (target) emit("copy", { from: targets.place, to: target, count: steps * batch * stride });
      },
    });
    return {
      value,
      losses: span("losses", steps * batch),
      count: steps * batch,
      weights: span("weights", steps * batch),
    };
  },
};

function valuesOf(model: Model): Map<string, Float32Array> {
  return new Map(model.parameters().map(({ path, data }) => [path, data]));
}

/** The gradient of each parameter for that of the output: what a step of rate 1 takes away. */
async function gradientsOf(
  model: Model,
  inputs: ReturnType<typeof floats | typeof words>,
  dOutput: TorchTensor,
) {
  const before = valuesOf(model);
  await model.fit([{ inputs, targets: floats(dOutput) }], { loss: weightedSum, optimiser: sgd(1) });
  const after = valuesOf(model);
  return (path: string) => before.get(path)!.map((value, i) => value - after.get(path)![i]);
}

describe("layers", () => {
  const caseOf = (name: string) => layers.cases.find((entry) => entry.name === name)!;

  test("dense", async () => {
    const { inputs, params, upstream, outputs, grads } = caseOf("linear");
    const layer = await model(features(4), dense(5));
    layer.assign(
      modelFile({
        "0.dense.weight": ours(params.weight!, "product"),
        "0.dense.bias": ours(params.bias!, "bias"),
      }),
    );
    const x = floats(inputs.x!);
    const output = await layer.predict(x);
    expect(output.shape).toEqual(outputs.y.shape);
    expectClose(output.data, outputs.y.data, tolerance);
    const gradient = await gradientsOf(layer, x, upstream.G);
    expectClose(gradient("0.dense.weight"), ours(grads.weight!, "product").values, tolerance);
    expectClose(gradient("0.dense.bias"), grads.bias!.data, tolerance);
  });

  test("embedding", async () => {
    const { inputs, params, upstream, outputs, grads } = caseOf("embedding");
    const layer = await model(tokens(7), embedding(4));
    layer.assign(modelFile({ "0.embedding.weight": ours(params.weight!, "table") }));
    const ids = words(inputs.indices!);
    const output = await layer.predict(ids);
    expect(output.shape).toEqual(outputs.y.shape);
    expect([...output.data]).toEqual(outputs.y.data);
    const gradient = await gradientsOf(layer, ids, upstream.G);
    expectClose(gradient("0.embedding.weight"), grads.weight!.data, tolerance);
  });

  test.each(rnn.cases)("$name", async ({ config, inputs, params, outputs }) => {
    const { T: steps, B: batch, input_size, hidden_size, num_layers } = config;
    const tensors: Readonly<Record<string, TorchTensor>> = params;
    const engine = await createEngine({ memory: 16 });
    const stack = Array.from({ length: num_layers }, () => lstm(hidden_size, { biasHidden: true }));
    const network = new Network(engine, features(input_size), stack);
    for (const parameter of network.parameters) {
      const [layer, , name] = parameter.path.split(".");
      const values = lstmParameters(tensors, Number(layer))[name as "bias"].values;
      writeParameter(engine, parameter, Float32Array.from(values));
    }
    const program = network.program({ batch, steps });
    const { plan, graph, output } = program;
    const layout = rowLayout(batch, hidden_size);
    const stored = (place: Place) => engine.view(addressOf(place), layout.count);

    network.begin(program, { batch, steps, values: batchFirst(inputs.x).data }, true);
    const { h0, c0 } = inputs;
    if (h0 && c0) {
      graph.states.forEach(({ first }, index) => {
        const initial = slice(index % 2 === 0 ? h0 : c0, Math.floor(index / 2));
        stored(first).set(pack(initial.values, layout));
      });
    }
    plan.forward();
    const hidden = engine.view(addressOf(output.place), steps * layout.count);
    expectClose(unpack(hidden, rowLayout(steps * batch, hidden_size)).values, outputs.output.data, tolerance);
    graph.states.forEach(({ last }, index) => {
      const expected = slice(index % 2 === 0 ? outputs.hn : outputs.cn, Math.floor(index / 2));
      expectClose(unpack(stored(last), layout).values, expected.values, tolerance);
    });
  });

  test("lstm from states of zero, by predict", async () => {
    const { inputs, params, outputs } = rnn.cases.find(({ name }) => name === "lstm_l1_uni_noinit")!;
    const layer = await model(features(4), lstm(6, { biasHidden: true }));
    const parameters = Object.entries(lstmParameters(params, 0));
    layer.assign(
      modelFile(Object.fromEntries(parameters.map(([name, values]) => [`0.lstm.${name}`, values]))),
    );
    const output = await layer.predict(floats(batchFirst(inputs.x)));
    expect(output.shape).toEqual([3, 5, 6]);
    expectClose(output.data, batchFirst(outputs.output).data, tolerance);
  });
});

/** A model that is nothing but `values`: an embedding of one number for each. Its gradients are then the targets. */
async function modelOf(values: readonly number[]) {
  const made = await model(tokens(values.length), embedding(1));
  made.assign(
    modelFile({ "0.embedding.weight": ours({ shape: [values.length, 1], data: values }, "table") }),
  );
  const ids = [...values.keys()];
  const example = (gradients: readonly number[]) => ({
    inputs: ids,
    targets: gradients.map((value) => [value]),
  });
  return { made, example };
}

const flat = (tensors: readonly TorchTensor[]) => tensors.flatMap(({ data }) => data);

/** By their names in PyTorch. */
const optimisers: Readonly<Record<string, (rate: number, options: object) => Optimiser>> = {
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

describe("optimisers", () => {
  test.each(optim.cases)("$name", async ({ algorithm, options, params_after_step }) => {
    const { rate, ...others } = optimiserOptions(options);
    const optimiser = optimisers[algorithm]!(rate, others);
    const { made, example } = await modelOf(flat(optim.params0));
    const examples = optim.grads_per_step.map((gradients) => example(flat(gradients)));
    let steps = 0;
    for await (const { step } of made.train(examples, { loss: weightedSum, optimiser })) {
      const [{ data }] = made.parameters();
      expectClose(data, flat(params_after_step[step]), tolerance, `step ${step}`);
      steps++;
    }
    expect(steps).toBe(params_after_step.length);
  });
});

describe("schedules", () => {
  const made: Readonly<Record<string, Schedule>> = {
    StepLR: stepDecay(0.1, { every: 7, factor: 0.5 }),
    MultiStepLR: milestoneDecay(0.1, { at: [5, 20, 33], factor: 0.3 }),
    ExponentialLR: exponentialDecay(0.1, { factor: 0.93 }),
    CosineAnnealingLR: cosineDecay(0.1, { steps: 49, least: 0.001 }),
    CosineAnnealingLR_short: cosineDecay(0.1, { steps: 20 }),
    CosineAnnealingWarmRestarts: cosineDecay(0.1, { steps: 8, restarts: 2, least: 0.001 }),
    OneCycleLR: oneCycle(1, { steps: 50 }),
    OneCycleLR_linear: oneCycle(0.5, {
      steps: 50,
      rise: 0.25,
      shape: "linear",
      divisor: 10,
      endDivisor: 100,
    }),
    OneCycleLR_three_phase: oneCycle(1, { steps: 50, threePhases: true }),
    ReduceLROnPlateau: plateau(0.1, { factor: 0.5, patience: 2, threshold: 0.01 }),
    ReduceLROnPlateau_abs_cooldown: plateau(0.1, {
      factor: 0.3,
      patience: 1,
      threshold: 0.02,
      absolute: true,
      cooldown: 3,
      least: 0.002,
    }),
    ReduceLROnPlateau_max: plateau(0.1, { greater: true, factor: 0.5, patience: 3 }),
    LinearLR: warmup(0.1, { steps: 10, from: 0.25 }),
    PolynomialLR: polynomialDecay(0.1, { steps: 30, exponent: 2 }),
  };

  test.each(schedulers.cases)("$name", ({ name, lr, metrics = [] }) => {
    // PyTorch's cosine rises again after its end; ours stays there.
    const known = name === "CosineAnnealingLR_short" ? lr.slice(0, 21) : lr;
    const rates = known.map((_, step) => made[name]!(step, metrics.slice(0, step)));
    expectClose(rates, known, 1e-14);
  });
});

describe("clipping", () => {
  test.each(clip.cases)(
    "$name",
    async ({ max_norm, norm_type, clip_value, total_norm, grads_in, grads_out }) => {
      const gradients = flat(grads_in);
      const { made, example } = await modelOf(gradients.map(() => 0));
      const bound =
        clip_value === undefined
          ? clipNorm(max_norm!, { order: Number(norm_type) || Infinity })
          : clipValue(clip_value);
      const options = { loss: weightedSum, optimiser: sgd(1), clip: bound };
      for await (const { gradientNorm } of made.train([example(gradients)], options)) {
        if (norm_type === 2) expectClose([gradientNorm], [total_norm!], 1e-12);
      }
      const [{ data }] = made.parameters();
      expectClose(
        data.map((value) => -value),
        flat(grads_out),
        tolerance,
      );
    },
  );
});

test("ten steps of training with Adam and clipping", async () => {
  const { config, inputs, params0, params_final, loss_per_step, grad_norm_per_step } = train.cases[0];
  const trained = await model(
    tokens(config.vocab),
    embedding(config.emb),
    lstm(config.hidden, { biasHidden: true }),
    dense(config.vocab),
  );
  trained.assign(modelFile(trainParameters(params0)));
  const batch = { inputs: words(batchFirst(inputs.x)), targets: words(batchFirst(inputs.y)) };
  const options = { loss: crossEntropy(), optimiser: adam(config.lr), clip: config.clip_norm, steps: 10 };
  let steps = 0;
  for await (const { step, loss, gradientNorm } of trained.train([batch], options)) {
    expectClose([loss], [loss_per_step[step]], tolerance, `loss of step ${step}`);
    expectClose([gradientNorm], [grad_norm_per_step[step]], tolerance, `norm of step ${step}`);
    steps++;
  }
  expect(steps).toBe(loss_per_step.length);
  const values = valuesOf(trained);
  for (const [path, expected] of Object.entries(trainParameters(params_final))) {
    expectClose(values.get(path)!, expected.values, 2 * tolerance, path);
  }
});
