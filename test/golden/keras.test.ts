/** Models that Keras has saved give here what they give there. */
import { describe, expect, test } from "vitest";
import { load, tensor } from "../../ts/index.js";
import { fromKeras } from "../../ts/keras/index.js";
import { expectClose } from "../reference/compare.js";
import layers from "./keras/layers.json" with { type: "json" };

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

describe("layers", () => {
  test.each(layers)("$name", async ({ file, x, y }) => {
    const { model, unpad } = await fromKeras(decode(file));
    const { kind } = model.network.input;
    const steps = kind === "features" && x.shape.length === 2 ? [x.shape[0]!, 1, x.shape[1]!] : x.shape;
    const given = kind === "tokens" ? Uint32Array.from(x.data) : Float32Array.from(x.data);
    const { data, lengths } = unpad(tensor(given, steps));
    const expected = y.shape.length === 2 ? [y.shape[0], 1, y.shape[1]] : y.shape;
    for (const net of [model, await load(model.save())]) {
      const outputs = await net.predict(data, { lengths });
      expect(outputs.shape).toEqual(expected);
      expectClose(outputs.data, y.data, 1e-6);
    }
  });
});
