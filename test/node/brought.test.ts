/** Kernels from files: by URL, as bytes, compiled; and what happens when they are not there or not the right ones. */
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import type { EngineOptions } from "../../ts/engine/engine.js";
import {
  adamw,
  crossEntropy,
  dense,
  EngineError,
  embedding,
  gru,
  InputError,
  lstm,
  model,
  quantise,
  rmsprop,
  tensor,
  tokens,
} from "../../ts/index.js";
import { expectSameBits } from "../reference/compare.js";
import { indices } from "../reference/draw.js";

const names = [
  "core",
  "recurrences",
  "attention",
  "losses",
  "normalise",
  "optimisers",
  "sparse",
  "wiring",
] as const;
const files = new Map<string, Buffer>();
const asked: string[] = [];
let server: Server;
let folder: string;

beforeAll(async () => {
  for (const name of [...names, "int8", "core-fast"]) files.set(name, await readFile(`dist/${name}.wasm`));
  server = createServer(({ url }, response) => {
    asked.push(url!);
    const name = /^\/(?:a|b|c)\/([a-z0-9-]+)\.wasm$/.exec(url!)?.[1];
    const file = name && files.get(name);
    response.statusCode = file ? 200 : 404;
    response.end(file ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address() as { port: number };
  folder = `http://localhost:${address.port}`;
});

afterAll(() => {
  server.close();
});

afterEach(() => {
  vi.restoreAllMocks();
  asked.length = 0;
});

const [batch, steps] = [5, 12];
const inputs = tensor(Uint32Array.from(indices(batch * steps, 9, 1)), [batch, steps]);
const targets = tensor(Uint32Array.from(indices(batch * steps, 9, 2)), [batch, steps]);

async function trained(options: EngineOptions) {
  const layers = [embedding(13), lstm(33), gru(17), dense(9)];
  const net = await model(tokens(9), ...layers, { seed: 1, threads: 2, ...options });
  await net.fit([{ inputs, targets }], { loss: crossEntropy(), optimiser: rmsprop(0.01), steps: 10 });
  return { net, data: (await net.predict(inputs)).data };
}

async function modules() {
  const compiled = names.map(
    async (name) => [name, await WebAssembly.compile(new Uint8Array(files.get(name)!))] as const,
  );
  return Object.fromEntries(await Promise.all(compiled));
}

test("kernels from a folder, as bytes and compiled train to the same bits as the package's own", async () => {
  const own = await trained({});
  const bytes = { core: files.get("core")!, recurrences: new Uint8Array(files.get("recurrences")!).buffer };
  for (const kernels of [`${folder}/a`, new URL(`${folder}/a/`), bytes, await modules()]) {
    expectSameBits((await trained({ kernels })).data, own.data);
  }
});

test("a folder is fetched from once, what is not quantised nor fast without those kernels", async () => {
  await trained({ kernels: `${folder}/b` });
  await trained({ kernels: `${folder}/b/` });
  expect(asked.sort()).toEqual(names.map((name) => `/b/${name}.wasm`).sort());
});

test("without the option nothing is fetched", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  await trained({});
  expect(fetched).not.toHaveBeenCalled();
});

test("quantising asks for its kernels too", async () => {
  const { net } = await trained({});
  const own = await quantise(net);
  const { model: small } = await quantise(net, { kernels: `${folder}/c` });
  expect(asked).toContain("/c/int8.wasm");
  expectSameBits((await small.predict(inputs)).data, (await own.model.predict(inputs)).data);
});

test("compiled kernels run on one thread and say so; bytes keep all threads", async () => {
  expect((await trained({ kernels: await modules() })).net.threads).toEqual({ count: 1, reason: "compiled" });
  expect((await trained({ kernels: { core: files.get("core")! } })).net.threads.count).toBe(2);
});

describe("kernels that cannot be used are told:", () => {
  const refused = async (kernels: unknown, message: RegExp, kind: typeof EngineError | typeof InputError) => {
    const outcome = await createEngine({ kernels: kernels as never, memory: 1 }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(kind);
    expect(String(outcome)).toMatch(message);
  };

  test("those of another version", async () => {
    const other = Buffer.from(files.get("core")!);
    other[other.length - 1]! ^= 1;
    const expected =
      /options\.kernels\.core: expected the kernels core [0-9a-f]{16}, got core [0-9a-f]{16} — take core\.wasm from the same/;
    await refused({ core: other }, expected, EngineError);
    await refused({ core: await WebAssembly.compile(other) }, expected, EngineError);
  });

  test("other kernels, and what is none", async () => {
    await refused(
      { core: files.get("losses")! },
      /expected the kernels core [0-9a-f]{16}, got losses [0-9a-f]{16}/,
      EngineError,
    );
    await refused({ core: new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]) }, /got something else/, EngineError);
    const none = await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
    await refused({ core: none }, /got something else/, EngineError);
    await refused({ core: new Uint8Array() }, /got something else/, EngineError);
  });

  test("a file that is damaged before its end", async () => {
    const damaged = Buffer.from(files.get("core")!);
    damaged.fill(255, 1000, 1100);
    await refused({ core: damaged }, /expected leave to run WebAssembly, got CompileError/, EngineError);
  });

  test("a file that is not there, and one that no server has", async () => {
    await refused(
      `${folder}/none`,
      /options\.kernels\.\w+: expected a file at .*\.wasm, got HTTP 404/,
      EngineError,
    );
    await refused("http://localhost:1/", /expected a file at http:\/\/localhost:1\/\w+\.wasm/, EngineError);
  });

  test.each([
    ["an empty list", {}],
    ["a number", 5],
    ["null", null],
    ["bytes without a name", new Uint8Array(8)],
  ])("%s", async (_, kernels) => {
    await refused(kernels, /options\.kernels: expected the URL of a folder, or kernels by name/, InputError);
  });

  test("a name that there is not, and a source that is none", async () => {
    await refused({ cores: files.get("core")! }, /got cores/, InputError);
    await refused({ core: 7 }, /options\.kernels\.core: expected a URL, the bytes/, InputError);
  });

  test("one that is needed later only, when it is needed", async () => {
    const losses = Buffer.from(files.get("losses")!);
    losses[losses.length - 1]! ^= 1;
    const net = await model(tokens(9), embedding(3), dense(9), { kernels: { losses } });
    await net.fit([{ inputs, targets }], { loss: crossEntropy(), optimiser: adamw(0.01), steps: 1 });
    const { softmax } = await import("../../ts/index.js");
    await expect(model(tokens(9), embedding(3), softmax(), { kernels: { losses } })).resolves.toBeDefined();
    const last = await model(tokens(9), embedding(3), softmax(), { kernels: { losses } });
    await expect(last.predict(inputs)).rejects.toThrow(/options\.kernels\.losses: expected/);
  });
});
