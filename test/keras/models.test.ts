/** Models from files of Keras are like any other here; what cannot be taken over is refused by the name of its layer. */
import fc from "fast-check";
import { strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { adam, FormatError, InputError, squaredError, tensor } from "../../ts/index.js";
import { fromKeras, fromKerasLayers, type KerasLimits } from "../../ts/keras/index.js";
import { edited, editedFile, golden, layerFile, type WrittenLayer } from "./files.js";

const { definition, weights } = golden(".weights.h5");
const rows = (steps: number, width: number) =>
  Array.from({ length: steps }, (_, t) =>
    Array.from({ length: width }, (_, i) => ((t * 7 + i * 5) % 11) / 5 - 1),
  );

describe("a model from elsewhere", () => {
  test("streams what it predicts", async () => {
    const { model } = await fromKeras(layerFile("GRU sequences"));
    const sequence = rows(9, 3);
    const { data } = await model.predict([sequence]);
    const stream = model.stream();
    expect(sequence.flatMap((row) => [...stream.step(row)])).toEqual([...data]);
  });

  test("trains on", async () => {
    const { model } = await fromKeras(layerFile("states"));
    const inputs = [rows(5, 3), rows(6, 3).slice(1)];
    const { loss } = await model.fit(
      [{ inputs, targets: tensor(new Float32Array(20).fill(0.5), [2, 5, 2]) }],
      {
        loss: squaredError(),
        optimiser: adam(0.02),
        epochs: 30,
      },
    );
    expect(loss.at(-1)!).toBeLessThan(loss[0]! / 10);
  });

  test("is a chain of layers where it is one, with the paths of one", async () => {
    const { model, warnings } = await fromKeras(golden(".keras").bytes);
    expect(warnings).toEqual([]);
    expect(model.definition!.layers.map(({ layer }) => layer)).toEqual([
      "bidirectional",
      "gru",
      "last",
      "dense",
    ]);
    expect(model.parameters()[0]!.path).toBe("0.bidirectional.0.lstm.weightInput");
  });

  test("says what is lost", async () => {
    const changed = edited(definition, (layers) => {
      layers[2]!.config.kernel_regularizer = { class_name: "L2", config: { l2: 0.01 } };
      layers[2]!.config.stateful = true;
      layers[3]!.config.dtype = { class_name: "DTypePolicy", config: { name: "mixed_float16" } };
      layers[3]!.config.trainable = false;
    });
    const { warnings } = await fromKeras(changed, { weights });
    expect(warnings).toEqual([
      'GRU "gru": stateful: streams and windows carry the state, predict begins anew',
      'GRU "gru": kernel_regularizer acts in training and is not taken over',
      'Dense "out": mixed_float16 is computed in float32',
      'Dense "out": trainable is false; freeze it by a group of training with rate 0',
    ]);
  });

  test("keeps what comes between the steps while training", async () => {
    const { model } = await fromKeras(layerFile("LSTM dropout"));
    expect(model.definition!.layers).toEqual([
      { layer: "dropout", rate: 0.3, perSequence: true },
      expect.objectContaining({ layer: "lstm", units: 4, recurrentDropout: 0.2 }),
      { layer: "last" },
    ]);
  });

  test("has the parameters of a model in it once, however often that is called", async () => {
    const { model } = await fromKeras(layerFile("one model called twice"));
    const count = model.parameters().reduce((sum, { data }) => sum + data.length, 0);
    expect(count).toBe(3 * 3 + 3 + 4 * (3 * 3 + 3 * 3 + 3));
  });

  test("leaves a frozen table as it is", async () => {
    const { model } = await fromKeras(layerFile("Embedding frozen"));
    expect(model.definition!.layers[0]).toEqual({ layer: "embedding", units: 4, frozen: true });
  });
});

describe("masks", () => {
  test("steps of padding are taken out of tokens, wherever they are", async () => {
    const { unpad } = await fromKeras(layerFile("mask_zero after"));
    const { data, lengths } = unpad([
      [0, 3, 0, 1],
      [0, 0, 0, 0],
      [1, 2, 3, 4],
    ]);
    expect(data).toEqual({ shape: [3, 4], data: Uint32Array.of(3, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4) });
    expect(lengths).toEqual(Uint32Array.of(2, 0, 4));
  });

  test("and of rows only where all numbers are the masked one", async () => {
    const { unpad } = await fromKeras(layerFile("Masking"));
    const { data, lengths } = unpad([
      [-1, -1, -1],
      [-1, 2, -1],
    ]);
    expect([...data.data]).toEqual([-1, 2, -1, 0, 0, 0]);
    expect(lengths).toEqual(Uint32Array.of(1));
  });

  test("without a mask every step stays", async () => {
    const { unpad } = await fromKeras(layerFile("Embedding"));
    expect(unpad([0, 1, 0])).toEqual({
      data: { shape: [1, 3], data: Uint32Array.of(0, 1, 0) },
      lengths: undefined,
    });
  });

  test("are one for each input", async () => {
    const { model, unpad } = await fromKeras(layerFile("two inputs"));
    expect(unpad([0, 1, 0], "source").lengths).toEqual(Uint32Array.of(1));
    expect(unpad([0, 1, 0], "target").lengths).toBeUndefined();
    expect(Object.keys(model.network.input.named!)).toEqual(["target", "source"]); // outputs go along with the first
    expect(() => unpad([0], "elsewhere")).toThrow(InputError);
  });
});

/** The layers of a Sequential model: reads, ways (Bidirectional of LSTM), gru, out (Dense). */
const refusals: readonly [title: string, change: (layers: WrittenLayer[]) => void, message: string][] = [
  [
    "a layer that is not here",
    ([, ways]) => {
      ways!.class_name = "ConvLSTM3D";
    },
    'ConvLSTM3D "ways": expected one of ',
  ],
  [
    "a layer of somebody's own",
    ([, ways]) => {
      ways!.registered_name = "mine>Ways";
    },
    "expected a layer of Keras, got Bidirectional of mine>Ways",
  ],
  [
    "a layer of another module",
    ([, , gru]) => {
      gru!.module = "os";
    },
    "expected a layer of Keras, got GRU of os",
  ],
  [
    "an option that is not known",
    ([, , gru]) => {
      gru!.config.peephole = true;
    },
    'GRU "gru" peephole: expected only options that are known here, got true',
  ],
  [
    "an activation that is not here",
    ([, , , out]) => {
      out!.config.activation = "exponential";
    },
    'Dense "out" activation: expected one of ',
  ],
  [
    "an activation that a cell cannot have",
    ([, , gru]) => {
      gru!.config.activation = "gelu";
    },
    'GRU "gru" activation: expected a function whose derivative follows from its result, got gelu',
  ],
  [
    "another number of units than the weights have",
    ([, , gru]) => {
      gru!.config.units = 5;
    },
    'GRU "gru" weight 0: expected shape [8,15], got [8,12]',
  ],
  [
    "a bias that the weights lack",
    ([, , gru]) => {
      gru!.config.reset_after = false;
    },
    'GRU "gru" weight 2: expected shape [12], got [2,12]',
  ],
  [
    "fewer weights than there are",
    ([, , , out]) => {
      out!.config.use_bias = false;
    },
    'Dense "out": expected 1 weights, got 2',
  ],
  [
    "an unknown merge",
    ([, ways]) => {
      ways!.config.merge_mode = "subtract";
    },
    'Bidirectional "ways" merge_mode: expected concat, sum, mul, ave or null, got subtract',
  ],
  [
    "a rate that is none",
    ([, , gru]) => {
      gru!.config.dropout = 1;
    },
    'GRU "gru" dropout: expected a number from 0 up to, not including, 1, got 1',
  ],
  [
    "steps that come first",
    ([, , gru]) => {
      gru!.config.time_major = true;
    },
    'GRU "gru" time_major: expected nothing, got true',
  ],
  [
    "recurrent layers without steps",
    (layers) => {
      (layers[1]!.config.layer as WrittenLayer).config.return_sequences = false;
      (layers[1]!.config.backward_layer as WrittenLayer).config.return_sequences = false;
    },
    'GRU "gru": expected a sequence of rows of numbers, got something else',
  ],
  [
    "two layers of one name",
    ([, , gru, out]) => {
      out!.config.name = gru!.config.name;
    },
    "expected a name of its own for every layer, got one twice",
  ],
  [
    "another shape of the input",
    ([reads]) => {
      reads!.config.batch_shape = [null, null, null, 3];
    },
    'InputLayer "reads" batch_shape: expected [batch, width], [batch, steps] or [batch, steps, width]',
  ],
];

describe("refused before anything runs", () => {
  test.each(refusals)("%s", async (_, change, message) => {
    const given = fromKeras(edited(definition, change), { weights });
    await expect(given).rejects.toThrow(FormatError);
    await expect(given).rejects.toThrow(message);
  });

  test("a model that is a class of its own", async () => {
    await expect(fromKeras('{"class_name":"Translator","config":{}}', { weights })).rejects.toThrow(
      "expected a Sequential or Functional model, got Translator",
    );
  });

  test("one bit of a weight that is another than when it was saved", async () => {
    const stored = zipSync(unzipSync(golden(".keras").bytes), { level: 0 });
    stored[stored.length - 1000]! ^= 2;
    await expect(fromKeras(stored)).rejects.toThrow(
      /^.keras archive\["model.weights.h5"\]: expected bytes with the CRC-32 .* — the file is damaged$/,
    );
  });

  test("a definition without weights, and weights without a definition", async () => {
    await expect(fromKeras(definition)).rejects.toThrow(
      "weights: expected weights with the definition, got none",
    );
    await expect(fromKeras(weights)).rejects.toThrow(
      "give the definition first and these as options.weights",
    );
  });

  test("several outputs, unless one is chosen", async () => {
    const two = editedFile(layerFile("states"), (_, config) => {
      config.output_layers = [
        ["dense_1", 0, 0],
        ["lstm", 0, 1],
      ];
    });
    await expect(fromKeras(two)).rejects.toThrow("expected one output, got 2");
    const { model } = await fromKeras(two, { output: 1 });
    expect((await model.predict(rows(5, 3))).shape).toEqual([1, 1, 4]);
    await expect(fromKeras(two, { output: 2 })).rejects.toThrow("expected an output below 2, got 2");
  });

  test("layers that wait for each other", async () => {
    const circle = editedFile(layerFile("states"), (layers) => {
      const read = JSON.stringify(layers.find(({ config }) => config.name === "dense")!.inbound_nodes);
      layers.find(({ config }) => config.name === "dense")!.inbound_nodes = JSON.parse(
        read.replace('"input_layer"', '"dense_1"'),
      );
    });
    await expect(fromKeras(circle)).rejects.toThrow("expected inputs that other layers give, got none such");
  });

  test("a mask that one layer makes and another does not see", async () => {
    const embedding = (name: string, mask_zero: boolean) => ({
      class_name: "Embedding",
      name,
      config: { name, input_dim: 4, output_dim: 2, mask_zero },
      inbound_nodes: [[["x", 0, 0, {}]]],
    });
    const made = (masked: boolean) => ({
      modelTopology: {
        class_name: "Functional",
        config: {
          layers: [
            {
              class_name: "InputLayer",
              name: "x",
              config: { batch_input_shape: [null, null] },
              inbound_nodes: [],
            },
            embedding("a", true),
            embedding("b", masked),
            {
              class_name: "Add",
              name: "c",
              config: {},
              inbound_nodes: [
                [
                  ["a", 0, 0],
                  ["b", 0, 0],
                ],
              ],
            },
          ],
          input_layers: [["x", 0, 0]],
          output_layers: [["c", 0, 0]],
        },
      },
      weightsManifest: [
        {
          paths: ["file"],
          weights: ["a", "b"].map((name) => ({
            name: `${name}/embeddings`,
            shape: [4, 2],
            dtype: "float32",
          })),
        },
      ],
    });
    const open = (masked: boolean) =>
      fromKerasLayers(JSON.stringify(made(masked)), { file: new Uint8Array(64) });
    await expect(open(true)).resolves.toBeDefined();
    await expect(open(false)).rejects.toThrow(
      'Embedding "b": expected the mask that another layer makes of the same input, got none',
    );
  });

  test("a mask that is handed over from elsewhere", async () => {
    const unmasked = editedFile(layerFile("mask_zero functional"), (layers) => {
      layers.find(({ class_name }) => class_name === "Embedding")!.config.mask_zero = false;
    });
    await expect(fromKeras(unmasked)).rejects.toThrow(
      'LSTM "lstm": expected the mask of an embedding or a masking layer before it, got one of "not_equal"',
    );
  });

  test("files of TensorFlow.js that are not given, of another length, or quantised", async () => {
    const { json, files } = golden("TensorFlow.js");
    await expect(fromKerasLayers(json, {})).rejects.toThrow(
      'expected the file "group1-shard1of2.bin", got none of this name among those given',
    );
    const short = new Map(files).set("group1-shard2of2.bin", new Uint8Array(4));
    await expect(fromKerasLayers(json, short)).rejects.toThrow(FormatError);
    const long = new Map(files).set("group1-shard2of2.bin", new Uint8Array(100_000));
    await expect(fromKerasLayers(json, long)).rejects.toThrow("bytes in its files, got");
    const quantised = json.replaceAll(
      '"dtype": "float32"}',
      '"dtype": "float32", "quantization": {"dtype": "uint8"}}',
    );
    await expect(fromKerasLayers(quantised, files)).rejects.toThrow(
      "expected float32, got quantised numbers",
    );
    await expect(fromKerasLayers('{"format":"graph-model","modelTopology":{}}', files)).rejects.toThrow(
      "expected a layers model, got graph-model",
    );
  });

  test("weights whose names begin with that of the model are found by their layers", async () => {
    const { json, files } = golden("TensorFlow.js");
    const inModel = json.replace(/"(ways|gru|out)\/sequential\//g, '"sequential/');
    expect(inModel).not.toBe(json);
    const [one, other] = [await fromKerasLayers(json, files), await fromKerasLayers(inModel, files)];
    expect(other.model.parameters()).toEqual(one.model.parameters());
  });

  test("names that climb out of a folder or lead elsewhere are names only", async () => {
    const { json, files } = golden("TensorFlow.js");
    const named = json.replace("group1-shard1of2.bin", "https://example.org/../../etc/passwd");
    await expect(fromKerasLayers(named, files)).rejects.toThrow("none of this name among those given");
    const given = new Map(files).set(
      "https://example.org/../../etc/passwd",
      files.get("group1-shard1of2.bin")!,
    );
    await expect(fromKerasLayers(named, given)).resolves.toBeDefined();
  });

  test("limits that are none", async () => {
    await expect(fromKeras(definition, { weights, limits: { layers: -1 } })).rejects.toThrow(InputError);
    const misspelt = { layer: 1 } as Partial<KerasLimits>;
    await expect(fromKeras(definition, { weights, limits: misspelt })).rejects.toThrow(InputError);
  });
});

describe("limits", () => {
  const { bytes } = golden(".keras");
  const parts = unzipSync(bytes);
  const sizes = Object.values(parts).reduce((sum, { length }) => sum + length, 0);
  const brackets = [...new TextDecoder().decode(parts["config.json"])].reduce(
    ([depth, most], mark) => {
      const now = depth! + (/[[{]/.test(mark) ? 1 : /[\]}]/.test(mark) ? -1 : 0);
      return [now, Math.max(most!, now)];
    },
    [0, 0],
  )[1]!;

  test.each<[keyof KerasLimits, number]>([
    ["unpackedBytes", sizes],
    ["entries", 3],
    ["definitionBytes", Math.max(parts["config.json"]!.length, 64)],
    ["layers", 4],
    ["depth", brackets],
    ["rank", 2],
  ])("of %s: %i and more", async (limit, least) => {
    for (const enough of [least, least + 1]) {
      await expect(fromKeras(bytes, { limits: { [limit]: enough } })).resolves.toBeDefined();
    }
    const refused = fromKeras(bytes, { limits: { [limit]: least - 1 } });
    await expect(refused).rejects.toThrow(FormatError);
    await expect(refused).rejects.toThrow(`at most ${least - 1} `);
  });

  test("an archive that claims to unpack to more than it may is not unpacked", async () => {
    const bomb = zipSync({ ...parts, "model.weights.h5": new Uint8Array(40_000_000) });
    expect(bomb.length).toBeLessThan(100_000);
    await expect(fromKeras(bomb)).rejects.toThrow("unpacked bytes, got");
  });

  test("other files in an archive are left alone", async () => {
    const more = zipSync({ ...parts, "assets/big": new Uint8Array(40_000_000) });
    await expect(fromKeras(more)).resolves.toBeDefined();
  });
});

/** Either a model or a FormatError. */
async function expectSound(opening: Promise<unknown>) {
  try {
    await opening;
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
  }
}

describe("whatever is changed in a file, what comes is a FormatError or a model", () => {
  const prototype = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  const change = fc.record({ at: fc.nat(), to: fc.uint8Array({ minLength: 1, maxLength: 6 }) });
  const changes = fc.array(change, { minLength: 1, maxLength: 4 });
  const changed = (bytes: Uint8Array, list: readonly { at: number; to: Uint8Array }[]) => {
    const copy = bytes.slice();
    for (const { at, to } of list) copy.set(to, at % (copy.length - 6));
    return copy;
  };
  const json = fc.jsonValue({ maxDepth: 3 });
  const place = fc.tuple(fc.nat(), json);
  /** Sets a value anywhere in a document. */
  const planted = (text: string, at: number, value: unknown) => {
    const places: [object, string][] = [];
    const document = JSON.parse(text, function (this: object, key, value) {
      places.push([this, key]);
      return value;
    });
    const [holder, key] = places[at % (places.length - 1)]!;
    Object.assign(holder, { [key]: value });
    return JSON.stringify(document);
  };

  test.each([".keras", ".h5", ".h5 of Keras 2", ".h5 in the newest form"])("bytes of %s", async (name) => {
    const { bytes } = golden(name);
    await fc.assert(
      fc.asyncProperty(changes, (list) => expectSound(fromKeras(changed(bytes, list)))),
      { numRuns: 100, seed: 5 },
    );
  });

  test("bytes of weights", async () => {
    await fc.assert(
      fc.asyncProperty(changes, (list) =>
        expectSound(fromKeras(definition, { weights: changed(weights, list) })),
      ),
      { numRuns: 100, seed: 6 },
    );
  });

  test("values in a definition", async () => {
    await fc.assert(
      fc.asyncProperty(place, ([at, value]) =>
        expectSound(fromKeras(planted(definition, at, value), { weights })),
      ),
      { numRuns: 150, seed: 7 },
    );
  });

  test("values in a layers model", async () => {
    const { json: text, files } = golden("TensorFlow.js, wired");
    await fc.assert(
      fc.asyncProperty(place, ([at, value]) => expectSound(fromKerasLayers(planted(text, at, value), files))),
      { numRuns: 150, seed: 8 },
    );
  });

  test("anything at all", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array(),
          json.map((value) => strToU8(JSON.stringify(value))),
        ),
        (bytes) => expectSound(fromKeras(bytes)),
      ),
      { numRuns: 150, seed: 9 },
    );
  });

  test("and no object has got anything from it", () => {
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(prototype);
  });
});
