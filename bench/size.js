/** What a page downloads for a job: everything it imports, minified, engine included. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { sets } from "../scripts/kernels.js";
import { result } from "./measure.js";

/** The figure to reach, in bytes. */
const LIMIT = 45_000;

/** A character model that is trained, saved and written with. */
const training = [
  ...["model", "tokens", "embedding", "lstm", "dense", "crossEntropy", "adam"],
  ...["windows", "vocabulary", "sampler"],
];

/** A model from a file may have any layer, and brings them all. */
const loading = ["load"];

export default async function size() {
  const { gzip, script } = await bundleOf(training);
  return [
    result("lm-training", "bytes gzip", [gzip], { ratios: [gzip / LIMIT], of: "45 KB" }),
    result("lm-training-brotli", "bytes brotli", [brotliCompressSync(script).length]),
    result("lm-training-raw", "bytes", [script.length]),
    result("load", "bytes gzip", [(await bundleOf(loading)).gzip]),
    ...sets.map(({ name }) => {
      const wasm = readFileSync(`build/${name}.wasm`);
      return result(`${name}-wasm`, "bytes gzip", [gzipSync(wasm, { level: 9 }).length]);
    }),
  ];
}

/** @param {string[]} names */
async function bundleOf(names) {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: {
      contents: `export { ${names.join(", ")} } from "./ts/index.ts";`,
      resolveDir: ".",
      loader: "ts",
    },
    bundle: true,
    splitting: true, // the fast kernels are a file of their own, which is loaded when they are asked for
    outdir: "size",
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true,
  });
  const parts = new Set(["size/stdin.js"]);
  for (const part of parts) {
    for (const { path, kind } of metafile.outputs[part]?.imports ?? []) {
      if (kind === "import-statement") parts.add(path);
    }
  }
  const script = Buffer.concat(
    outputFiles.filter(({ path }) => parts.has(relative(".", path))).map(({ contents }) => contents),
  );
  return { script, gzip: gzipSync(script, { level: 9 }).length };
}
