/** Attention of Keras: what it becomes, what is warned of, and what is refused by name. */
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { adam, FormatError, squaredError, tensor } from "../../ts/index.js";
import { fromKeras, fromKerasLayers } from "../../ts/keras/index.js";
import { editedFile, layerFile, type WrittenLayer } from "./files.js";

const rows = (steps: number, width: number) =>
  Array.from({ length: steps }, (_, t) =>
    Array.from({ length: width }, (_, i) => ((t * 7 + i * 5) % 11) / 5 - 1),
  );

interface Tensor {
  readonly config: { readonly keras_history: unknown[] };
}

/** `args`: of layers that are given a list. */
interface Call {
  readonly args: Tensor[][];
  kwargs: Record<string, unknown>;
}

/** The calls of a layer of Keras 3. */
function callsOf({ inbound_nodes }: WrittenLayer): Call[] {
  return inbound_nodes as Call[];
}

describe("a layer that attends", () => {
  test("to itself is part of a chain, and streams where it is causal", async () => {
    const { model, warnings } = await fromKeras(layerFile("MultiHeadAttention, causal"));
    expect(warnings).toEqual([]);
    expect(model.definition!.layers).toEqual([
      {
        layer: "multiHeadAttention",
        ...{ units: 12, heads: 3, width: 4, bias: true, causal: true, dropout: 0.2 },
      },
    ]);
    const sequence = rows(7, 4);
    const { data } = await model.predict([sequence]);
    const stream = model.stream();
    expect(sequence.flatMap((row) => [...stream.step(row)])).toEqual([...data]);
  });

  test("to a source is streamed along the steps of its query", async () => {
    const { model, unpad } = await fromKeras(layerFile("from sequence to sequence, masked before"));
    const { data: source, lengths } = unpad([0, 0, 2, 6], "source");
    const target = [[3, 1, 4]];
    const { data } = await model.predict({ source, target }, { lengths: { source: lengths! } });
    const stream = model.stream({ others: { source: [2, 6] } });
    expect(target[0]!.flatMap((token) => [...stream.step(token)])).toEqual([...data]);
  });

  test("is causal by an option of its own in older files", async () => {
    const older = editedFile(layerFile("Attention"), (layers) => {
      layers.find(({ class_name }) => class_name === "Attention")!.config.causal = true;
    });
    const newer = editedFile(layerFile("Attention"), (layers) => {
      callsOf(layers.find(({ class_name }) => class_name === "Attention")!)[0]!.kwargs.use_causal_mask = true;
    });
    const inputs = { query: [rows(3, 4)], source: [rows(5, 4)] };
    const [all, one, other] = await Promise.all(
      [layerFile("Attention"), older, newer].map(async (file) =>
        (await fromKeras(file)).model.predict(inputs),
      ),
    );
    expect(one).toEqual(other);
    expect(one).not.toEqual(all);
  });

  test("trains on, its scale too", async () => {
    const { model } = await fromKeras(layerFile("Attention by scaled sums"));
    const inputs = { query: [rows(3, 4)], source: [rows(5, 4)] };
    const before = model.parameters().map(({ path, data }) => [path, Float32Array.from(data)] as const);
    const { loss } = await model.fit(
      [{ inputs, targets: tensor(new Float32Array(12).fill(0.1), [1, 3, 4]) }],
      {
        loss: squaredError(),
        optimiser: adam(0.02),
        epochs: 40,
      },
    );
    expect(loss.at(-1)!).toBeLessThan(loss[0]! / 2);
    for (const [index, { path, data }] of model.parameters().entries()) {
      expect(data, path).not.toEqual(before[index]![1]);
    }
  });

  test("takes other weights of the same model", async () => {
    const file = layerFile("Attention with a scale");
    const { model, assign } = await fromKeras(file);
    const inputs = { query: [rows(3, 4)], source: [rows(5, 4)] };
    const before = await model.predict(inputs);
    const targets = tensor(new Float32Array(12), [1, 3, 4]);
    await model.fit([{ inputs, targets }], { loss: squaredError(), optimiser: adam(0.1) });
    const trained = await model.predict(inputs);
    expect(trained).not.toEqual(before);
    const weightsOf = (file: Uint8Array) => unzipSync(file)["model.weights.h5"]!;
    expect(() => assign(weightsOf(layerFile("Attention")))).toThrow(FormatError);
    expect(await model.predict(inputs)).toEqual(trained);
    assign(weightsOf(file));
    expect(await model.predict(inputs)).toEqual(before);
  });
});

