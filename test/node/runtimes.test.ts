/** The built package in every runtime that npm can install: what each can do, and the same bits from all of them. */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openChromium } from "../../scripts/runtimes/browsers.js";
import { tryPages } from "../../scripts/runtimes/pages.js";
import { rows } from "../../scripts/runtimes/rows.js";
import features from "../golden/bits/runtimes.json" with { type: "json" };
import bits from "../golden/bits/trained.json" with { type: "json" };

const timeout = 120_000;

const everything = { simd: true, relaxed: true, threads: true, learns: true, bits };

const carried = rows.filter(({ name, carried }) => carried && !name.startsWith("Chromium"));

test.each(carried)("$name", { timeout }, async ({ name, alone, find }) => {
  const expected = (features as Record<string, object>)[name];
  expect(await find(alone ? 1 : 2)).toEqual({ ...expected, learns: true, bits });
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
      "normalise",
      "optimisers",
      "recurrences",
      "recurrences-fast",
      "sparse",
      "wiring",
    ];
    expect(fetched.sort()).toEqual(names);
  });
});

describe("Node.js that lacks something says what:", () => {
  const program = `
    const { dense, features, lstm, model, tensor } = await import("recurra");
    try {
      const net = await model(features(64), lstm(128), dense(1), { threads: 2 });
      await net.predict(tensor(new Float32Array(64 * 64 * 16), [16, 64, 64]));
      console.log(net.threads.reason);
    } catch (error) {
      console.log(error.name, error.message);
    }`;
  const say = (...options: readonly string[]) =>
    spawnSync(process.execPath, [...options, "--input-type=module", "--eval", program], { encoding: "utf8" })
      .stdout;

  test("no WebAssembly", { timeout }, () => {
    expect(say("--jitless")).toMatch(/^EngineError engine: .* got a host without WebAssembly/);
  });

  test("no leave to start workers", { timeout }, () => {
    const release = Number(process.versions.node.split(".")[0]);
    const permission = release < 24 ? "--experimental-permission" : "--permission";
    expect(say(permission, "--allow-fs-read=*")).toBe("no-workers\n");
  });
});

test("no entry that runs everywhere compiles text as code or imports parts of Node.js", async () => {
  for (const file of [
    "index.js",
    "words.js",
    "workerd/index.js",
    "edge-light/index.js",
    "slim/index.js",
    "inference/index.js",
  ]) {
    const text = await readFile(`dist/${file}`, "utf8");
    expect(text).not.toMatch(/\beval\(|new Function\(|from"node:|import"node:/);
  }
});
