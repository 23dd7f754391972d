/** What a page downloads to train a character model: everything it imports, minified, engine included. */
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { result } from "./measure.js";

/** The figure to reach, in bytes. */
const LIMIT = 40_000;

const names = [
  ...["model", "load", "tokens", "embedding", "lstm", "dense"],
  ...["crossEntropy", "adam", "windows", "vocabulary", "sampler"],
];

export default async function size() {
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: `export { ${names.join(", ")} } from "./ts/index.ts";`,
      resolveDir: ".",
      loader: "ts",
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
  });
  const script = outputFiles[0].contents;
  const wasm = readFileSync("build/kernels.wasm");
  const gzip = gzipSync(script, { level: 9 }).length;
  return [
    result("lm-training", "bytes gzip", [gzip], { ratios: [gzip / LIMIT], of: "40 KB" }),
    result("lm-training-brotli", "bytes brotli", [brotliCompressSync(script).length]),
    result("lm-training-raw", "bytes", [script.length]),
    result("kernels-wasm", "bytes gzip", [gzipSync(wasm, { level: 9 }).length]),
    result("kernels-wasm-raw", "bytes", [wasm.length]),
  ];
}
