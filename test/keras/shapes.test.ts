/** Layers of Keras that shape or normalise: what is warned of, and what is refused by name. */
import { describe, expect, test } from "vitest";
import { FormatError, sgd, squaredError, tensor } from "../../ts/index.js";
import { fromKeras } from "../../ts/keras/index.js";
import { editedFile, layerFile, type WrittenLayer } from "./files.js";

const edit = (
  name: string,
  className: string,
  key: string,
  value: unknown,
  more?: (layers: WrittenLayer[]) => void,
) =>
  editedFile(layerFile(name), (layers) => {
    layers.find(({ class_name }) => class_name === className)!.config[key] = value;
    more?.(layers);
  });

const anySteps = (layers: WrittenLayer[]) => {
  layers[0]!.config.batch_shape = [null, null, 3];
};

describe("refused by the name of its layer is", () => {
  test.each<[string, Uint8Array, string]>([
    [
      "another number of numbers",
      edit("Reshape to a row", "Reshape", "target_shape", [21]),
      "target_shape: expected [width] or [steps, width], got [21]",
    ],
    [
      "a row that does not come out even",
      edit("Reshape to steps", "Reshape", "target_shape", [4, -1]),
      "target_shape: expected [width] or [steps, width], got [4,-1]",
    ],
    [
      "three axes",
      edit("Reshape to steps", "Reshape", "target_shape", [1, 3, 2]),
      "target_shape: expected [width] or [steps, width], got [1,3,2]",
    ],
    [
      "an axis of no length",
      edit("Reshape to steps", "Reshape", "target_shape", [0, 2]),
      "target_shape: expected [width] or [steps, width], got [0,2]",
    ],
    [
      "steps of which nobody knows how many there are",
      edit("Reshape to a row", "Reshape", "target_shape", [-1], anySteps),
      "expected a fixed number of steps, got any",
    ],
  ])("Reshape to %s", async (_, file, message) => {
    await expect(fromKeras(file)).rejects.toThrow(FormatError);
    await expect(fromKeras(file)).rejects.toThrow(/^Reshape "reshape\w*"/);
    await expect(fromKeras(file)).rejects.toThrow(message);
  });

  test.each<[string, unknown, string]>([
    ["axis", 1, "expected normalisation over the last axis, got axis 1"],
    ["renorm", true, "renorm: expected false, got true"],
    ["scale", false, "expected 3 weights, got 4"],
  ])("BatchNormalization with %s %s", async (key, value, message) => {
    const given = fromKeras(edit("BatchNormalization", "BatchNormalization", key, value));
    await expect(given).rejects.toThrow(FormatError);
    await expect(given).rejects.toThrow(`BatchNormalization "batch_normalization"`);
    await expect(given).rejects.toThrow(message);
  });

  test("Reshape of steps that a mask leaves out", async () => {
    const file = editedFile(layerFile("BatchNormalization of padding"), (layers) => {
      const layer = layers.find(({ class_name }) => class_name === "BatchNormalization")!;
      layer.class_name = "Reshape";
      layer.config = { name: layer.config.name, target_shape: [20] };
    });
    await expect(fromKeras(file)).rejects.toThrow(
      /^Reshape "batch_normalization": expected steps that all count/,
    );
  });
});

test("a row is cut into 1024 steps and no more", async () => {
  const wide = (width: number) =>
    edit("Reshape to steps of one", "Reshape", "target_shape", [-1, 1], (layers) => {
      layers[0]!.config.batch_shape = [null, width];
    });
  await expect(fromKeras(wide(1024))).resolves.toBeDefined();
  await expect(fromKeras(wide(1025))).rejects.toThrow(/Reshape "\w+": expected at most 1024 steps, got 1025/);
});

test("batch normalisation says what is not taken again, and trains its gain and shift", async () => {
  const { model, warnings } = await fromKeras(layerFile("BatchNormalization no shift"));
  expect(warnings).toEqual([
    'BatchNormalization "batch_normalization": its statistics are not taken again if it is trained here; its gain and shift are',
  ]);
  const vectors = () => model.parameters().filter(({ path }) => path.endsWith("vector"));
  const before = vectors().map(({ data }) => Float32Array.from(data));
  expect(before).toHaveLength(2);
  const inputs = [
    [
      [1, 2, 3],
      [3, 2, 1],
    ],
  ];
  await model.fit([{ inputs, targets: tensor(new Float32Array(2), [1, 1, 2]) }], {
    loss: squaredError(),
    optimiser: sgd(0.1),
  });
  for (const [index, { data }] of vectors().entries()) expect(data).not.toEqual(before[index]);
});
