// What Keras and TensorFlow.js make of the files that are written here, for exported.json:
//
//     node exported.js FOLDER PEERS && KERAS_BACKEND=torch python exported.py FOLDER
//
// FOLDER is filled; PEERS is where TensorFlow.js 4.22.0 is installed, for example bench/peers.

import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const [folder = "", peers = ""] = process.argv.slice(2);
const code = join(resolve(folder), "exports.js");
const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
await build({
  stdin: {
    contents: `export * from ${JSON.stringify(here("../../keras/exports.ts"))};
export { toKeras, toKerasLayers } from ${JSON.stringify(here("../../../ts/keras/export.ts"))};`,
    resolveDir: here("."),
  },
  ...{ bundle: true, format: "esm", platform: "node", outfile: code, logLevel: "error" },
});
const { exported, given, settled, toKeras, toKerasLayers } = await import(pathToFileURL(code).href);
const tf = createRequire(join(resolve(peers), "package.json"))("@tensorflow/tfjs");

const sha256 = (/** @type {Uint8Array | string} */ bytes) => createHash("sha256").update(bytes).digest("hex");
/** @type {object[]} */
const cases = [];
for (const each of exported) {
  const { name, keras, layers } = each;
  const net = await settled(each);
  const inputs = [...given(net, each).values()];
  if (keras) {
    const bytes = toKeras(net);
    const file = `${cases.length}.keras`;
    writeFileSync(join(folder, file), bytes);
    const x = inputs.map(({ shape, data }) => ({ shape, data: [...data] }));
    cases.push({ name, kind: "keras", sha256: sha256(bytes), file, x });
  }
  if (layers) {
    const { json, files } = toKerasLayers(net);
    const [bytes] = [...files.values()];
    const loaded = await tf.loadLayersModel(
      tf.io.fromMemory({
        ...JSON.parse(json),
        weightSpecs: JSON.parse(json).weightsManifest[0].weights,
        weightData: bytes.slice().buffer,
      }),
    );
    const x = inputs.map(({ shape, data }) =>
      data instanceof Uint32Array ? tf.tensor(Int32Array.from(data), shape, "int32") : tf.tensor(data, shape),
    );
    const y = loaded.predict(x.length === 1 ? x[0] : x);
    cases.push({
      ...{ name, kind: "layers", sha256: sha256(json + sha256(bytes)) },
      y: { shape: y.shape, data: [...y.dataSync()] },
    });
  }
}
writeFileSync(join(folder, "cases.json"), JSON.stringify(cases));
