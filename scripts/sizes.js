// What a page downloads for a job: everything it imports from the built package, minified, kernels included.

import { relative } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

/** What each job imports, and from where, by its name in the table. @type {Record<string, { from: string, names: string[] }>} */
export const jobs = {
  "a language model, trained, saved and written with": {
    from: "recurra",
    names: [
      ...["model", "tokens", "embedding", "lstm", "dense", "crossEntropy", "adam"],
      ...["windows", "vocabulary", "sampler"],
    ],
  },
  "an LSTM that only predicts": {
    from: "recurra/inference",
    names: ["model", "features", "lstm", "dense"],
  },
  "any model of a file that only predicts": { from: "recurra/inference", names: ["load"] },
  everything: { from: "recurra", names: ["*"] },
};

/**
 * @returns {Promise<Record<string, { raw: number, gzip: number, brotli: number }>>} In bytes, by job.
 */
export async function measureSizes() {
  const entries = Object.entries(jobs).map(async ([job, imports]) => [job, sizesOf(await bundle(imports))]);
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * The script that a page loads at once for these imports.
 *
 * @param {{ from: string, names: readonly string[] }} imports
 */
export async function bundle({ from, names }) {
  const what = names[0] === "*" ? "*" : `{ ${names.join(", ")} }`;
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: `export ${what} from "${from}";`, resolveDir: "." },
    bundle: true,
    splitting: true, // what is loaded when it is asked for is not downloaded before
    outdir: "size",
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true,
    logOverride: { "ignored-bare-import": "silent" },
  });
  const parts = new Set(["size/stdin.js"]);
  for (const part of parts) {
    for (const { path, kind } of metafile.outputs[part]?.imports ?? []) {
      if (kind === "import-statement") parts.add(path);
    }
  }
  const files = outputFiles.filter(({ path }) => parts.has(relative(".", path)));
  return Buffer.concat(files.map(({ contents }) => contents));
}

/** @param {Uint8Array} script */
function sizesOf(script) {
  const gzip = gzipSync(script, { level: 9 }).length;
  return { raw: script.length, gzip, brotli: brotliCompressSync(script).length };
}

/** @param {Record<string, { raw: number, gzip: number, brotli: number }>} sizes */
export function sizeTable(sizes) {
  const cell = (/** @type {number} */ bytes) => `${Math.round(bytes / 1000)} KB`;
  return [
    "| what a page downloads, kernels included | raw | gzip | brotli |",
    "|---|---|---|---|",
    ...Object.entries(sizes).map(([job, { raw, gzip, brotli }]) => {
      return `| ${job} | ${cell(raw)} | ${cell(gzip)} | ${cell(brotli)} |`;
    }),
  ].join("\n");
}
