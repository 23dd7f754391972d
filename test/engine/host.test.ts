/** Hosts that cannot run the engine, and calls of kernels that do not compile. */
import { afterEach, expect, test, vi } from "vitest";
import type { Engine } from "../../ts/engine/engine.js";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The engine as a page that has just been opened would load it. */
async function freshly() {
  vi.resetModules();
  const [{ createEngine }, { EngineError }] = await Promise.all([
    import("../../ts/engine/create.js"),
    import("../../ts/errors.js"),
  ]);
  return { createEngine, EngineError };
}

test("a host without SIMD is told so", async () => {
  const { createEngine, EngineError } = await freshly();
  vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
  await expect(createEngine()).rejects.toThrow(
    "engine: expected a host with WebAssembly SIMD, got a host without SIMD",
  );
  await expect(createEngine()).rejects.toThrow(EngineError);
});

test("a host without WebAssembly is told so", async () => {
  const { createEngine } = await freshly();
  vi.stubGlobal("WebAssembly", undefined);
  await expect(createEngine()).rejects.toThrow("got a host without WebAssembly");
  await expect(createEngine({ precision: "fast" })).rejects.toThrow("got a host without WebAssembly");
});

test("a page whose policy forbids compiling is told what it needs, and can try again", async () => {
  const { createEngine, EngineError } = await freshly();
  const Blocked = class {
    constructor() {
      throw new WebAssembly.CompileError("blocked by policy");
    }
  };
  vi.spyOn(WebAssembly, "Module").mockImplementationOnce(Blocked as unknown as typeof WebAssembly.Module);
  const refused = createEngine();
  await expect(refused).rejects.toThrow(/leave to run WebAssembly.*'wasm-unsafe-eval'/);
  await expect(refused).rejects.toThrow(EngineError);
  expect((await createEngine({ memory: 1 })).bytes).toBeGreaterThan(0);
});

test("a host that refuses the memory is told apart", async () => {
  const { createEngine } = await freshly();
  await createEngine({ memory: 1 });
  vi.spyOn(WebAssembly, "Memory").mockImplementation(() => {
    throw new RangeError("could not allocate memory");
  });
  await expect(createEngine({ memory: 64 })).rejects.toThrow(
    "engine: expected a host that gives 64 MiB of address space, got its refusal — lower options.memory",
  );
});

test("a missing, misspelt or wrong operand does not compile", () => {
  const check = (engine: Engine) => {
    const { address } = engine.allocate(64, "test");
    engine.call("copy", { from: address, to: address, count: 16 });
    // @ts-expect-error one operand is missing
    engine.call("copy", { from: address, to: address });
    // @ts-expect-error one operand is misspelt
    engine.call("copy", { form: address, to: address, count: 16 });
    // @ts-expect-error a number stands where an address belongs
    engine.call("copy", { from: 16, to: address, count: 16 });
    // @ts-expect-error there is no such kernel
    engine.call("move", { from: address, to: address, count: 16 });
  };
  expect(check).toBeTypeOf("function");
});
