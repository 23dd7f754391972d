/** Models that Keras has saved give here what they give there. */
import { describe, expect, test } from "vitest";
import { load, tensor } from "../../ts/index.js";
import { fromKeras, type Unpadded } from "../../ts/keras/index.js";
import { expectClose } from "../reference/compare.js";
import layers from "./keras/layers.json" with { type: "json" };

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

describe("layers", () => {
  test.each(layers)("$name", async ({ file, x, y }) => {
    const { model, unpad } = await fromKeras(decode(file));
    const { input } = model.network;
    const read = Object.entries(x).map(([name, { shape, data }]) => {
      const { kind } = input.named?.[name] ?? input;
      const axes = kind === "features" && shape.length === 2 ? [shape[0]!, 1, shape[1]!] : shape;
      const given = kind === "tokens" ? Uint32Array.from(data) : Float32Array.from(data);
      return [name, unpad(tensor(given, axes), input.named && name)] as const;
    });
    const [one] = read[0]!.slice(1) as [Unpadded];
    const all = <T>(of: (unpadded: Unpadded) => T) =>
      Object.fromEntries(read.map(([name, each]) => [name, of(each)]));
    const data = input.named ? all(({ data }) => data) : one.data;
    const lengths = input.named ? all(({ lengths }) => lengths) : one.lengths;
    const expected = y.shape.length === 2 ? [y.shape[0], 1, y.shape[1]] : y.shape;
    for (const net of [model, await load(model.save())]) {
      const outputs = await net.predict(data, { lengths });
      expect(outputs.shape).toEqual(expected);
      expectClose(outputs.data, y.data, 1e-6);
    }
  });
});