describe("warned of is", () => {
  const masked = (layers: WrittenLayer[]) => {
    layers.find(({ class_name }) => class_name === "Embedding")!.config.mask_zero = true;
  };

  test("a scale that becomes one for each column", async () => {
    for (const name of ["with a scale", "by sums", "by scaled sums"]) {
      const { warnings } = await fromKeras(layerFile(`Attention ${name}`));
      expect(warnings).toEqual([expect.stringMatching(/^Attention "attention\w*": if it is trained here/)]);
    }
    expect((await fromKeras(layerFile("AdditiveAttention"))).warnings).toEqual([]);
    expect((await fromKeras(layerFile("AdditiveAttention without a scale"))).warnings).toHaveLength(1);
  });

  test("a mask that Keras 3 forgets behind several heads", async () => {
    const { warnings } = await fromKeras(editedFile(layerFile("blocks of a Transformer"), masked));
    expect(warnings).toEqual([
      expect.stringMatching(/^Add "add\w*": Keras 3 has forgotten the mask/),
      expect.stringMatching(/^Add "add\w*": Keras 3 has forgotten the mask/),
    ]);
    expect((await fromKeras(layerFile("MultiHeadAttention, masked after"))).warnings).toEqual([]);
  });

  test("a mask that Keras 3 does not pass on beside initial states", async () => {
    const file = editedFile(layerFile("from sequence to sequence"), (layers) => {
      for (const { class_name, config } of layers) if (class_name === "Embedding") config.mask_zero = true;
    });
    expect((await fromKeras(file)).warnings).toEqual([
      expect.stringMatching(/^LSTM "lstm\w*": Keras 3 does not pass masks on beside initial states/),
    ]);
    expect((await fromKeras(layerFile("from sequence to sequence, masked after"))).warnings).toEqual([]);
  });
});

type Refusal = readonly [
  title: string,
  file: string,
  change: (layer: WrittenLayer, layers: WrittenLayer[]) => void,
  message: string,
];

const option = (file: string, key: string, value: unknown, message: string): Refusal => [
  `${key} ${JSON.stringify(value)}`,
  file,
  ({ config }) => {
    config[key] = value;
  },
  `${key}: expected ${message}`,
];

const heads = "MultiHeadAttention by name";

