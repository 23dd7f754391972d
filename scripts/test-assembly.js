// Runs the as-pect specs of test/assembly. Prints the whole report if one fails, and one line otherwise.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const { status, stdout, stderr } = spawnSync(process.execPath, ["node_modules/@as-pect/cli/lib/test.js"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  encoding: "utf8",
  maxBuffer: 2 ** 30,
});
const report = stripVTControlCharacters(stdout);
const [, passed, total] = /\[Tests\]: (\d+) \/ (\d+)/.exec(report) ?? [];
if (status === 0 && passed !== undefined && passed === total && passed !== "0") {
  console.log(`as-pect: ${passed} tests passed.`);
} else {
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  console.error(total === "0" ? "as-pect found no tests." : "as-pect failed.");
  process.exit(1);
}
