// Runs benches by name: bundles each with the library's own modules to build/bench/, so that it can reach inside.

import { fileURLToPath, pathToFileURL } from "node:url";
import { Argument, program } from "commander";
import * as esbuild from "esbuild";
import { runtime, whole } from "./command.js";

const names = [
  "kernels",
  "infer",
  "stream",
  "int8",
  "train",
  "threads",
  "abort",
  "translate",
  "words",
  "size",
  "cold",
  "edge",
  "book",
];

program
  .name("npm run bench --")
  .description("Measures the library; all but `book` if no name is given.")
  .addArgument(new Argument("[names...]", "what to measure").choices(names))
  .option("--json", "print one JSON object for each bench instead of a table")
  .option("--rounds <number>", "how often to measure each case", whole)
  .option("--seconds <number>", "how long `book` trains", whole)
  .parse();
const { json, ...options } = program.opts();

process.chdir(fileURLToPath(new URL("..", import.meta.url))); // the benches name files from here

for (const bench of program.args.length > 0 ? program.args : names.filter((name) => name !== "book")) {
  const results = await run(bench);
  if (json) console.log(JSON.stringify({ bench, runtime, results }));
  else console.log(`${bench} (${runtime})\n\n${table(results)}\n`);
}

/**
 * @param {string} bench
 * @returns {Promise<import("./measure.js").Result[]>}
 */
async function run(bench) {
  const outfile = `build/bench/${bench}.js`;
  await esbuild.build({
    entryPoints: [`bench/${bench}.js`],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "warning",
  });
  const { default: measure } = await import(pathToFileURL(outfile).href);
  return measure(options);
}

/** @param {import("./measure.js").Result[]} results */
function table(results) {
  const rows = [
    ["id", "median", "p99", "unit", "ratio", "of"],
    ...results.map(({ id, unit, median, p99, ratio, of }) => [
      id,
      digits(median),
      digits(p99),
      unit,
      ratio === null ? "" : ratio.toFixed(2),
      of ?? "",
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const numeric = new Set([1, 2, 4]);
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          numeric.has(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** @param {number} value */
function digits(value) {
  return Number.isInteger(value) || value >= 1e4 ? value.toFixed(0) : value.toPrecision(4);
}
