// Compiles assembly/ to the binaries of the kernels, each with the TypeScript modules that give it to the host.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findMemoryImport, formatKernels, parseKernels } from "./abi.js";
import { fail, run } from "./run.js";

/**
 * The sets of kernels: each is a binary of its own, so that who needs one does not load the others. Sets of one room work
 * over the same memory, each with its static data from `base` on. `constant`: one that the sources ask for.
 *
 * @typedef {{ name: string, entry: string, room: string, base: number, constant?: string }} KernelSet
 * @type {readonly KernelSet[]}
 */
export const sets = [
  { name: "core", entry: "assembly/sets/core.ts", room: "ts/engine", base: 1024 },
  { name: "recurrences", entry: "assembly/sets/recurrences.ts", room: "ts/engine", base: 4096 },
  { name: "attention", entry: "assembly/sets/attention.ts", room: "ts/engine", base: 6144 },
  { name: "int8", entry: "assembly/sets/int8.ts", room: "ts/engine", base: 14336, constant: "INT8" },
  { name: "losses", entry: "assembly/sets/losses.ts", room: "ts/engine", base: 8192 },
  { name: "optimisers", entry: "assembly/sets/optimisers.ts", room: "ts/engine", base: 12288 },
  { name: "wiring", entry: "assembly/sets/wiring.ts", room: "ts/engine", base: 13312 },
  { name: "sparse", entry: "assembly/sets/sparse.ts", room: "ts/engine", base: 15360 },
  { name: "normalise", entry: "assembly/sets/normalise.ts", room: "ts/engine", base: 15872 },
  { name: "words", entry: "assembly/words/index.ts", room: "ts/words", base: 1024 },
];
/** What lies behind the static data of every set. */
const ARENA = 16384;
/** The sets that are built again with the instructions of relaxed SIMD, whose results may differ from host to host. */
const relaxed = sets.filter(({ name }) => ["core", "recurrences", "int8"].includes(name));
/** @param {KernelSet} set */
const wasmOf = ({ name }) => `build/${name}.wasm`;
/** @param {KernelSet} set */
const fastOf = ({ name }) => `build/${name}-fast.wasm`;
/** @param {KernelSet} set */
const generatedOf = ({ room, name }) => `${room}/${name}.gen.ts`;
/** The module that holds a binary as text, which some bundles of the package replace by the binary itself.
 *
 * @param {string} room
 * @param {string} name
 */
const textOf = (room, name) => `${room}/${name}.wasm.gen.ts`;
const fast = "ts/engine/fast.gen.ts";
/** The sets of networks, one after another. */
const union = "ts/engine/kernels.gen.ts";

/** @param {string} file */
const modified = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);

/** The binaries by the names of their files. */
export const files = [
  ...sets.map((set) => ({ name: set.name, wasm: wasmOf(set) })),
  ...relaxed.map((set) => ({ name: `${set.name}-fast`, wasm: fastOf(set) })),
];

/** Compiles what is older than its sources. */
export function buildKernels() {
  const sources = [
    ...["asconfig.json", "package-lock.json", "scripts/abi.js", "scripts/kernels.js", "assembly"],
    ...readdirSync("assembly", { recursive: true, encoding: "utf8" }).map((file) => join("assembly", file)),
  ];
  const newest = Math.max(...sources.map(modified));
  /** @param {readonly string[]} made */
  const old = (...made) => newest >= Math.min(...made.map(modified));
  for (const set of sets) {
    if (old(wasmOf(set), textOf(set.room, set.name), generatedOf(set))) buildSet(set);
  }
  if (old(...relaxed.map(fastOf), fast)) buildFast();
  if (old(union)) buildUnion();
}

/** @param {KernelSet} set */
function buildSet(set) {
  const wasm = wasmOf(set);
  compile(set, wasm);
  const binary = readFileSync(wasm);
  const module = new WebAssembly.Module(binary);
  const imports = WebAssembly.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`);
  if (imports.join() !== "env.memory") {
    fail(`The kernels may import env.memory only, and import: ${imports.join(", ") || "nothing"}.`);
  }
  const { flag, initial, maximum } = sharedMemory(binary);
  const memory = new WebAssembly.Memory({ initial, maximum, shared: true });
  const { arena } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (!(arena instanceof WebAssembly.Global)) fail(`${set.entry} must export the constant \`arena\`.`);
  const next = Math.min(
    ARENA,
    ...sets.filter(({ room, base }) => room === set.room && base > set.base).map(({ base }) => base),
  );
  if (arena.value > next) fail(`The static data of ${set.name} reach beyond ${next}.`);

  const kernels = parseKernels(readFileSync(`build/${set.name}.d.ts`, "utf8"));
  const engine = set.room === "ts/engine" ? "." : "../engine";
  writeText(set.room, set.name, binary);
  const identity = identityOf(set.name, binary);
  const text = formatKernels({ name: set.name, kernels, arena: ARENA, memoryFlag: flag, identity, engine });
  write(generatedOf(set), text);
}

