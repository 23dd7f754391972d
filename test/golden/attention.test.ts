/** Attention and the blocks of the Transformer give what PyTorch gives, outputs, weights and the gradients of all that goes in. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import type { Value } from "../../ts/graph/graph.js";
import {
  attention,
  features,
  model,
  multiHeadAttention,
  transformerDecoder,
  transformerEncoder,
} from "../../ts/index.js";
import { attentionContext, attentionWeights } from "../../ts/ops/attention.js";
import { withLengths } from "../ops/lengths.js";
import { probe } from "../ops/probe.js";
import { expectClose } from "../reference/compare.js";
import { type Matrix, matrix } from "../reference/matrix.js";
import notes from "./notes/attention.json" with { type: "json" };
import golden from "./torch/attention.json" with { type: "json" };
import transformer from "./torch/transformer.json" with { type: "json" };
import { batchFirst, ours, rows, type TorchTensor } from "./torch.js";

const engine = await createEngine({ memory: 16 });
const tolerance = 2e-6;

type Tensors = Readonly<Record<string, TorchTensor>>;

/** A case of a file by its name. */
function caseOf(name: string) {
  const { inputs, params, upstream, outputs, grads } = golden.cases.find((entry) => entry.name === name)!;
  return { inputs, params, upstream, outputs, grads } as unknown as Record<
    "inputs" | "params" | "upstream" | "outputs" | "grads",
    Tensors
  >;
}

/** The weights from which a context was made that is recorded last, or last but `behind` nodes. */
function weightsOf({ graph }: Value, behind = 0): Value {
  return graph.nodes.at(-1 - behind)!.inputs[0];
}

/** Between [batch][steps] rows and ours; either way it is the same exchange. */
const exchanged = (tensor: TorchTensor) => rows(batchFirst(tensor));

/** Fails unless parameters have these gradients, and no others are there. */
function expectParameters(actual: ReadonlyMap<string, Matrix>, expected: ReadonlyMap<string, Matrix>): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [path, { values }] of expected) {
    const { values: own } = actual.get(path)!;
    // What is added to all keys changes no weight, so that its gradient is a sum whose terms cancel.
    if (path.endsWith("biasKey")) {
      for (const value of own) expect(Math.abs(value), path).toBeLessThanOrEqual(tolerance);
    } else expectClose(own, values, tolerance, path);
  }
}

describe("attention of one head", () => {
  const additive = ({ Wq, Wk, b, v }: Tensors) =>
    new Map([
      ["0.attention.weightQuery", ours(Wq, "product")],
      ["0.attention.weightKey", ours(Wk, "product")],
      ["0.attention.bias", ours(b, "bias")],
      ["0.attention.energy", ours(v, "bias")],
    ]);
  const general = ({ W }: Tensors) => new Map([["0.attention.weightQuery", rows(W)]]);

  test.each([
    ["additive", () => attention({ units: 3 }), additive, undefined],
    ["additive_masked", () => attention({ units: 3 }), additive, [4, 2]],
    ["luong_general", () => attention({ score: "general" }), general, undefined],
  ] as const)("%s", (name, layer, parametersOf, lengths) => {
    const { inputs, params, upstream, outputs, grads } = caseOf(name);
    const result = probe(engine, {
      batch: 2,
      inputs: [rows(inputs.query), exchanged(inputs.keys)],
      parameters: parametersOf(params),
      record(query, keys) {
        const context = layer().over(query, withLengths(keys, lengths));
        return [context, weightsOf(context)];
      },
      upstream: [rows(upstream.G), rows(upstream.Gw)],
    });
    expectClose(result.outputs[0].values, outputs.context.data, tolerance, "context");
    expectClose(result.outputs[1].values, outputs.weights.data, tolerance, "weights");
    expectClose(result.gradients[0].values, grads.query.data, tolerance, "query");
    expectClose(result.gradients[1].values, exchanged(grads.keys).values, tolerance, "keys");
    expectParameters(result.parameters, parametersOf(grads));
  });

  test("of the lecture notes, over three words", () => {
    const { h, s_prev, Wa, Ua, va, alpha, context } = notes;
    const transposed = (weight: readonly (readonly number[])[]) =>
      ours({ shape: [weight.length, weight[0].length], data: weight.flat() }, "product");
    const energy = matrix(1, va.length, va);
    const result = probe(engine, {
      batch: 1,
      inputs: [matrix(1, s_prev.length, s_prev), matrix(h.length, h[0].length, h.flat())],
      parameters: new Map([
        ["0.attention.weightQuery", transposed(Wa)],
        ["0.attention.weightKey", transposed(Ua)],
        ["0.attention.energy", energy],
      ]),
      record(query, source) {
        const made = attention({ units: va.length }).over(query, source);
        return [made, weightsOf(made)];
      },
      upstream: [matrix(1, context.length), matrix(1, h.length)],
    });
    expectClose(result.outputs[0].values, context, tolerance, "context");
    expectClose(result.outputs[1].values, alpha, tolerance, "alpha");
  });
});

