/** The build: the same bytes every time, and possible without any install script. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const timeout = 600_000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recurra-build-"));
  const tracked = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);
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

test("a build of a clean copy has the same bytes as this one", { timeout }, () => {
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  execFileSync(process.execPath, ["scripts/build.js"], { cwd: folder, stdio: "pipe" });
  const [here, there] = [filesOf(resolve("dist")), filesOf(join(folder, "dist"))];
  expect([...there.keys()]).toEqual([...here.keys()]);
  for (const [path, bytes] of here) expect(there.get(path) === bytes, path).toBe(true);
});

test("npm ci without scripts is enough to build", { timeout }, () => {
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit"], { cwd: folder, stdio: "pipe" });
  execFileSync(process.execPath, ["scripts/build.js"], { cwd: folder, stdio: "pipe" });
  const program =
    'import { dense, features, model } from "recurra"; console.log((await model(features(1), dense(1))).size);';
  const printed = execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: folder,
    encoding: "utf8",
  });
  expect(printed).toBe("2\n");
});
