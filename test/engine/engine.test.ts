/** The engine: a binary that brings nothing but kernels, a memory that grows, and errors that leave it usable. */
import { describe, expect, test } from "vitest";
import { kernels } from "../../ts/engine/core.gen.js";
import { createEngine, createEngineOf } from "../../ts/engine/create.js";
import { decodeHex } from "../../ts/engine/hex.js";
import { EngineError, InputError } from "../../ts/errors.js";
import { kernels as words } from "../../ts/words/words.gen.js";
import { expectSameBits, expectZeros } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";

const { arena, binary, memoryFlag, parameters } = kernels;

const MIB = 1048576;

describe("the binary of the kernels of words", () => {
  test("imports its memory only, exports its kernels and the arena, and can have its memory unshared", async () => {
    const bytes = decodeHex(words.binary as string);
    const module = await WebAssembly.compile(bytes);
    expect(WebAssembly.Module.imports(module)).toMatchObject([{ module: "env", name: "memory" }]);
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    expect(names.sort()).toEqual([...Object.keys(words.parameters), "arena"].sort());
    expect(bytes[words.memoryFlag]).toBe(3);
    expect((await createEngineOf(words, { memory: 1 })).bytes).toBeGreaterThanOrEqual(words.arena);
  });
});

describe("the binary", () => {
  test("imports its memory and nothing else", async () => {
    const module = await WebAssembly.compile(decodeHex(binary as string));
    expect(WebAssembly.Module.imports(module)).toMatchObject([
      { module: "env", name: "memory", kind: "memory" },
    ]);
  });

  test("exports the kernels and the start of the arena: no memory, no allocator, no start function", async () => {
    const module = await WebAssembly.compile(decodeHex(binary as string));
    const exports = WebAssembly.Module.exports(module);
    const names = exports.filter(({ kind }) => kind === "function").map(({ name }) => name);
    expect(names.sort()).toEqual(Object.keys(parameters).sort());
    expect(exports.filter(({ kind }) => kind !== "function")).toMatchObject([
      { name: "arena", kind: "global" },
    ]);
  });

  test("computes the same bits in a shared memory and in one that is not", async () => {
    const results = [];
    for (const shared of [true, false]) {
      const bytes = decodeHex(binary as string);
      expect(bytes[memoryFlag]).toBe(3);
      if (!shared) bytes[memoryFlag] = 1;
      const memory = new WebAssembly.Memory({ initial: 4, maximum: 16, shared });
      const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
      expect(memory.buffer instanceof ArrayBuffer).toBe(!shared);
      results.push(computeOneStep(instance, memory));
    }
    const [first, second] = results;
    expect(first.some((value) => value !== 0 && value !== 1)).toBe(true);
    expectSameBits(second, first);
  });
});

/** A product, an LSTM, a loss and an update in a memory of four pages; gives all of the memory. */
function computeOneStep({ exports }: WebAssembly.Instance, memory: WebAssembly.Memory): Float32Array {
  const call = (kernel: keyof typeof parameters, operands: Record<string, number>) => {
    const known = parameters[kernel].split(" ");
    expect(known).toEqual(expect.arrayContaining(Object.keys(operands)));
    (exports[kernel] as (...operands: number[]) => void)(...known.map((name) => operands[name] ?? 0));
  };
  const floats = new Float32Array(memory.buffer);
  let next = Math.ceil(arena / 64) * 64;
  const at = (count: number, values: ArrayLike<number> = []) => {
    const address = next;
    floats.set(values, address / 4);
    next += count * 4;
    return address;
  };
  const [steps, batch, units] = [3, 4, 16];
  const rows = steps * batch;
  const x = at(rows * 16, normals(rows * 16, 1));
  const weight = at(16 * 64, normals(16 * 64, 2));
  const hidden = at(units * 64, normals(units * 64, 3, 0.3));
  const gates = at(rows * 64);
  const states = at(2 * (rows + batch) * units, normals(batch * units, 4));
  const targets = at(rows);
  new Uint32Array(memory.buffer).set(indices(rows, units, 5), targets / 4);
  const probabilities = at(rows * units);
  const losses = at(rows);
  const moments = [at(16 * 64), at(16 * 64)];
  const clock = at(16);
  const hiddens = states + batch * units * 4;
  call("matmul", { x, weight, y: gates, inputs: 16, panels: 4, xStride: 16, to: rows });
  const shared = { gates, source: states, states, results: states, weight: hidden };
  call("lstmForward", { ...shared, steps, batch, units, stop: steps, to: batch });
  const drop = { clock, stream: 1, rate: 0.25, stride: units };
  call("dropout", { x: hiddens, y: probabilities, ...drop, to: rows });
  const loss = { logits: probabilities, targets, probabilities, losses };
  call("crossEntropyForward", { ...loss, width: units, stride: units, to: rows });
  const [first, second] = moments as [number, number];
  const adam = { scale: 1, rate: 0.01, gradientRate: 0.01, beta1: 0.9, beta2: 0.999, root: 1, epsilon: 1e-8 };
  call("adam", { value: weight, gradient: gates, first, second, count: rows * 64, ...adam, shrink: 1 });
  const results = [gates, hiddens, probabilities, losses, first];
  for (const at of results)
    expect(floats.subarray(at / 4, at / 4 + rows).every((value) => value !== 0)).toBe(true);
  return floats.slice();
}