describe("scaled dot products of several heads", () => {
  /** [rows, heads, steps, units] as [steps][rows] of all heads side by side. */
  function sideBySide({ shape: [batch, heads, steps, units], data }: TorchTensor): Matrix {
    const made = matrix(steps * batch, heads * units);
    data.forEach((value, i) => {
      const [unit, step] = [i % units, Math.floor(i / units) % steps];
      const [head, row] = [Math.floor(i / units / steps) % heads, Math.floor(i / units / steps / heads)];
      made.values[((step * batch + row) * heads + head) * units + unit] = value;
    });
    return made;
  }

  test.each([
    ["sdpa", false],
    ["sdpa_causal", true],
  ])("%s", (name, causal) => {
    const { inputs, upstream, outputs, grads } = caseOf(name);
    const [, , , units] = inputs.q.shape;
    const result = probe(engine, {
      batch: 2,
      inputs: [inputs.q, inputs.k, inputs.v].map(sideBySide),
      record(q, k, v) {
        const setting = { heads: 2, score: "dot", scale: 1 / Math.sqrt(units), causal } as const;
        return [attentionContext(attentionWeights(q, k, setting), v, setting)];
      },
      upstream: [sideBySide(upstream.G)],
    });
    expectClose(result.outputs[0].values, sideBySide(outputs.y).values, tolerance);
    for (const [index, name] of ["q", "k", "v"].entries()) {
      expectClose(result.gradients[index].values, sideBySide(grads[name]).values, tolerance, name);
    }
  });
});

/** The weights and biases of PyTorch's MultiheadAttention, or their gradients, as ours. */
function heads(tensors: Tensors, path: string, prefix = ""): [string, Matrix][] {
  const part = (name: string, index: number, use: "product" | "bias") => {
    const { shape, data } = tensors[`${prefix}${name}`];
    const size = data.length / 3;
    return ours(
      { shape: [shape[0] / 3, ...shape.slice(1)], data: data.slice(index * size, (index + 1) * size) },
      use,
    );
  };
  const names = ["Query", "Key", "Value"];
  const whole = `${prefix}in_proj_weight` in tensors;
  return [
    ...names.map((name, index): [string, Matrix] => [
      `${path}.weight${name}`,
      whole
        ? part("in_proj_weight", index, "product")
        : ours(tensors[`${prefix}${name[0].toLowerCase()}_proj_weight`], "product"),
    ]),
    [`${path}.weightOutput`, ours(tensors[`${prefix}out_proj.weight`], "product")],
    ...(`${prefix}in_proj_bias` in tensors
      ? [
          ...names.map((name, index): [string, Matrix] => [
            `${path}.bias${name}`,
            part("in_proj_bias", index, "bias"),
          ]),
          [`${path}.biasOutput`, ours(tensors[`${prefix}out_proj.bias`], "bias")] as [string, Matrix],
        ]
      : []),
  ];
}

