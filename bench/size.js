/** What a page downloads to train a character model: everything it imports, minified, engine included. */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
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
