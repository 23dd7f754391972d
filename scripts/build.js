// Builds the package: assembly/ to binaries in build/ with a kernels.gen.ts for each, then ts/ to dist/.

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { findMemoryImport, formatKernels, parseKernels } from "./abi.js";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root); // asc takes asconfig.json from the working directory

/**
 * The sets of kernels: each is a binary of its own, so that who needs one does not load the other.
 *
 * @typedef {{ name: string, entry: string, room: string }} KernelSet
 * @type {readonly KernelSet[]}
 */
const sets = [
  { name: "kernels", entry: "assembly/index.ts", room: "ts/engine" },
  { name: "words", entry: "assembly/words/index.ts", room: "ts/words" },
];
/** @param {KernelSet} set */
const wasmOf = ({ name }) => `build/${name}.wasm`;
/** @param {KernelSet} set */
const generatedOf = ({ room }) => `${room}/kernels.gen.ts`;

/** @param {string} file */
const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

const sources = [
  "asconfig.json",
  "package-lock.json",
  "scripts/abi.js",
  "scripts/build.js",
  "assembly",
  ...readdirSync("assembly", { recursive: true, encoding: "utf8" }).map((file) => join("assembly", file)),
];
const newest = Math.max(...sources.map(modified));
for (const set of sets) {
  if (newest >= Math.min(modified(wasmOf(set)), modified(generatedOf(set)))) buildKernels(set);
}
await buildPackage();

/** @param {KernelSet} set */
function buildKernels(set) {
  const wasm = wasmOf(set);
  run("AssemblyScript", "node_modules/assemblyscript/bin/asc.js", [
    set.entry,
    ...["--config", "asconfig.json", "--target", "release", "--outFile", wasm],
  ]);

  const binary = readFileSync(wasm);
  const module = new WebAssembly.Module(binary);
  const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
  if (imports.join() !== "env.memory") {
    fail(`The kernels may import env.memory only, and import: ${imports.join(", ") || "nothing"}.`);
  }
  const { flag, initial, maximum, shared } = findMemoryImport(binary);
  if (!shared || maximum === undefined) fail("The kernels must import a shared memory.");
  const memory = new WebAssembly.Memory({ initial, maximum, shared });
  const { arena } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (!(arena instanceof WebAssembly.Global)) fail(`${set.entry} must export the constant \`arena\`.`);

  const kernels = parseKernels(readFileSync(`build/${set.name}.d.ts`, "utf8"));
  const engine = set.room === "ts/engine" ? "." : "../engine";
  const text = formatKernels({ kernels, arena: arena.value, memoryFlag: flag, binary, engine });
  const generated = generatedOf(set);
  writeFileSync(`${generated}.${process.pid}`, text);
  renameSync(`${generated}.${process.pid}`, generated);
}

async function buildPackage() {
  rmSync("dist", { recursive: true, force: true });
  const { metafile } = await esbuild
    .build({
      entryPoints: { index: "ts/index.ts", node: "ts/platform/node.ts", words: "ts/words/index.ts" },
      outdir: "dist",
      bundle: true,
      splitting: true,
      chunkNames: "chunks/[name]-[hash]",
      format: "esm",
      target: "es2022",
      platform: "neutral",
      external: ["node:*"],
      sourcemap: true,
      metafile: true,
      logLevel: "warning",
    })
    .catch(() => fail("esbuild failed."));
  for (const entry of ["dist/index.js", "dist/words.js"]) checkPortable(metafile, entry);
  for (const set of sets) copyFileSync(wasmOf(set), `dist/${set.name}.wasm`);

  run("TypeScript", "node_modules/typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
}

/**
 * These entries run in browsers, so that nothing they load statically may be a module of Node.
 *
 * @param {esbuild.Metafile} metafile
 * @param {string} entry
 */
function checkPortable(metafile, entry) {
  const seen = new Set([entry]);
  for (const file of seen) {
    for (const { path, kind, external } of metafile.outputs[file]?.imports ?? []) {
      if (external && kind === "import-statement")
        fail(`${file} imports ${path}, which browsers do not have.`);
      if (!external) seen.add(path);
    }
  }
}

/**
 * Compilers run in processes of their own: asc's dependency binaryen takes over the handling of every uncaught error.
 *
 * @param {string} compiler
 * @param {string} file
 * @param {string[]} options
 */
function run(compiler, file, options) {
  const { status } = spawnSync(process.execPath, [file, ...options], { stdio: "inherit" });
  if (status !== 0) fail(`${compiler} failed.`);
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
