/** The built package in every runtime that npm can install: what each can do, and the same bits from all of them. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { binaryOf } from "../../scripts/runtimes/binaries.js";
import { openChromium } from "../../scripts/runtimes/browsers.js";
import { loadByEdgeRuntime } from "../../scripts/runtimes/edge-runtime.js";
import { tryPages } from "../../scripts/runtimes/pages.js";
import { serveByWorkerd } from "../../scripts/runtimes/workerd.js";
import bits from "../golden/bits/trained.json" with { type: "json" };

const timeout = 120_000;

/** What a process that runs the probe on its own finds. */
async function probeBy(program: string, ...args: readonly string[]) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const part of child.stdout) text += part;
  return JSON.parse(text);
}

const everything = { simd: true, relaxed: true, threads: true, learns: true, bits };

test("Node.js, on two threads", { timeout }, async () => {
  const relaxed = Number(process.versions.node.split(".")[0]) >= 22 ? true : "no-relaxed-simd";
  expect(await probeBy(process.execPath, "test/runtimes/host.js", "2")).toEqual({ ...everything, relaxed });
});

test("Deno, without any permission, on four threads", { timeout }, async () => {
  const options = ["run", "--no-prompt", "--cached-only"];
  expect(await probeBy(binaryOf("deno"), ...options, "test/runtimes/host.js", "4")).toEqual(everything);
});

test("Bun, on two threads", { timeout }, async () => {
  expect(await probeBy(binaryOf("bun"), "test/runtimes/host.js", "2")).toEqual(everything);
});

test("Cloudflare's workerd, which compiles nothing", { timeout }, async () => {
  const { address, bytes, close } = await serveByWorkerd("test/runtimes/worker.js");
  try {
    const found = await (await fetch(`${address}/?threads=1`)).json();
    expect(found).toEqual({ ...everything, threads: "compiled" });
    expect(bytes).toBeLessThan(1e6);
  } finally {
    await close();
  }
});

test("Vercel's edge-runtime", { timeout }, async () => {
  const { answer, bytes } = await loadByEdgeRuntime("test/runtimes/edge.js");
  const found = await (await answer("http://localhost/?threads=1")).json();
  expect(found).toEqual({ ...everything, relaxed: "no-relaxed-simd", threads: "compiled" });
  expect(bytes).toBeLessThan(1e6);
});

describe("Chromium", () => {
  test("in every kind of page", { timeout }, async () => {
    const { found, asked } = await tryPages(openChromium);
    const alike = { simd: true, relaxed: true, threads: true, learns: true };
    expect(found).toEqual({
      isolated: everything,
      plain: { ...alike, threads: "not-isolated" },
      policy: { ...alike, threads: "no-workers" },
      policyWithWorker: alike,
      forbidden: expect.objectContaining({
        simd: expect.stringMatching(
          /^engine: expected leave to run WebAssembly, .* needs script-src 'wasm-unsafe-eval'/,
        ),
      }),
      files: alike,
      noFiles: expect.objectContaining({
        simd: expect.stringMatching(/^options\.kernels: expected the kernels/),
      }),
      script: { ...alike, threads: "not-isolated" },
      worker: alike,
      worklet: { simd: true, threads: "not-isolated", learns: true },
    });
    const fetched = asked.flatMap((path) => /^\/dist\/(.*)\.wasm$/.exec(path)?.[1] ?? []);
    // Once each, and only by the page that asks for them.
    const names = [
      "attention",
      "core",
      "core-fast",
      "losses",
      "optimisers",
      "recurrences",
      "recurrences-fast",
      "wiring",
    ];
    expect(fetched.sort()).toEqual(names);
  });
});

test("no entry that runs everywhere compiles text as code or imports parts of Node.js", async () => {
  for (const file of ["index.js", "words.js", "workerd/index.js", "edge-light/index.js", "slim/index.js"]) {
    const text = await readFile(`dist/${file}`, "utf8");
    expect(text).not.toMatch(/\beval\(|new Function\(|from"node:|import"node:/);
  }
});