describe("multiHeadAttention", () => {
  test.each([
    ["mha_self", {}, undefined],
    ["mha_self_causal", { causal: true }, undefined],
    ["mha_nobias", { bias: false }, undefined],
    ["mha_cross_kpm", {}, [5, 3]],
    ["mha_kdim_vdim", {}, undefined],
  ] as const)("%s", (name, options, lengths) => {
    const { inputs, params, upstream, outputs, grads } = caseOf(name);
    const names = ["query", "key", "value"].filter((name) => name in inputs);
    const layer = multiHeadAttention(8, { heads: 2, ...options });
    const result = probe(engine, {
      batch: 2,
      inputs: names.map((name) => rows(inputs[name])),
      parameters: new Map(heads(params, "0.multiHeadAttention")),
      record(query, key, value) {
        const y = key
          ? layer.over(query, withLengths(key, lengths), withLengths(value, lengths))
          : layer(query);
        return [y, weightsOf(y, 1)];
      },
      upstream: [rows(upstream.G), matrix(8, 32)],
    });
    expectClose(result.outputs[0].values, outputs.y.data, tolerance, "output");
    const { shape, data } = outputs.weights_per_head;
    const sources = shape[3];
    const weights = result.outputs[1].values.filter((_, i) => i % 16 < sources);
    // from [steps][rows][heads][sources] to [rows][heads][steps][sources]
    const expected = weights.map((_, i) => {
      const [source, head] = [i % sources, Math.floor(i / sources) % 2];
      const [row, step] = [Math.floor(i / sources / 2) % 2, Math.floor(i / sources / 4)];
      return data[((row * 2 + head) * shape[2] + step) * sources + source];
    });
    expectClose(weights, expected, tolerance, "weights");
    for (const [index, name] of names.entries()) {
      expectClose(result.gradients[index].values, grads[name].data, tolerance, name);
    }
    expectParameters(result.parameters, new Map(heads(grads, "0.multiHeadAttention")));
  });
});

describe("the blocks of the Transformer", () => {
  test.each(transformer.cases.map((entry) => [entry.name, entry] as const))("%s", async (_, entry) => {
    const { decoder, causal, norm, activation, lengths, memoryLengths } = entry.config;
    const { inputs, params, upstream, outputs, grads } = entry as unknown as Record<string, Tensors>;
    const options = {
      heads: transformer.heads,
      hidden: transformer.hidden,
      causal,
      norm,
      activation,
    } as object;
    const blocks = (x: Value, memory: Value) =>
      decoder ? transformerDecoder(6, options).over(x, memory) : transformerEncoder(6, options)(x);
    const { length } = decoder ? ["self", "multihead", "linear"] : ["self", "linear"];
    const net = await model(features(6), (x) => blocks(x, x));
    const paths = net.parameters().map(({ path }) => path.slice(0, path.lastIndexOf(".")));
    // Layers of one kind come in the same order as PyTorch's, wherever the norms are.
    const of = (kind: string) => [...new Set(paths)].filter((path) => path.endsWith(kind));
    const asOurs = (tensors: Tensors) =>
      new Map<string, Matrix>([
        ...of("multiHeadAttention").flatMap((path, i) =>
          heads(tensors, path, ["self_attn.", "multihead_attn."][i]),
        ),
        ...of("layerNorm").flatMap((path, i): [string, Matrix][] => [
          [`${path}.gain`, ours(tensors[`norm${i + 1}.weight`], "bias")],
          [`${path}.shift`, ours(tensors[`norm${i + 1}.bias`], "bias")],
        ]),
        ...of("dense").flatMap((path, i): [string, Matrix][] => [
          [`${path}.weight`, ours(tensors[`linear${i + 1}.weight`], "product")],
          [`${path}.bias`, ours(tensors[`linear${i + 1}.bias`], "bias")],
        ]),
      ]);
    expect(of("layerNorm")).toHaveLength(length);
    const result = probe(engine, {
      batch: 3,
      inputs: [inputs.x, ...(decoder ? [inputs.memory] : [])].map(rows),
      parameters: asOurs(params),
      record: (x, memory) => [
        blocks(withLengths(x, lengths), decoder ? withLengths(memory, memoryLengths) : x),
      ],
      upstream: [rows(upstream.G)],
    });
    expectClose(result.outputs[0].values, outputs.y.data, tolerance);
    expectClose(result.gradients[0].values, grads.x.data, tolerance, "x");
    if (decoder) expectClose(result.gradients[1].values, grads.memory.data, tolerance, "memory");
    expectParameters(result.parameters, asOurs(grads));
  });
});
