/** Every loss gives what PyTorch gives, values and gradients. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import {
  absoluteError,
  binaryCrossEntropy,
  cosine,
  cosineEmbedding,
  crossEntropy,
  ctc,
  huber,
  kullbackLeibler,
  type Loss,
  squaredError,
  tensor,
} from "../../ts/index.js";
import { type OutputsExample, onOutputs } from "../model/on-outputs.js";
import { expectClose } from "../reference/compare.js";
import ctcFixture from "./torch/ctc.json" with { type: "json" };
import extremes from "./torch/extremes.json" with { type: "json" };
import fixture from "./torch/losses.json" with { type: "json" };
import { batchFirst, type TorchTensor } from "./torch.js";

interface Case {
  readonly name: string;
  readonly config: Readonly<Record<string, number | string | boolean | undefined>>;
  readonly inputs: Readonly<Record<string, TorchTensor>>;
  readonly upstream: { readonly G?: TorchTensor };
  readonly outputs: { readonly loss: TorchTensor };
  readonly grads: Readonly<Record<string, TorchTensor>>;
}

const engine = await createEngine({ memory: 16 });
const cases = fixture.cases as unknown as readonly Case[];
/** Relative distance that float32 may be off from PyTorch in float64. */
const tolerance = 2e-6;

const floats = (data: ArrayLike<number>, shape: readonly number[]) => tensor(Float32Array.from(data), shape);
/** Rows of one step each. */
const apart = ({ shape: [rows, width], data }: TorchTensor) => floats(data, [rows, 1, width]);
const nested = ({ shape: [rows, width], data }: TorchTensor) =>
  Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width));
const named = (name: string) => cases.find((entry) => entry.name === name)!;
const starting = (start: string) => cases.filter(({ name }) => name.startsWith(start));

test("no case is left out", () => {
  const seen = ["ce_", "mse_", "l1_", "huber_", "smooth_", "bce_", "cosine_"].flatMap(starting);
  expect(seen.length).toBe(cases.length);
  expect(cases.length).toBe(36);
});

describe("cross-entropy", () => {
  test.each(starting("ce_"))("$name", ({ name, config, inputs, upstream, outputs, grads }) => {
    const { logits, target, weight } = inputs;
    const distributions = name === "ce_soft_targets";
    const loss = crossEntropy({
      targets: distributions ? "distributions" : "classes",
      ...(weight && { classWeights: weight.data }),
      ...(config.label_smoothing !== undefined && { smoothing: Number(config.label_smoothing) }),
      ...(config.ignore_index !== undefined && { ignore: Number(config.ignore_index) }),
    });
    if (name === "ce_N_C_T") {
      const [rows, classes, steps] = logits.shape;
      const turn = (from: readonly number[], inner: number, outer: number) =>
        from.map((_, i) => {
          const [row, rest] = [Math.floor(i / (inner * outer)), i % (inner * outer)];
          return from[row * inner * outer + (rest % outer) * inner + Math.floor(rest / outer)];
        });
      const result = onOutputs(engine, loss, {
        outputs: floats(turn(logits.data, steps, classes), [rows, steps, classes]),
        targets: nested(target),
      });
      expectClose([result.loss], outputs.loss.data, tolerance);
      expectClose(turn([...result.gradient], classes, steps), grads.logits.data, tolerance);
      return;
    }
    const example: OutputsExample = {
      outputs: apart(logits),
      targets: distributions ? apart(target) : target.data.map((id) => [id]),
    };
    const { G } = upstream;
    if (!G) {
      const { loss: mean, counted, gradient } = onOutputs(engine, loss, example);
      const scale = config.reduction === "sum" ? counted : 1;
      expectClose([mean * scale], outputs.loss.data, tolerance);
      expectClose(
        gradient.map((slope) => slope * scale),
        grads.logits.data,
        tolerance,
      );
      return;
    }
    const counts = target.data.map((id) => (id === config.ignore_index ? 0 : 1));
    const { losses, gradient } = onOutputs(engine, loss, {
      ...example,
      slopes: G.data.map((slope, i) => slope * counts[i]),
    });
    expectClose(
      losses.map((value, i) => value * counts[i]),
      outputs.loss.data,
      tolerance,
    );
    expectClose(gradient, grads.logits.data, tolerance);
  });
});