describe("memory", () => {
  test("begins small and grows as it is asked for, keeping what it holds", async () => {
    const engine = await createEngine({ memory: 8 });
    expect(engine.bytes).toBeLessThan(MIB);
    const small = engine.allocate(64, "test");
    engine.view(small.address, 16).set(normals(16, 1));
    const before = engine.floats;
    expect(engine.floats).toBe(before);

    const large = engine.allocate(2 * MIB, "test");
    expect(engine.bytes).toBeGreaterThanOrEqual(2 * MIB);
    expect(engine.bytes).toBeLessThan(3 * MIB);
    expect(engine.floats).not.toBe(before);
    expect(engine.floats.length).toBe(engine.bytes / 4);
    expect(engine.words.buffer).toBe(engine.floats.buffer);
    expectSameBits(engine.view(small.address, 16), normals(16, 1));
    engine.view(large.address, 4).set([1, 2, 3, 4]);
    expect(engine.call("dot", { x: large.address, y: large.address, count: 4 })).toBe(30);
  });

  test("given back and allocated again is zero", async () => {
    const engine = await createEngine({ memory: 4 });
    const block = engine.allocate(4096, "test");
    engine.view(block.address, 1024).fill(7);
    engine.release(block);
    const again = engine.allocate(4096, "test");
    expect(again.address).toBe(block.address);
    expectZeros(engine.view(again.address, 1024));
  });

  test("does not grow while blocks come and go", async () => {
    const engine = await createEngine({ memory: 8 });
    engine.release(engine.allocate(MIB, "test"));
    const { bytes } = engine;
    for (let i = 0; i < 1000; i++) {
      const blocks = [1, 2, 3].map((share) => engine.allocate(share * 174_000, "test"));
      for (const block of blocks) engine.release(block);
    }
    expect(engine.bytes).toBe(bytes);
  });

  test("used up is an EngineError that names what needed it, and leaves the engine usable", async () => {
    const engine = await createEngine({ memory: 1 });
    const block = engine.allocate(256 * 1024, "test");
    engine.view(block.address, 16).set(normals(16, 1));
    const { bytes } = engine;
    for (const size of [MIB, 4096 * MIB, 2 ** 50]) {
      expect(() => engine.allocate(size, "plan")).toThrow(EngineError);
      expect(() => engine.allocate(size, "plan")).toThrow(/^plan: expected at most 1 MiB, got a need of /);
    }
    expect(engine.bytes).toBe(bytes);
    expectSameBits(engine.view(block.address, 16), normals(16, 1));
    const other = engine.allocate(256 * 1024, "test");
    expect(other.address).toBe(block.address + block.bytes);
    engine.call("copy", { from: block.address, to: other.address, count: 16 });
    expectSameBits(engine.view(other.address, 16), normals(16, 1));
  });

  test("of two engines is apart", async () => {
    const [one, two] = [await createEngine({ memory: 1 }), await createEngine({ memory: 1 })];
    const block = one.allocate(64, "test");
    const other = two.allocate(64, "test");
    one.view(block.address, 16).fill(1);
    expectZeros(two.view(other.address, 16));
  });
});

describe("options.memory", () => {
  test.each([0, 0.5, -1, 4097, NaN, Infinity])("refuses %d", async (memory) => {
    await expect(createEngine({ memory })).rejects.toThrow(InputError);
    await expect(createEngine({ memory })).rejects.toThrow("options.memory: expected 1 to 4096 MiB");
  });

  test.each([1, 1.5, 64])("accepts %d", async (memory) => {
    const engine = await createEngine({ memory });
    const most = memory * MIB - arena - 65536;
    expect(engine.allocate(most, "test").bytes).toBeGreaterThanOrEqual(most);
    expect(engine.bytes).toBeLessThanOrEqual(memory * MIB);
  });
});

describe("calls", () => {
  test("take operands by name, in any order", async () => {
    const engine = await createEngine({ memory: 1 });
    const from = engine.allocate(64, "test");
    const to = engine.allocate(64, "test");
    engine.view(from.address, 16).set(normals(16, 1));
    engine.call("copy", { count: 16, to: to.address, from: from.address });
    expectSameBits(engine.view(to.address, 16), normals(16, 1));
  });

  test("bound once run again and again on what is there then, also after memory has grown", async () => {
    const engine = await createEngine({ memory: 8 });
    const a = engine.allocate(64, "test");
    const y = engine.allocate(64, "test");
    engine.view(a.address, 16).fill(1);
    const run = engine.bind("add", { a: a.address, b: y.address, y: y.address, count: 16 });
    run();
    engine.allocate(2 * MIB, "test");
    run();
    engine.view(a.address, 16).fill(10);
    run();
    expect([...engine.view(y.address, 16)]).toEqual(Array(16).fill(12));
  });
});
