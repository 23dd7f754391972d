/** The build: the same bytes every time, and possible without any install script. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const timeout = 600_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recurra-build-"));
  const tracked = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" })
    .split("\0")
    .filter((file) => file && existsSync(file));
  for (const file of tracked) cpSync(file, join(folder, file));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function filesOf(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.sort().map((path) => [path.slice(root.length), readFileSync(path, "hex")]));
}

test("npm ci without scripts is enough to build a clean copy, to the same bytes as here", { timeout }, () => {
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit"], { cwd: folder, stdio: "pipe" });
  execFileSync(process.execPath, ["scripts/build.js"], { cwd: folder, stdio: "pipe" });
  const [here, there] = [filesOf(resolve("dist")), filesOf(join(folder, "dist"))];
  expect([...there.keys()]).toEqual([...here.keys()]);
  expect([...here].filter(([path, bytes]) => there.get(path) !== bytes).map(([path]) => path)).toEqual([]);
});
