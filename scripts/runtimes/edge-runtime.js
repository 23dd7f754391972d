// Answers requests by a bundled script in edge-runtime, the sandbox of Vercel's edge functions.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { EdgeRuntime } from "edge-runtime";
import * as esbuild from "esbuild";

/**
 * Bundles a script as Vercel's tools do: an import that ends in `.wasm?module` becomes a compiled module in the script's
 * scope. Gives the function that answers a request, and the bytes of script and binaries together.
 *
 * @param {string} script
 * @returns {Promise<{ bytes: number, answer(url: string, options?: RequestInit): Promise<Response> }>}
 */
export async function loadByEdgeRuntime(script) {
  /** @type {Record<string, WebAssembly.Module>} */
  const modules = {};
  let bytes = 0;
  const { outputFiles } = await esbuild.build({
    entryPoints: [script],
    write: false,
    bundle: true,
    format: "iife",
    target: "es2022",
    minify: true,
    conditions: ["edge-light", "worker", "browser"],
    loader: { ".safetensors": "binary" },
    logLevel: "warning",
    logOverride: { "ignored-bare-import": "silent" },
    plugins: [
      {
        name: "module",
        setup(build) {
          build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
            path: resolve(resolveDir, path.replace("?module", "")),
            namespace: "module",
          }));
          build.onLoad({ filter: /.*/, namespace: "module" }, async ({ path }) => {
            const binary = await readFile(path);
            const name = `wasm_${Object.keys(modules).length}`;
            modules[name] = new WebAssembly.Module(binary);
            bytes += binary.length;
            return { contents: `export default ${name};` };
          });
        },
      },
    ],
  });
  const initialCode = outputFiles[0].text;
  const runtime = new EdgeRuntime({ initialCode, extend: (context) => Object.assign(context, modules) });
  return {
    bytes: bytes + initialCode.length,
    answer: (url, options) => runtime.dispatchFetch(url, options),
  };
}
