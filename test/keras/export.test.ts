/** Models of ours become files of Keras that come back with the same bits; what Keras has not is refused by its layer. */
import { describe, expect, test } from "vitest";
import type { Model } from "../../ts/index.js";
import { fromKeras, fromKerasLayers, toKeras, toKerasLayers } from "../../ts/keras/index.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { type Export, exported, outputsOf, settled } from "./exports.js";

async function expectSame(net: Model, again: Model, each: Export) {
  const { shape, data } = await outputsOf(again, each);
  const expected = await outputsOf(net, each);
  expect(shape).toEqual(expected.shape);
  if (each.exact === false) return expectClose(data, expected.data, 1e-6);
  expectSameBits(data, expected.data);
  const numbers = ({ shape, data }: { shape: readonly number[]; data: Float32Array }) => `${shape}: ${data}`;
  const all = (model: Model) => model.parameters().map(numbers).toSorted();
  expect(all(again)).toEqual(all(net));
}

describe("a model comes back with the same bits", () => {
  test.each(exported.filter(({ keras }) => keras))("$name, from a .keras file", async (each) => {
    const net = await settled(each);
    const bytes = toKeras(net);
    expect(toKeras(net)).toEqual(bytes);
    const { model: again, warnings } = await fromKeras(bytes);
    expect(warnings).toEqual([]);
    await expectSame(net, again, each);
  });

  test.each(exported.filter(({ layers }) => layers))("$name, from a layers model", async (each) => {
    const net = await settled(each);
    const { json, files } = toKerasLayers(net);
    const { model: again, warnings } = await fromKerasLayers(json, files);
    expect(warnings).toEqual([]);
    await expectSame(net, again, each);
  });
});
