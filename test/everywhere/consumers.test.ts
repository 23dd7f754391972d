/** Small programs that use the packed package by every common tool: each is built, opened, trains and predicts. */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/chromium.js";
import { installOnce } from "../../scripts/runtimes/install.js";

const timeout = 300_000;
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** The tools stay; what they make goes to `dist/`, and the package comes anew each time. */
const folder = resolve("test/consumers");
let browser: Browser;

beforeAll(async () => {
  installOnce(folder);
  rmSync(join(folder, "dist"), { recursive: true, force: true });
  mkdirSync(join(folder, "dist"));
  const packing = ["pack", "--ignore-scripts", "--silent", "--pack-destination", join(folder, "dist")];
  const tarball = execFileSync("npm", packing, { encoding: "utf8" }).trim();
  const installing = [
    "install",
    "--no-save",
    "--no-package-lock",
    "--ignore-scripts",
    "--offline",
    "--no-audit",
    `./dist/${tarball}`,
  ];
  execFileSync("npm", installing, { cwd: folder, stdio: "pipe" });
  browser = await chromium.launch(findChromium());
}, timeout);

afterAll(async () => {
  await browser?.close();
});

/** A tool of the consumers, which is not one of ours. */
// biome-ignore lint/suspicious/noExplicitAny: its types are not installed
async function tool(name: string): Promise<any> {
  const tools = createRequire(join(folder, "package.json"));
  return import(pathToFileURL(tools.resolve(name)).href);
}

/** What the page at an address has in its title once it has learned, or failed to. */
async function titleOf(address: string): Promise<string> {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  try {
    await page.goto(address);
    await page.waitForFunction(() => document.title !== "", undefined, { timeout: 60_000 });
    expect(
      asked.filter((url) => !/^(blob|data):/.test(url) && !url.startsWith(new URL(address).origin)),
    ).toEqual([]);
    return await page.title();
  } finally {
    await page.close();
  }
}

/** The title of the page of a folder, served isolated. */
async function opened(root: string): Promise<string> {
  const types: Record<string, string> = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".wasm": "application/wasm",
  };
  const server = createServer((request, response) => {
    const path = join(root, new URL(request.url!, "http://localhost").pathname);
    const file = extname(path) ? path : join(path, "index.html");
    try {
      const body = readFileSync(file);
      response
        .writeHead(200, { ...isolation, "Content-Type": types[extname(file)] ?? "text/plain" })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((done) => server.listen(0, "localhost", done));
  try {
    return await titleOf(`http://localhost:${(server.address() as { port: number }).port}/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A page that loads what a bundler made. */
function withPage(root: string, script: string): string {
  writeFileSync(join(root, "index.html"), `<!doctype html><script type="module" src="/${script}"></script>`);
  return root;
}

const learned = "learned on 2";

test("esbuild", { timeout }, async () => {
  const { build } = await tool("esbuild");
  const outdir = join(folder, "dist/esbuild");
  const options = { bundle: true, splitting: true, format: "esm", minify: true, logLevel: "warning" };
  const { warnings } = await build({ entryPoints: [join(folder, "page.js")], outdir, ...options });
  expect(warnings).toEqual([]);
  expect(await opened(withPage(outdir, "page.js"))).toBe(learned);
});

test("rollup", { timeout }, async () => {
  const { rollup } = await tool("rollup");
  const { default: resolving } = await tool("@rollup/plugin-node-resolve");
  const warnings: unknown[] = [];
  const bundle = await rollup({
    input: join(folder, "page.js"),
    plugins: [resolving({ browser: true })],
    onwarn: (warning: unknown) => warnings.push(warning),
  });
  const dir = join(folder, "dist/rollup");
  await bundle.write({ dir, format: "es" });
  await bundle.close();
  expect(warnings).toEqual([]);
  expect(await opened(withPage(dir, "page.js"))).toBe(learned);
});

test("webpack", { timeout }, async () => {
  const { default: webpack } = await tool("webpack");
  const path = join(folder, "dist/webpack");
  const options = {
    mode: "production",
    context: folder,
    entry: "./page.js",
    output: { path, filename: "page.js" },
  };
  const stats = await new Promise<{ hasErrors(): boolean; toString(): string }>((done, failed) => {
    webpack(options, (error: unknown, stats: never) => (error ? failed(error) : done(stats)));
  });
  expect(stats.hasErrors(), stats.toString()).toBe(false);
  expect(await opened(withPage(path, "page.js"))).toBe(learned);
});

describe("vite", () => {
  const settings = () => ({ root: join(folder, "vite"), configFile: false, logLevel: "error" });

  test("build", { timeout }, async () => {
    const { build } = await tool("vite");
    const outDir = join(folder, "dist/vite");
    await build({ ...settings(), build: { outDir, target: "es2022" } });
    expect(await opened(outDir)).toBe(learned);
  });

  test("dev", { timeout }, async () => {
    const { createServer } = await tool("vite");
    const server = await createServer({
      ...settings(),
      server: { port: 0, headers: isolation, fs: { allow: [folder] } },
    });
    try {
      await server.listen();
      expect(await titleOf(server.resolvedUrls.local[0])).toBe(learned);
    } finally {
      await server.close();
    }
  });
});

test("no bundler: an import map", { timeout }, async () => {
  const root = join(folder, "dist/importmap");
  cpSync(join(folder, "importmap"), root, { recursive: true });
  for (const name of ["page.js", "learn.js", "node_modules"])
    symlinkSync(join(folder, name), join(root, name));
  expect(await opened(root)).toBe(learned);
});

test("Next.js, on its server and in its page", { timeout }, async () => {
  const program = join(folder, "node_modules/next/dist/bin/next");
  const options = { cwd: join(folder, "next"), env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1" } };
  execFileSync(process.execPath, [program, "build"], { ...options, stdio: "pipe" });
  const child = spawn(process.execPath, [program, "start", "--port", "0"], options);
  try {
    const address = await new Promise<string>((done, failed) => {
      child.stdout.on("data", (data) => {
        const found = /http:\/\/localhost:\d+/.exec(String(data));
        if (found) done(found[0]);
      });
      child.once("exit", (code) => failed(new Error(`next start ended with ${code}.`)));
    });
    expect(await (await fetch(`${address}/server`)).text()).toBe(learned);
    expect(await titleOf(`${address}/`)).toBe(learned);
  } finally {
    child.kill();
  }
});

test.each([
  ["nodenext", "nodenext"],
  ["bundler", "esnext"],
])("TypeScript, by moduleResolution %s", { timeout }, (moduleResolution, module) => {
  const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2023,dom", "--module", module];
  const compiler = join(folder, "node_modules/typescript/bin/tsc");
  const args = [compiler, ...options, "--moduleResolution", moduleResolution, "typescript/program.ts"];
  expect(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" })).toBe("");
});

test("plain JavaScript in Node.js, by import and by require", { timeout }, () => {
  const run = (file: string) => execFileSync(process.execPath, [file], { cwd: folder, encoding: "utf8" });
  expect(run("node.js")).toBe(`${learned}\n`);
  expect(run("require.cjs")).toBe("1,1,1\n");
});
