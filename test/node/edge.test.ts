/** The edge functions of the examples, each in its runtime: a prediction over HTTP, the same from all of them. */
import { execFileSync, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { binaryOf } from "../../scripts/runtimes/binaries.js";
import { loadByEdgeRuntime } from "../../scripts/runtimes/edge-runtime.js";
import { serveByWorkerd } from "../../scripts/runtimes/workerd.js";
import { load } from "../../ts/index.js";

const timeout = 120_000;
const rows = Array.from({ length: 20 }, (_, t) =>
  Array.from({ length: 8 }, (_, i) => ((t * 7 + i * 5) % 11) / 5 - 1),
);

let expected: number[];

beforeAll(async () => {
  execFileSync(process.execPath, ["examples/edge/train.js"]);
  const bytes = await readFile("examples/edge/model.safetensors");
  expect(bytes.length).toBeGreaterThan(90_000);
  expect(bytes.length).toBeLessThan(110_000);
  expected = Array.from((await (await load(bytes)).predict(rows)).data);
}, timeout);

type Ask = (path: string, options: RequestInit) => Promise<Response>;

/** Asks twice for a prediction, then for what cannot be answered. */
async function expectAnswers(ask: Ask) {
  for (const time of ["first", "second"]) {
    const response = await ask("/", { method: "POST", body: JSON.stringify({ rows }) });
    expect(response.status, time).toBe(200);
    expect(await response.json(), time).toEqual({ next: expected });
    expect(response.headers.get("server-timing")).toMatch(/^predict;dur=[\d.]+$/);
  }
  const wrong = await ask("/", { method: "POST", body: '{"rows": [[1]]}' });
  expect(wrong.status).toBe(400);
  expect(await wrong.json()).toEqual({ error: "predict: expected rows of 8 numbers, got rows of 1" });
  expect((await ask("/", {})).status).toBe(405);
}

const at =
  (address: string): Ask =>
  (path, options) =>
    fetch(new URL(path, address), options);

test("Cloudflare, in less than a megabyte", { timeout }, async () => {
  const { address, bytes, close } = await serveByWorkerd("examples/edge/cloudflare.js");
  try {
    await expectAnswers(at(address));
    expect(bytes).toBeLessThan(1e6);
  } finally {
    await close();
  }
});

test("Vercel, in less than a megabyte", { timeout }, async () => {
  const { answer, bytes } = await loadByEdgeRuntime("test/runtimes/vercel.js");
  await expectAnswers((path, options) => answer(`http://localhost${path}`, options));
  expect(bytes).toBeLessThan(1e6);
});

test.each([
  ["Node.js", process.execPath, ["examples/edge/node.js", "0"]],
  [
    "Deno",
    binaryOf("deno"),
    ["run", "--no-prompt", "--cached-only", "--allow-net", "--allow-read", "examples/edge/deno.js", "0"],
  ],
  ["Bun", binaryOf("bun"), ["examples/edge/bun.js", "0"]],
])("%s", { timeout }, async (_, program, args) => {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const address = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stdout.on("data", (data) => {
        said += data;
        const found = /http:\/\/localhost:\d+/.exec(said);
        if (found) resolve(found[0]);
      });
      child.once("exit", (code) => reject(new Error(`It ended with ${code}.`)));
    });
    await expectAnswers(at(address));
  } finally {
    child.kill();
  }
});
