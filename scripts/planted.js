// Plants errors, one at a time, in a copy of the project and expects the tests to catch each of them.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { program } from "commander";
import { errors as known } from "../test/planted/errors.js";

/** @typedef {{ caught: boolean, how: string }} Verdict */

program
  .name("npm run planted --")
  .description("Plants errors in a copy of the project and says which test catches each.")
  .option("--only <text>", "only the errors with this text in their title or file", "")
  .parse();
/** @type {{ only: string }} */
const { only } = program.opts();

const errors = known.filter(({ title, file }) =>
  `${title} ${file}`.toLowerCase().includes(only.toLowerCase()),
);
if (errors.length === 0) fail(`No error has "${only}" in its title or file.`);

const root = fileURLToPath(new URL("..", import.meta.url));
const copy = realpathSync(mkdtempSync(join(tmpdir(), "planted-")));
process.once("exit", () => rmSync(copy, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const config = "planted.config.js";
const report = join(copy, "planted.json");
const rooms = ["ts/engine", "ts/words"].map((room) => join(copy, room));
copyProject();

const start = performance.now();
configure({});
if (!build()) fail("The kernels do not build, with nothing planted.");
const generated = rooms.flatMap((room) =>
  readdirSync(room)
    .filter((file) => file.endsWith(".gen.ts"))
    .map((file) => ({ file: join(room, file), text: readFileSync(join(room, file)) })),
);
const { how } = runTests();
if (how !== "") fail(`With nothing planted, a test fails: ${how}`);
console.log(`With nothing planted, the tests pass (${seconds(start)}).`);
configure(Object.fromEntries(results().map((file) => [file.name, file.endTime - file.startTime])));

/** @type {Verdict[]} */
const verdicts = [];
for (const [index, error] of errors.entries()) {
  const start = performance.now();
  const { caught, how } = plant(error);
  verdicts.push({ caught, how });
  const count = `${String(index + 1).padStart(String(errors.length).length)}/${errors.length}`;
  const word = caught ? "caught" : "NOT CAUGHT";
  console.log(`${count}  ${word}  ${error.title} (${seconds(start)})\n       ${how}`);
  await setImmediate(); // else no signal is heard
}
summarise();

/** The project without what is made of it. */
function copyProject() {
  const left = new Set(["node_modules", ".git", "build", "dist"]);
  cpSync(root, copy, { recursive: true, filter: (source) => !left.has(relative(root, source)) });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"), "junction");
}

/**
 * Has Vitest run the tests that concern what is computed, those first that take the least time.
 *
 * @param {Record<string, number>} durations
 */
function configure(durations) {
  const settings = {
    include: [
      "test/{cells,data,decoding,golden,graph,kernels,layers,metrics,model,ops,pictures,study,training,text,words}/**/*.test.ts",
    ],
    bail: 1,
    isolate: false, // a worker for each file takes twice as long
    pool: "threads", // they end with the process, even one that does not come back
    maxWorkers: 1,
    reporters: ["json"],
    outputFile: report,
  };
  const text = `
    const durations = ${JSON.stringify(durations)};
    const time = ({ moduleId }) => durations[moduleId] ?? 0;
    class Sequencer {
      shard(files) { return files; }
      sort(files) { return files.toSorted((a, b) => time(a) - time(b)); }
    }
    const cacheDir = ".vite"; // the default is inside node_modules, which is the project's own
    export default { cacheDir, test: { ...${JSON.stringify(settings)}, sequence: { sequencer: Sequencer } } };
  `;
  writeFileSync(join(copy, config), text);
}

function build() {
  return spawnSync(process.execPath, ["scripts/build.js"], { cwd: copy }).status === 0;
}

/**
 * Runs the tests up to the first that fails; `how` is empty if none does.
 *
 * @returns {Verdict}
 */
function runTests() {
  rmSync(report, { force: true });
  const { status, signal, stderr } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", config],
    { cwd: copy, encoding: "utf8", timeout: 180_000, killSignal: "SIGKILL" },
  );
  if (signal) return { caught: false, how: "the tests do not end" };
  if (status === 0) return { caught: false, how: "" };
  const files = existsSync(report) ? results() : [];
  for (const { name, assertionResults } of files) {
    const failed = assertionResults.find(({ status }) => status === "failed");
    if (failed) return { caught: true, how: `${relative(copy, name)}: ${failed.fullName}` };
  }
  const message = files.map(({ message }) => message).find((message) => message) ?? stderr;
  return { caught: false, how: `the tests do not run: ${message.split("\n")[0]}` };
}

/** @returns {import("vitest/node").JsonTestResults["testResults"]} */
function results() {
  return JSON.parse(readFileSync(report, "utf8")).testResults;
}

/**
 * @param {(typeof known)[number]} error
 * @returns {Verdict}
 */
function plant({ file, find, replace }) {
  const path = join(copy, file);
  const source = existsSync(path) ? readFileSync(path, "utf8") : "";
  const parts = source.split(find);
  if (parts.length !== 2) {
    return { caught: false, how: `${file} has ${parts.length - 1} of what to replace: ${find}` };
  }
  writeFileSync(path, parts.join(replace));
  try {
    if (file.startsWith("assembly/") && !build()) return { caught: false, how: "the kernels do not build" };
    const verdict = runTests();
    return verdict.how === "" ? { caught: false, how: "no test fails" } : verdict;
  } finally {
    writeFileSync(path, source);
    for (const { file, text } of generated) writeFileSync(file, text);
  }
}

/** A line for each file, those errors that no test caught, and the sum; the process fails if there are such. */
function summarise() {
  const missed = errors.filter((_, index) => !verdicts[index].caught);
  const names = [...new Set(errors.map(({ file }) => file))];
  const width = Math.max(...names.map((name) => name.length));
  console.log(`\n${"file".padEnd(width)}  planted  caught`);
  for (const name of names) {
    const all = errors.filter(({ file }) => file === name).length;
    const caught = all - missed.filter(({ file }) => file === name).length;
    console.log(`${name.padEnd(width)}  ${String(all).padStart(7)}  ${String(caught).padStart(6)}`);
  }
  for (const { file, title } of missed) console.log(`\nNOT CAUGHT  ${file}: ${title}`);
  console.log(`\n${errors.length} planted, ${errors.length - missed.length} caught, in ${seconds(start)}.`);
  if (missed.length > 0) process.exitCode = 1;
}

/** @param {number} start */
function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
