/** Modules of PyTorch's that attend, and its transformers: their weights give their outputs, and go back unchanged. */
import { describe, expect, test } from "vitest";
import {
  dense,
  embedding,
  FormatError,
  features,
  InputError,
  inputs,
  layerNorm,
  type Model,
  model,
  multiHeadAttention,
  positions,
  residual,
  type TransformerOptions,
  tensor,
  tokens,
  transformerDecoder,
  transformerEncoder,
  wiring,
} from "../../ts/index.js";
import { assignTorch, fromTorch, readTorch, toTorch } from "../../ts/torch/index.js";
import golden from "../golden/torch/attending.json" with { type: "json" };
import { expectClose, expectSameBits } from "../reference/compare.js";
import { decode, modules, shapes, stateOf } from "./files.js";

type Case = (typeof golden.cases)[number];

const caseOf = (name: string) => golden.cases.find((each) => each.name === name)!;

/** What a case reads. */
function readBy({ inputs: given }: Case) {
  const [first, ...others] = given.map(({ shape, data }) =>
    shape.length === 2 ? tensor(Uint32Array.from(data), shape) : tensor(Float32Array.from(data), shape),
  );
  return others.length === 0
    ? first!
    : { input: first!, ...(others[0] && { keys: others[0] }), ...(others[1] && { values: others[1] }) };
}

const several = (...widths: number[]) =>
  inputs(
    Object.fromEntries(
      ["input", "keys", "values"].slice(0, widths.length).map((name, i) => [name, features(widths[i]!)]),
    ),
  );

const node = (of: ReturnType<typeof multiHeadAttention>, ...names: string[]) =>
  wiring({ nodes: [{ name: "look", of, inputs: names }] });

const blocks = (options: Partial<TransformerOptions> = {}) => ({
  heads: 2,
  blocks: 2,
  hidden: 9,
  ...options,
});

const writer = (options: Partial<TransformerOptions>, seed: number) =>
  model(
    tokens(7),
    embedding(6),
    positions(5),
    transformerEncoder(6, { ...blocks(options), causal: true }),
    layerNorm(),
    dense(7),
    { seed },
  );

const decoder = (options: Partial<TransformerOptions>, seed: number) =>
  model(
    several(6, 6),
    wiring({
      nodes: [{ name: "decoder", of: transformerDecoder(6, blocks(options)), inputs: ["input", "keys"] }],
    }),
    { seed },
  );

/** A model of the same layers for each case, and the names of its modules. */
const made: Record<string, { readonly names: readonly string[]; make(seed?: number): Promise<Model> }> = {
  attention: {
    names: ["look"],
    make: (seed = 1) => model(features(6), multiHeadAttention(6, { heads: 3 }), { seed }),
  },
  "attention without bias": {
    names: ["look"],
    make: (seed = 1) => model(features(6), multiHeadAttention(6, { heads: 2, bias: false }), { seed }),
  },
  "attention to keys and values of other widths": {
    names: ["look"],
    make: (seed = 1) =>
      model(several(6, 3, 5), node(multiHeadAttention(6, { heads: 2 }), "input", "keys", "values"), { seed }),
  },
  "attention to keys of another width, without bias": {
    names: ["look"],
    make: (seed = 1) =>
      model(
        several(6, 3, 6),
        node(multiHeadAttention(6, { heads: 2, bias: false }), "input", "keys", "values"),
        {
          seed,
        },
      ),
  },
  encoder: {
    names: ["symbols", "places", "encoder", "encoder.norm", "out"],
    make: (seed = 1) => writer({}, seed),
  },
  "encoder with its norms before": {
    names: ["symbols", "places", "encoder", "encoder.norm", "out"],
    make: (seed = 1) => writer({ norm: "before", activation: "gelu" }, seed),
  },
  decoder: { names: ["decoder"], make: (seed = 1) => decoder({}, seed) },
  "decoder with its norms before": {
    names: ["decoder"],
    make: (seed = 1) => decoder({ norm: "before" }, seed),
  },
  "one block": {
    names: ["self_attn", "norm1", "linear1", "linear2", "norm2"],
    make: (seed = 1) => model(features(6), transformerEncoder(6, { heads: 2, hidden: 9 }), { seed }),
  },
};

describe("weights of PyTorch", () => {
  test.each(golden.cases)("$name: give its outputs, found by names and shapes", async (each) => {
    const net = await made[each.name]!.make();
    assignTorch(net, decode(each.file));
    const { shape, data } = (await net.predict(readBy(each) as never)) as {
      shape: number[];
      data: Float32Array;
    };
    expect(shape).toEqual(each.output.shape);
    expectClose(data, each.output.data, 1e-6);
  });

  test.each(golden.cases)("$name: go back by the same names with the same bits", async (each) => {
    const { make, names } = made[each.name]!;
    const state = readTorch(decode(each.file));
    const net = await make();
    assignTorch(net, decode(each.file), { modules: names });
    for (const file of ["pt", "safetensors"] as const) {
      expect(readTorch(toTorch(net, { file, modules: names }))).toEqual(state);
    }
    const again = await make(2);
    assignTorch(again, toTorch(net), {});
    for (const [i, { data }] of net.parameters().entries()) expectSameBits(again.parameters()[i]!.data, data);
  });
});