/** Numbers one by one: every one a row, so that each has its own loss. */
function expectElements(loss: Loss, { config, inputs, upstream, outputs, grads }: Case): void {
  const { input, target } = inputs;
  if (config.reduction === "none") {
    const count = input.data.length;
    const { losses, gradient } = onOutputs(engine, loss, {
      outputs: floats(input.data, [count, 1, 1]),
      targets: floats(target.data, [count, 1, 1]),
      slopes: upstream.G!.data,
    });
    expectClose(losses, outputs.loss.data, tolerance);
    expectClose(gradient, grads.input.data, tolerance);
    return;
  }
  const { loss: mean, gradient } = onOutputs(engine, loss, { outputs: apart(input), targets: apart(target) });
  const scale = config.reduction === "sum" ? input.data.length : 1;
  expectClose([mean * scale], outputs.loss.data, tolerance);
  expectClose(
    gradient.map((slope) => slope * scale),
    grads.input.data,
    tolerance,
  );
}

describe.each<[string, Loss]>([
  ["mse_", squaredError()],
  ["l1_", absoluteError()],
  ["huber_delta0.5_", huber({ delta: 0.5 })],
  ["huber_delta1_", huber()],
  ["smooth_l1_beta0.5_", huber({ delta: 0.5, unitSlope: true })],
])("%s", (start, loss) => {
  test.each(starting(start))("$name", (entry) => expectElements(loss, entry));
});

test("half of the squared error is PyTorch's sum, halved, of each row", () => {
  const { inputs, outputs, grads } = named("mse_sum");
  const half = squaredError({ convention: "half" });
  const { loss, gradient } = onOutputs(engine, half, {
    outputs: apart(inputs.input),
    targets: apart(inputs.target),
  });
  const rows = inputs.input.shape[0];
  expectClose([loss * rows * 2], outputs.loss.data, tolerance);
  expectClose(
    gradient.map((slope) => slope * rows * 2),
    grads.input.data,
    tolerance,
  );
});

describe("binary cross-entropy", () => {
  const simple = starting("bce_").filter(({ inputs }) => !inputs.weight);
  test.each(simple)("$name", (entry) => expectElements(binaryCrossEntropy(), entry));

  test("bce_logits_posweight_weight", () => {
    const { inputs, outputs, grads } = named("bce_logits_posweight_weight");
    const [rows, width] = inputs.input.shape;
    let total = 0;
    for (let column = 0; column < width; column++) {
      const of = ({ data }: TorchTensor) => data.filter((_, i) => i % width === column);
      const slopes = of(inputs.weight).map((weight) => weight / (rows * width));
      const loss = binaryCrossEntropy({ positiveWeight: inputs.pos_weight.data[column] });
      const result = onOutputs(engine, loss, {
        outputs: floats(of(inputs.input), [rows, 1, 1]),
        targets: floats(of(inputs.target), [rows, 1, 1]),
        slopes,
      });
      total += result.loss;
      expectClose(result.gradient, of(grads.input), tolerance);
    }
    expectClose([total], outputs.loss.data, tolerance);
  });

  test("a positive weight for each label is that of its column", () => {
    const { inputs } = named("bce_logits_posweight_weight");
    const [outputs, targets] = [apart(inputs.input), apart(inputs.target)];
    const weights = inputs.pos_weight.data;
    const together = onOutputs(engine, binaryCrossEntropy({ positiveWeight: weights }), { outputs, targets });
    const single = onOutputs(engine, binaryCrossEntropy({ positiveWeight: weights[2] }), {
      outputs,
      targets,
    });
    expect(together.gradient[2]).toBe(single.gradient[2]);
    expect(together.gradient[6]).toBe(single.gradient[6]);
  });
});

