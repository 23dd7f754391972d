// Makes programs for the desktop that need no network: `npm run desktop -- html | pwa | sea | bun | window`.

import { spawnSync } from "node:child_process";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { writeBun, writeSea } from "./desktop/executable.js";
import { oneFile } from "./desktop/html.js";
import { writePwa } from "./desktop/pwa.js";
import { findBun } from "./desktop/tools.js";
import { root } from "./site.js";

const suffix = process.platform === "win32" ? ".exe" : "";

const program = new Command("npm run desktop --")
  .description("Makes programs for the desktop that need no network, in build/desktop or where --out says.")
  .helpCommand(false);
form("html", "one page that opens from a disk", writeHtml);
form(
  "pwa",
  "a folder for any static host: installable, isolated, offline after the first visit",
  async (out) => {
    await writePwa(join(out, "pwa"));
    return join(out, "pwa");
  },
);
form("sea", "a command in one executable, by Node.js", async (out) => {
  await writeSea(join(out, "sea", `write${suffix}`));
  return join(out, "sea", `write${suffix}`);
});
form("bun", "a command in one executable, by Bun", async (out) => {
  await writeBun(join(out, "bun", `write${suffix}`));
  return join(out, "bun", `write${suffix}`);
});
form("window", "the page in a window of the system's web view", async (out) => {
  const file = await writeHtml(out);
  const { status } = spawnSync(findBun(), [join(root, "scripts/desktop/window.js"), file], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error("The window did not open. What it needs: examples/desktop/README.md");
  return file;
});

try {
  await program.parseAsync();
} catch (error) {
  console.error(`error: ${/** @type {Error} */ (error).message}\nIs the library built? npm run build`);
  process.exitCode = 1;
}

/**
 * @param {string} name
 * @param {string} about
 * @param {(out: string) => Promise<string>} make Gives the file or folder that it made.
 */
function form(name, about, make) {
  program
    .command(name)
    .description(about)
    .option("--out <folder>", "where to put it", join(root, "build/desktop"))
    .action(async ({ out }) => {
      const made = await make(out);
      console.log(`${made}  ${(await sizeOf(made)).toLocaleString("en")} bytes`);
    });
}

/** @param {string} out */
async function writeHtml(out) {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "recurra.html"), await oneFile());
  return join(out, "recurra.html");
}

/**
 * Of a file, or of the files of a folder.
 *
 * @param {string} path
 * @returns {Promise<number>}
 */
async function sizeOf(path) {
  const found = await stat(path);
  if (found.isFile()) return found.size;
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}
