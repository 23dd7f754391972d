/** What is in files of Keras is told without running it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contentsOf, formatNameFor, readModel } from "../../ts/convert/index.js";
import { FormatError } from "../../ts/index.js";
import { h5, keras, tfjs } from "../../ts/keras/format.js";
import { golden, layerFile } from "./files.js";

const json = new TextEncoder().encode(golden("TensorFlow.js").json);

const known = (bytes: Uint8Array) => [keras, h5, tfjs].map((format) => format.recognises(bytes));

test("each kind of file is known by its bytes, and others are not", () => {
  for (const bytes of [golden(".keras").bytes, layerFile("GRU")]) {
    expect(known(bytes)).toEqual([true, false, false]);
  }
  for (const bytes of [golden(".h5").bytes, golden(".weights.h5").weights]) {
    expect(known(bytes)).toEqual([false, true, false]);
  }
  expect(known(json)).toEqual([false, false, true]);
  for (const bytes of [
    new Uint8Array(0),
    Uint8Array.of(0x50, 0x4b, 3, 4),
    new TextEncoder().encode('{"a":1}'),
  ]) {
    expect(known(bytes)).toEqual([false, false, false]);
  }
});

test.each([
  [".keras", "Keras archive", "/layers/dense/vars/0"],
  [".h5", "Keras model in HDF5", "/model_weights/out/sequential/out/kernel"],
])("a %s file", async (name, format, last) => {
  const contents = await keras.inspect(golden(name).bytes);
  expect(contents.format).toBe(format);
  expect(contents.about.get("keras_version")).toBe("3.15.1");
  expect(contents.layers.map(({ name, kind }) => [name, kind])).toEqual([
    ["reads", "InputLayer"],
    ["ways", "Bidirectional"],
    ["gru", "GRU"],
    ["out", "Dense"],
  ]);
  expect(contents.layers[3]!.options).toContain('"units":2');
  expect(contents.tensors).toHaveLength(11);
  expect(contents.tensors).toContainEqual({ name: last, dtype: "float of 4 bytes", shape: [4, 2] });
});

test("weights alone", async () => {
  const { format, layers, tensors } = await keras.inspect(golden(".weights.h5").weights);
  expect([format, layers.length, tensors.length]).toEqual(["weights of Keras in HDF5", 0, 11]);
});

test("a layers model", async () => {
  const { files } = golden("TensorFlow.js");
  const { layers, tensors, about } = await tfjs.inspect(json, { files });
  expect([layers.length, tensors.length, about.get("keras_version")]).toEqual([4, 11, "2.15.0"]);
  expect(tensors.at(-2)).toEqual({
    name: "out/sequential/out/kernel",
    dtype: "float of 4 bytes",
    shape: [4, 2],
  });
});

test("both read models", async () => {
  const { files } = golden("TensorFlow.js");
  for (const model of [await keras.read!(golden(".keras").bytes), await tfjs.read!(json, { files })]) {
    expect((await model.predict([[1, 2, 3]])).shape).toEqual([1, 1, 2]);
  }
});

test("the converter finds both by themselves", async () => {
  const { files } = golden("TensorFlow.js");
  expect((await contentsOf(layerFile("GRU"))).format).toBe("Keras archive");
  expect((await contentsOf(json, { files })).format).toBe("layers model of TensorFlow.js");
  expect((await readModel(golden(".h5").bytes)).size).toBe((await readModel(json, { files })).size);
  expect(["a/b.keras", "B.weights.H5", "model.json"].map(formatNameFor)).toEqual(["keras", "h5", "tfjs"]);
});

describe("whatever bytes are changed", () => {
  test.each([".keras", ".h5", ".h5 in the newest form"])(
    "of %s, what comes is a FormatError or contents",
    async (name) => {
      const { bytes } = golden(name);
      const change = fc.record({ at: fc.nat(), to: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), async (changes) => {
          const copy = bytes.slice();
          for (const { at, to } of changes) copy.set(to, at % (copy.length - 8));
          await keras.inspect(copy).catch((error) => expect(error).toBeInstanceOf(FormatError));
        }),
        { numRuns: 100, seed: 4 },
      );
    },
  );
});
