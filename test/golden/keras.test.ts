/** Models that Keras has saved give here what they give there. */
import { gunzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { load, tensor } from "../../ts/index.js";
import { isZip } from "../../ts/io/zip.js";
import { fromKeras, fromKerasLayers, type KerasModel, type Unpadded } from "../../ts/keras/index.js";
import { expectClose } from "../reference/compare.js";
import attention from "./keras/attention.json" with { type: "json" };
import files from "./keras/files.json" with { type: "json" };
import keras2 from "./keras/keras2.json" with { type: "json" };
import layers from "./keras/layers.json" with { type: "json" };

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** Where a model of a case is; the kinds of files differ in what they have. */
interface Kept {
  readonly file?: string;
  readonly definition?: string;
  readonly weights?: string;
  readonly json?: string;
  readonly files?: Readonly<Record<string, string | undefined>>;
}

interface LayerCase extends Kept {
  readonly name: string;
  /** By the names of the inputs. */
  readonly x: Readonly<Record<string, Numbers>>;
  readonly y: Numbers;
}

interface FileCase extends Kept {
  readonly name: string;
  readonly x: Numbers;
  readonly y: Numbers;
}

function opened({ file, definition, weights, json, files = {} }: Kept): Promise<KerasModel> {
  if (file) {
    const bytes = decode(file);
    return fromKeras(isZip(bytes) ? bytes : gunzipSync(bytes));
  }
  if (json) {
    return fromKerasLayers(
      json,
      new Map(Object.entries(files).map(([name, bytes]) => [name, decode(bytes!)])),
    );
  }
  return fromKeras(definition!, { weights: gunzipSync(decode(weights!)) });
}

const small = (all: readonly object[]) => all as readonly LayerCase[];
const layerCases: Readonly<Record<string, readonly LayerCase[]>> = {
  layers: small(layers),
  attention: small(attention),
  "layers of Keras 2": small(keras2),
};

describe.each(Object.entries(layerCases))("%s", (_, cases) => {
  test.each(cases)("$name", async ({ x, y, ...kept }) => {
    const { model, unpad } = await opened(kept);
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
    const ends = Object.entries(all(({ lengths }) => lengths)).filter(([, lengths]) => lengths);
    const lengths = input.named ? (Object.fromEntries(ends) as Record<string, Uint32Array>) : one.lengths;
    const expected = y.shape.length === 2 ? [y.shape[0], 1, y.shape[1]] : y.shape;
    for (const net of [model, await load(model.save())]) {
      const outputs = await net.predict(data, { lengths });
      expect(outputs.shape).toEqual(expected);
      expectClose(outputs.data, y.data, 1e-6);
    }
  });
});

async function expectOutputs({ model }: KerasModel, { x, y }: FileCase) {
  const { data } = await model.predict(tensor(Float32Array.from(x.data), x.shape));
  expectClose(data, y.data, 1e-6);
}

const cases: readonly FileCase[] = files;

describe("files", () => {
  test.each(cases)("$name", async (each) => {
    await expectOutputs(await opened(each), each);
  });

  test("weights go onto a model that is there already, and back", async () => {
    const [whole, halves] = [".keras", ".weights.h5 in float16"].map(
      (wanted) => cases.find(({ name }) => name === wanted)!,
    ) as [FileCase, FileCase];
    const imported = await opened(whole);
    imported.assign(gunzipSync(decode(halves.weights!)));
    await expectOutputs(imported, halves);
    imported.assign(gunzipSync(decode(cases.find(({ name }) => name === ".weights.h5")!.weights!)));
    await expectOutputs(imported, whole);
  });
});
