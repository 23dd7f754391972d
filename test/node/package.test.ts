/** The package as npm would publish it: nothing but what belongs into it, readable by every tool, and whole without a network. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";

const timeout = 120_000;
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const npm = process.platform === "win32" ? "npm.cmd" : "npm";

let folder: string;
let tarball: string;
let packed: string[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recurra-package-"));
  const options = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [{ filename, files }] = JSON.parse(execFileSync(npm, options, { encoding: "utf8" }));
  tarball = join(folder, filename);
  packed = files.map(({ path }: { path: string }) => path);
}, timeout);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What may be in it, and nothing else. */
const allowed = [
  /^(LICENSE|README\.md|package\.json)$/,
  /^dist\/(index|safetensors|torch|convert|keras|onnx|recurra|csv|words|umap|browser|dom|node|terminal)\.js(\.map)?$/,
  /^dist\/(core|later-[\w-]+|part-\w+)\.js(\.map)?$/,
  /^dist\/(core|recurrences|int8)(-fast)?\.wasm$/,
  /^dist\/(attention|losses|normalise|optimisers|sparse|wiring|words)\.wasm$/,
  /^dist\/worker\.js$/,
  /^dist\/(edge-light|inference|slim|workerd)\/[\w-]+\.js$/,
  /^dist\/script\/recurra\.js$/,
  /^dist\/([\w-]+\/){0,2}[\w.-]+\.d\.ts$/,
];

test("it has only files of the kinds that are listed here", () => {
  expect(packed.filter((path) => !allowed.some((kind) => kind.test(path)))).toEqual([]);
  for (const kind of allowed) expect(packed.some((path) => kind.test(path))).toBe(true);
});

test("it depends on nothing and runs nothing when it is installed", () => {
  for (const kind of ["dependencies", "peerDependencies", "optionalDependencies", "bundledDependencies"]) {
    expect(manifest).not.toHaveProperty(kind);
  }
  for (const script of ["preinstall", "install", "postinstall"])
    expect(manifest.scripts).not.toHaveProperty(script);
});

test("every version of what it is developed with is exact", () => {
  const versions = Object.values(manifest.devDependencies);
  expect(versions.filter((version) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});

test("publint finds nothing", { timeout }, async () => {
  const { messages, pkg } = await publint({ pkgDir: ".", strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("every entry has types where there is anything to import", { timeout }, () => {
  const files = Object.entries(manifest.exports).flatMap(([name, target]) =>
    typeof target === "string" && name !== "./package.json" ? name.slice(2) : [],
  );
  const options = [tarball, "--profile", "esm-only", "--exclude-entrypoints", ...files];
  const { status, stdout } = spawnSync(
    process.execPath,
    ["node_modules/@arethetypeswrong/cli/dist/index.js", ...options],
    { encoding: "utf8" },
  );
  expect(status, stdout).toBe(0);
});

const program = `
  import { adam, dense, features, lstm, model, squaredError } from "recurra";
  const net = await model(features(1), lstm(4), dense(1));
  const examples = [{ inputs: [[1], [2]], targets: [[1], [3]] }];
  const { loss } = await net.fit(examples, { loss: squaredError(), optimiser: adam(0.05), epochs: 50 });
  console.log(loss[49] < loss[0]);`;
const node = [process.execPath, "--input-type=module", "--eval", program] as const;

const run = (command: string, ...args: readonly string[]) =>
  spawnSync(command, args, { cwd: folder, encoding: "utf8" });

test("it is installed without a script and without asking a server, and trains", { timeout }, () => {
  const shell = process.platform === "win32";
  execFileSync(npm, ["init", "--yes"], { cwd: folder, shell });
  execFileSync(npm, ["install", "--offline", "--no-audit", tarball], { cwd: folder, shell, stdio: "pipe" });
  expect(run(...node).stdout).toBe("true\n");
});

test("it trains where there is no network at all", ({ skip }) => {
  const { status, error, stderr } = run("unshare", "--net", "true");
  skip(status !== 0, `this system lets us make no network namespace: ${error ?? stderr}`);
  expect(run("unshare", "--net", ...node).stdout).toBe("true\n");
});
