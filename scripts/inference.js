// The part of the library that predicts: leaves out of a bundle whatever trains, and out of the binaries its kernels.

import { mkdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { findMemoryImport } from "./abi.js";
import { fail, run } from "./run.js";

/** The kernels that only training calls. */
const trains =
  /Backward$|Gradient$|^(sgd|adam|adamax|rmsprop|adadelta|lion|lasso|follow|bound|dropout|transposePanels)$|^(crossEntropy|distribution|binary|residual|cosine|ctc|crf)Forward$/;

/** The sources that have a part which only training calls. */
const sources = /[\\/]ts[\\/](ops|cells|layers)[\\/][\w-]+\.ts$/;

/** Modules that only training needs. */
const modules = /\/(training\/train|training\/history|evaluate|differentiate)\.js$/;

/** @returns {import("esbuild").Plugin} */
export function withoutTraining() {
  return {
    name: "without training",
    setup(build) {
      const stub = resolve("ts/model/no-training.ts");
      build.onResolve({ filter: modules }, () => ({ path: stub }));
      build.onLoad({ filter: sources }, ({ path }) => {
        return { contents: withoutBackward(readFileSync(path, "utf8")), loader: "ts" };
      });
      build.onLoad({ filter: /\.gen\.ts$/ }, ({ path }) => {
        const name = /(\w+)\.gen\.ts$/.exec(path)?.[1] ?? "";
        const contents = readFileSync(path, "utf8");
        if (!contents.includes("export const kernels")) return undefined;
        return { contents: withoutKernels(contents, forwardOf(name)), loader: "ts" };
      });
    },
  };
}

/**
 * A source whose methods that emit the backward pass do nothing. Their ends are found by their indentation, which is the
 * formatter's and therefore checked.
 *
 * @param {string} text
 */
function withoutBackward(text) {
  return text.replace(/^( +)(\w*[bB]ackward|finish)\(.*\) \{\n(?:.*\n)*?\1\}/gm, "$1$2() {}");
}

/**
 * The table of a set of kernels without those that train, with the binary that has none of them either.
 *
 * @param {string} text
 * @param {Buffer} binary
 */
function withoutKernels(text, binary) {
  const flag = findMemoryImport(binary).flag;
  return text
    .replace(/^ {4}(\w+): ".*",\n/gm, (line, kernel) => (trains.test(kernel) ? "" : line))
    .replace(/^import binary from .*$/m, `const binary = "${binary.toString("hex")}";`)
    .replace(/^ {2}memoryFlag: \d+,$/m, `  memoryFlag: ${flag},`);
}

/**
 * The binary of a set without the kernels that train, made anew when the whole one is newer.
 *
 * @param {string} name
 */
function forwardOf(name) {
  const [whole, forward] = [`build/${name}.wasm`, join("build/forward", `${name}.wasm`)];
  mkdirSync("build/forward", { recursive: true });
  const script = fileURLToPath(new URL("forward.js", import.meta.url));
  const needed = Math.max(
    ...[whole, script, fileURLToPath(import.meta.url)].map((file) => statSync(file).mtimeMs),
  );
  const made = statSync(forward, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (needed >= made) run("binaryen", script, [whole, forward, trains.source]);
  const binary = readFileSync(forward);
  if (binary.length === 0) fail(`${forward} is empty.`);
  return binary;
}