describe("the cosine", () => {
  const pairs = ({ x1, x2 }: Case["inputs"]) =>
    floats(
      nested(x1).flatMap((row, i) => [...row, ...nested(x2)[i]]),
      [x1.shape[0], 1, 2 * x1.shape[1]],
    );
  const both = ({ x1, x2 }: Case["grads"]) => nested(x1).flatMap((row, i) => [...row, ...nested(x2)[i]]);

  test("cosine_embedding_margin0.1", () => {
    const { inputs, outputs, grads } = named("cosine_embedding_margin0.1");
    const { loss, gradient } = onOutputs(engine, cosineEmbedding({ margin: 0.1 }), {
      outputs: pairs(inputs),
      targets: inputs.target.data.map((sign) => [sign === 1 ? 1 : 0]),
    });
    expectClose([loss], outputs.loss.data, tolerance);
    expectClose(gradient, both(grads), tolerance);
  });

  test("cosine_similarity_dim1", () => {
    const { inputs, upstream, outputs, grads } = named("cosine_similarity_dim1");
    const slopes = upstream.G!.data.map((slope) => -slope);
    const expected = outputs.loss.data.map((value) => 1 - value);
    const pair = onOutputs(engine, cosineEmbedding(), {
      outputs: pairs(inputs),
      targets: slopes.map(() => [1]),
      slopes,
    });
    expectClose(pair.losses, expected, tolerance);
    expectClose(pair.gradient, both(grads), tolerance);
    const one = onOutputs(engine, cosine(), { outputs: apart(inputs.x1), targets: apart(inputs.x2), slopes });
    expectClose(one.losses, expected, tolerance);
    expectClose(one.gradient, grads.x1.data, tolerance);
  });
});

describe("distributions with every option, and logits of ±1000", () => {
  interface Far {
    readonly name: string;
    readonly config: {
      readonly weights?: readonly number[];
      readonly smoothing?: number;
      readonly positive?: number;
      readonly blank?: number;
    };
    readonly inputs: { readonly logits: TorchTensor; readonly target: TorchTensor };
    readonly loss: number;
    readonly gradient: readonly number[];
  }

  function lossOf({ name, config, inputs }: Far): Loss {
    const { weights, smoothing = 0, positive: positiveWeight, blank = 0 } = config;
    if (name.startsWith("kl")) return kullbackLeibler();
    if (name.startsWith("ctc")) return ctc({ blank });
    if (positiveWeight) return binaryCrossEntropy({ positiveWeight });
    const targets = inputs.target.shape.length > 1 ? "distributions" : "classes";
    return crossEntropy({ targets, smoothing, ...(weights && { classWeights: weights }) });
  }

  test.each(extremes.cases as unknown as readonly Far[])("$name", (entry) => {
    const { logits, target } = entry.inputs;
    const sequence = entry.config.blank !== undefined;
    const { loss, gradient } = onOutputs(engine, lossOf(entry), {
      outputs: sequence ? floats(logits.data, [1, ...logits.shape]) : apart(logits),
      targets: sequence
        ? [target.data]
        : target.shape.length > 1
          ? apart(target)
          : target.data.map((id) => [id]),
    });
    expectClose([loss], [entry.loss], tolerance);
    expectClose(gradient, entry.gradient, tolerance);
  });
});

describe("connectionist temporal classification", () => {
  test.each(ctcFixture.cases as unknown as readonly Case[])(
    "$name",
    ({ config, inputs, upstream, outputs, grads }) => {
      const { logits, targets, input_lengths: lengths, target_lengths: counts } = inputs;
      const { data, shape } = batchFirst(logits);
      const mean = config.reduction === "mean";
      const loss = ctc({
        blank: Number(config.blank),
        impossible: config.zero_infinity ? "zero" : "infinite",
        perLabel: mean,
      });
      const result = onOutputs(engine, loss, {
        outputs: floats(data, shape),
        targets: nested(targets).map((row, i) => row.slice(0, counts.data[i])),
        lengths: lengths.data,
        slopes: upstream.G?.data ?? counts.data.map(() => (mean ? 1 / counts.data.length : 1)),
      });
      if (upstream.G) expectClose(result.losses, outputs.loss.data, tolerance);
      else expectClose([result.loss], outputs.loss.data, tolerance);
      expectClose(result.gradient, batchFirst(grads.logits).data, tolerance);
    },
  );
});
