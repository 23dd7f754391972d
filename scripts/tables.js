// Writes what the tests find into the README: `npm run tables`. What it writes, the tests compare with what they find.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rows } from "./runtimes/rows.js";
import { measureSizes, sizeTable } from "./sizes.js";

/** @typedef {Record<string, { simd: string | true, relaxed: string | true, threads: string | true }>} Features By runtime. */

/**
 * The table of what each runtime can do.
 *
 * @param {Features} features
 */
export function runtimeTable(features) {
  const cell = (/** @type {string | true} */ value) => (value === true ? "yes" : `no: \`${value}\``);
  return [
    "| runtime | SIMD | relaxed SIMD | threads | how it loads |",
    "|---|---|---|---|---|",
    ...rows.flatMap(({ name, loads }) => {
      const found = features[name];
      return found
        ? `| ${name} | ${cell(found.simd)} | ${cell(found.relaxed)} | ${cell(found.threads)} | ${loads} |`
        : [];
    }),
  ].join("\n");
}

/**
 * What stands between the markers of a table in a text.
 *
 * @param {string} text
 * @param {string} name
 */
export function between(text, name) {
  const [begin, end] = [`<!-- ${name} -->\n\n`, `\n\n<!-- /${name} -->`];
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`The text has no markers for the table of ${name}.`);
  return { from, to, table: text.slice(from, to) };
}

/**
 * @param {string} file
 * @param {string} name
 * @param {string} table
 */
function replaceTable(file, name, table) {
  const text = readFileSync(file, "utf8");
  const { from, to } = between(text, name);
  writeFileSync(file, text.slice(0, from) + table + text.slice(to));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  /** @type {Features} */
  const features = {};
  for (const { name, find } of rows) {
    const { simd, relaxed, threads } = await find(2);
    features[name] = { simd, relaxed, threads };
  }
  writeFileSync("test/golden/bits/runtimes.json", `${JSON.stringify(features, null, 2)}\n`);
  replaceTable("README.md", "runtimes", runtimeTable(features));
  replaceTable("README.md", "sizes", sizeTable(await measureSizes()));
}