test("without names modules have the numbers of the layers, and within transformers PyTorch's names", async () => {
  const net = await model(
    features(4),
    residual(multiHeadAttention(4)),
    wiring({
      nodes: [
        { name: "blocks", of: transformerEncoder(4, { blocks: 2, norm: "before" }), inputs: ["input"] },
      ],
    }),
  );
  const owners = [...readTorch(toTorch(net)).keys()].map((name) => name.replace(/\.(out_proj\.)?[^.]+$/, ""));
  const block = ["self_attn", "linear1", "linear2", "norm1", "norm2"];
  const inside = [0, 1].flatMap((number) => block.map((role) => `1.blocks.layers.${number}.${role}`));
  expect(new Set(owners)).toEqual(new Set(["0.0", ...inside]));
});

describe("layers of blocks are found", () => {
  const linear = shapes.linear(3, 3);
  const norm = shapes.norm(3);
  const look = { in_proj_weight: [9, 3], in_proj_bias: [9], "out_proj.weight": [3, 3], "out_proj.bias": [3] };

  test("by PyTorch's names, where a norm and a map beside them have the same shapes", async () => {
    const net = await model(features(3), transformerEncoder(3, { hidden: 3 }), layerNorm(), dense(3));
    const block = { self_attn: look, linear1: linear, linear2: linear, norm1: norm, norm2: norm };
    const state = stateOf(
      modules({
        out: linear,
        "encoder.norm": norm,
        ...Object.fromEntries(
          Object.entries(block).map(([role, tensors]) => [`encoder.layers.0.${role}`, tensors]),
        ),
      }),
    );
    assignTorch(net, state);
    const back = readTorch(toTorch(net, { modules: ["encoder", "encoder.norm", "out"] }));
    expect(new Map([...back].sort())).toEqual(new Map([...readTorch(state)].sort()));
  });

  test("by other names only where shapes leave no doubt", async () => {
    const net = await model(features(3), transformerEncoder(3, { hidden: 5 }));
    const state = stateOf(
      modules({ attn: look, up: shapes.linear(3, 5), down: shapes.linear(5, 3), ln: norm, ln_f: norm }),
    );
    expect(() => assignTorch(net, state)).toThrow("expected one module, got ln, ln_f");
    assignTorch(net, state, { modules: ["attn", "ln", "up", "down", "ln_f"] });
  });
});

describe("is refused by name:", () => {
  test("a learned step beside the source", async () => {
    const net = await model(features(6), multiHeadAttention(6, { heads: 2 }));
    const before = net.parameters();
    expect(() => assignTorch(net, decode(golden.refused))).toThrow(
      "bias_k: expected attention to the source alone, got a learned step beside it",
    );
    expect(net.parameters()).toEqual(before);
  });

  test("a model from attention alone, of which nobody knows the heads", async () => {
    const made = fromTorch(decode(caseOf("attention").file));
    await expect(made).rejects.toThrow(FormatError);
    await expect(made).rejects.toThrow("state_dict look: expected modules that say all of what they compute");
    await expect(made).rejects.toThrow("multiHeadAttention(64, { heads: 4 })");
  });

  test("queries of another width than what comes out, which PyTorch has not", async () => {
    const net = await model(features(4), multiHeadAttention(6));
    expect(() => toTorch(net)).toThrow(InputError);
    expect(() => toTorch(net)).toThrow(
      "0.multiHeadAttention.weightQuery: expected queries and outputs of 6 numbers",
    );
  });

  test("biases that are missing, and parts of another module", async () => {
    const net = await model(features(6), multiHeadAttention(6));
    const bytes = decode(caseOf("attention without bias").file);
    expect(() => assignTorch(net, bytes)).toThrow(
      "for 0.multiHeadAttention: expected attention with in_proj_weight [18,6]",
    );
    const half = stateOf({ "look.in_proj_weight": [18, 6], "look.out_proj.bias": [6] });
    expect(() => assignTorch(net, half)).toThrow("state_dict look: expected a module that this library has");
  });

  test("as many names as there are neither layers nor transformers", async () => {
    const net = await model(features(4), transformerEncoder(4, { blocks: 2 }), dense(4));
    for (const job of [
      () => toTorch(net, { modules: ["encoder"] }),
      () => assignTorch(net, toTorch(net), { modules: ["encoder", "out", "more"] }),
    ]) {
      expect(job).toThrow("expected a name for each of 0.transformerEncoder, 1.dense, got");
    }
  });
});