describe("refused by the name of its layer is", () => {
  test.each<Refusal>([
    option(heads, "value_dim", 5, "2, as key_dim, got 5"),
    option(heads, "attention_axes", [1, 2], "the steps, got [1,2]"),
    option(heads, "use_gate", true, "false, got true"),
    option(heads, "output_shape", [3, 4], "one width, got [3,4]"),
    option(heads, "sliding_window", 1, "a whole number from 2, got 1"),
    option(heads, "num_heads", 0, "a whole number from 1 to 1048576, got 0"),
    option(heads, "dropout", 1, "a number from 0 up to, not including, 1, got 1"),
    option(heads, "kernel_quantiser", {}, "only options that are known here"),
    option("Attention", "score_mode", "cosine", "dot or concat, got cosine"),
    [
      "a key width that the weights do not have",
      heads,
      ({ config }) => {
        config.key_dim = 3;
        config.value_dim = 3;
      },
      "weight 0: expected shape [4,2,3], got [4,2,2]",
    ],
    [
      "a mask of its own",
      heads,
      (layer) => {
        callsOf(layer)[0]!.kwargs.attention_mask = callsOf(layer)[0]!.kwargs.query;
      },
      "call: expected only options that are known here, got attention_mask",
    ],
    [
      "no source",
      heads,
      (layer) => {
        const { query } = callsOf(layer)[0]!.kwargs;
        callsOf(layer)[0]!.kwargs = { query };
      },
      "expected sequences of rows of numbers, got nothing",
    ],
    [
      "a source without steps",
      "Attention",
      (layer, layers) => {
        const [inputs] = callsOf(layer)[0]!.args;
        const source = structuredClone(inputs![1]!);
        inputs![1]!.config.keras_history[0] = "pooled";
        layers.push({
          class_name: "GlobalMaxPooling1D",
          config: { name: "pooled" },
          ...{ name: "pooled", inbound_nodes: [{ args: [source], kwargs: {} }] },
        } as WrittenLayer);
      },
      "expected sequences of rows of numbers, got something else",
    ],
    [
      "keys of another width than queries",
      "Attention with keys",
      (layer) => {
        callsOf(layer)[0]!.args[0]!.splice(2, 1);
      },
      "expected keys of 4 numbers, as queries have, got 3",
    ],
    [
      "calls of which only one is causal",
      "Attention called twice",
      (layer) => {
        callsOf(layer)[1]!.kwargs.use_causal_mask = true;
      },
      "expected use_causal_mask in all calls or in none, got some of each",
    ],
    [
      "an order of steps between two inputs where some are masked",
      "from sequence to sequence, masked after",
      (layer) => {
        callsOf(layer)[0]!.kwargs.use_causal_mask = true;
      },
      "expected no mask where it matters which step of another input is which, got a mask",
    ],
    [
      "a mask that is not of what it is handed over with",
      "from sequence to sequence, masked after",
      (layer) => {
        const { args, kwargs } = callsOf(layer)[0]!;
        kwargs.mask = [null, args[0]![0]];
      },
      "expected the mask of an embedding or a masking layer before it, got one of",
    ],
    [
      "a mask that is left out",
      "from sequence to sequence, masked after",
      (layer) => {
        callsOf(layer)[0]!.kwargs.mask = [null, null];
      },
      "expected the mask of an embedding or a masking layer before it, got none",
    ],
  ])("%s", async (_, name, change, message) => {
    const file = editedFile(layerFile(name), (layers) =>
      change(layers.find(({ class_name }) => class_name.endsWith("Attention"))!, layers),
    );
    const given = fromKeras(file);
    await expect(given).rejects.toThrow(FormatError);
    await expect(given).rejects.toThrow(/Attention "\w+"/);
    await expect(given).rejects.toThrow(message);
  });

  test("a source whose steps all count, where others of its input do not", async () => {
    const layer = (class_name: string, name: string, config: object, ...inputs: readonly string[]) => ({
      ...{ class_name, name, config: { name, ...config } },
      inbound_nodes: inputs.length > 0 ? [inputs.map((input) => [input, 0, 0, {}])] : [],
    });
    const made = (source: string) => ({
      modelTopology: {
        class_name: "Functional",
        config: {
          layers: [
            layer("InputLayer", "x", { batch_input_shape: [null, null, 2] }),
            layer("Masking", "masking", { mask_value: 0 }, "x"),
            layer("Attention", "look", {}, "masking", source),
          ],
          input_layers: [["x", 0, 0]],
          output_layers: [["look", 0, 0]],
        },
      },
      weightsManifest: [],
    });
    await expect(fromKerasLayers(JSON.stringify(made("masking")), {})).resolves.toBeDefined();
    await expect(fromKerasLayers(JSON.stringify(made("x")), {})).rejects.toThrow(
      'Attention "look": expected the mask that another layer makes of the same input, got none',
    );
  });

  test("scores that are read", async () => {
    const file = editedFile(layerFile("Attention"), (layers, config) => {
      const layer = layers.find(({ class_name }) => class_name === "Attention")!;
      callsOf(layer)[0]!.kwargs.return_attention_scores = true;
      config.output_layers = [[layer.config.name, 0, 1]];
    });
    await expect(fromKeras(file)).rejects.toThrow(/output 1 of "attention\w*": expected one of 1/);
  });
});
