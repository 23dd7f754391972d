// What a page downloads of other libraries to run or train an LSTM: minified, with their binaries. After `npm run bench:peers` has
// installed them: node bench/peers/sizes.js

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const room = fileURLToPath(new URL(".", import.meta.url));

/** By name: what a page imports, and the binaries that it then loads. */
const libraries = {
  "onnxruntime-web, WebAssembly (inference)": {
    source: 'export * from "onnxruntime-web/wasm";',
    binaries: ["onnxruntime-web/dist/ort-wasm-simd-threaded.wasm"],
  },
  "TensorFlow.js layers, CPU (training)": {
    source: 'export { sequential, layers, train, tensor } from "@tensorflow/tfjs";',
    binaries: [],
  },
  "TensorFlow.js layers, WebAssembly (inference)": {
    source:
      'export { sequential, layers, tensor } from "@tensorflow/tfjs"; export * from "@tensorflow/tfjs-backend-wasm";',
    binaries: ["@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"],
  },
  "jax-js (training)": { source: 'export * from "@jax-js/jax";', binaries: [] },
  "brain.js (training)": { source: 'export { recurrent } from "brain.js";', binaries: [] },
};

const kilobytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1000).toLocaleString("en")} KB`;

console.log("| library | raw | gzip | brotli |\n|---|---|---|---|");
for (const [name, { source, binaries }] of Object.entries(libraries)) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: source, resolveDir: room },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    external: [
      "fs",
      "path",
      "crypto",
      "worker_threads",
      "os",
      "perf_hooks",
      "util",
      "gpu.js",
      "node:*",
      "module",
    ],
    write: false,
    logLevel: "error",
  });
  const files = [
    ...outputFiles.map(({ contents }) => contents),
    ...binaries.map((file) => readFileSync(`${room}node_modules/${file}`)),
  ];
  const sum = (/** @type {(file: Uint8Array) => number} */ of) =>
    kilobytes(files.reduce((total, file) => total + of(file), 0));
  /** @type {((file: Uint8Array) => number)[]} */
  const measures = [
    (file) => file.length,
    (file) => gzipSync(file, { level: 9 }).length,
    (file) => brotliCompressSync(file).length,
  ];
  console.log(`| ${[name, ...measures.map(sum)].join(" | ")} |`);
}
