// The program of examples/desktop/write.js as one executable: the Node.js or the Bun at hand with the program inside.

import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../site.js";
import { findBun, findPostject } from "./tools.js";

/** By it Node.js finds out that there is a program inside. */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/**
 * By Node.js itself: a single executable application.
 *
 * @param {string} file
 */
export async function writeSea(file) {
  const main = await writeProgram(file);
  const [config, blob] = [`${main}.json`, `${main}.blob`];
  const settings = { main, output: blob, disableExperimentalSEAWarning: true };
  await writeFile(config, JSON.stringify(settings));
  run(process.execPath, ["--experimental-sea-config", config]);
  await copyFile(process.execPath, file);
  await chmod(file, 0o755);
  if (process.platform === "darwin") run("codesign", ["--remove-signature", file]);
  const { inject } = findPostject();
  await inject(file, "NODE_SEA_BLOB", await readFile(blob), {
    sentinelFuse: FUSE,
    ...(process.platform === "darwin" ? { machoSegmentName: "NODE_SEA" } : {}),
  });
  if (process.platform === "darwin") run("codesign", ["--sign", "-", file]);
}

/**
 * By Bun.
 *
 * @param {string} file
 */
export async function writeBun(file) {
  const main = await writeProgram(file);
  run(findBun(), ["build", "--compile", main, "--outfile", resolve(file)]);
}

/**
 * The program with the library, the kernels and the book, as a classic script: what Node.js 20 takes.
 *
 * @param {string} file Of the executable; the script is put beside it.
 */
async function writeProgram(file) {
  const outfile = join(dirname(file), "write.cjs");
  await mkdir(dirname(file), { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["examples/desktop/write.js"],
    outfile: resolve(outfile),
    bundle: true,
    minify: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    loader: { ".txt": "text" },
    logLevel: "silent",
  });
  return outfile;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: ["ignore", 2, 2] });
  if (status !== 0) throw new Error(`${program} failed${error ? `: ${error.message}` : "."}`);
}