/** Not compiled here: the Node.js that builds may not have relaxed SIMD. */
function buildFast() {
  const entries = relaxed.map((set) => {
    compile(set, fastOf(set), "--enable", "relaxed-simd");
    const binary = readFileSync(fastOf(set));
    const name = `${set.name}-fast`;
    writeText(set.room, name, binary);
    const facts = `memoryFlag: ${sharedMemory(binary).flag}, identity: "${identityOf(name, binary)}"`;
    return `  ${set.name}: { ${facts}, binary: ${set.name} },`;
  });
  const lines = [
    "// Generated by scripts/build.js from assembly/ with relaxed SIMD. Do not edit.",
    ...relaxed.map(({ name }) => `import ${name} from "./${name}-fast.wasm.gen.js";`),
    'import type { Binary } from "./sets.js";',
    "",
    "/** By name of the set. */",
    "export const fast: Readonly<Record<string, Binary>> = {",
    ...entries,
    "};",
    "",
  ];
  write(fast, lines.join("\n"));
}

function buildUnion() {
  const networks = sets.filter(({ room }) => room === "ts/engine").map(({ name }) => name);
  /** @param {readonly string[]} names */
  const listOf = (names) => names.map((name) => JSON.stringify(name)).join(", ");
  const lines = [
    "// Generated by scripts/build.js from the list of sets. Do not edit.",
    ...networks.map((name) => `import type { Kernels as ${name} } from "./${name}.gen.js";`),
    "",
    "/** The kernels of networks by name: those of all sets that work over their memory. */",
    `export interface Kernels extends ${networks.join(", ")} {}`,
    "",
    "/** The sets by name, and those that are there with relaxed SIMD too. */",
    `export const names: readonly string[] = [${listOf(networks)}];`,
    `export const relaxed: readonly string[] = [${listOf(relaxed.map(({ name }) => name))}];`,
    "",
  ];
  write(union, lines.join("\n"));
}

/**
 * @param {KernelSet} set
 * @param {string} wasm
 * @param {string[]} options
 */
function compile({ entry, base, constant }, wasm, ...options) {
  run("AssemblyScript", "node_modules/assemblyscript/bin/asc.js", [
    entry,
    ...["--config", "asconfig.json", "--target", "release", "--memoryBase", `${base}`],
    ...(constant ? ["--use", `${constant}=1`] : []),
    ...["--outFile", wasm, ...options],
  ]);
}

/** @param {Buffer} binary */
function sharedMemory(binary) {
  const { flag, initial, maximum, shared } = findMemoryImport(binary);
  if (!shared || maximum === undefined) fail("The kernels must import a shared memory.");
  return { flag, initial, maximum };
}

/**
 * @param {string} room
 * @param {string} name
 * @param {Buffer} binary
 */
function writeText(room, name, binary) {
  const type = `import("${room === "ts/engine" ? "." : "../engine"}/sets.js").Binary["binary"]`;
  const lines = [
    "// Generated by scripts/build.js from assembly/. Do not edit.",
    `const binary: ${type} = "${binary.toString("hex")}";`,
    "export default binary;",
    "",
  ];
  write(textOf(room, name), lines.join("\n"));
}

/**
 * What tells a binary from every other, in a message too.
 *
 * @param {string} name
 * @param {Buffer} binary
 */
function identityOf(name, binary) {
  return `${name} ${createHash("sha256").update(binary).digest("hex").slice(0, 16)}`;
}

/**
 * A binary as the package has it in a file: importing an unshared memory, for hosts that compile it themselves have no
 * threads, and with its identity in a custom section at its end.
 *
 * @param {{ name: string, wasm: string }} file
 */
export function fileOf({ name, wasm }) {
  const binary = readFileSync(wasm);
  const identity = Buffer.from(identityOf(name, binary));
  binary[sharedMemory(binary).flag] = 1;
  const section = Buffer.from("recurra");
  const head = [0, 1 + section.length + identity.length, section.length]; // both lengths are below 128
  return Buffer.concat([binary, Buffer.from(head), section, identity]);
}

/**
 * At once, so that who reads meanwhile finds the old text or the new one.
 *
 * @param {string} file
 * @param {string} text
 */
export function write(file, text) {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}
