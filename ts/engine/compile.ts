/** From a binary to a WebAssembly module, each compiled once. */
import { EngineError } from "../errors.js";
import { decodeHex } from "./hex.js";
import type { Binary } from "./sets.js";

/** A module whose one function uses a SIMD instruction. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** Modules by binary, for shared memory and for unshared. */
const modules = new WeakMap<Binary, Map<boolean, WebAssembly.Module>>();

/**
 * The module of a binary, for a memory that is shared or not. EngineError where the host cannot. Without waiting: for binaries
 * of this size a turn of the event loop takes longer than compiling them.
 */
export function compile(binary: Binary, shared: boolean): WebAssembly.Module {
  const known = compiled(binary, shared);
  if (known) return known;
  const bytes = bytesOf(binary, shared);
  try {
    const module = new WebAssembly.Module(bytes);
    const both = modules.get(binary) ?? new Map<boolean, WebAssembly.Module>();
    modules.set(binary, both.set(shared, module));
    return module;
  } catch (cause) {
    throw forbidden(cause);
  }
}

/** What a module exports over a memory. EngineError where the host cannot: some refuse only here. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Exports {
  try {
    return new WebAssembly.Instance(module, { env: { memory } }).exports;
  } catch (cause) {
    throw forbidden(cause);
  }
}

function compiled(binary: Binary, shared: boolean): WebAssembly.Module | undefined {
  if (typeof WebAssembly === "undefined") lacks("WebAssembly");
  return isCompiled(binary) ? binary.binary : modules.get(binary)?.get(shared);
}

/** Whether the host has compiled it before; a module of another realm is one too. */
export function isCompiled(binary: Binary): binary is Binary & { readonly binary: WebAssembly.Module } {
  return typeof binary.binary === "object" && !ArrayBuffer.isView(binary.binary);
}

function bytesOf({ binary, memoryFlag }: Binary, shared: boolean): Uint8Array<ArrayBuffer> {
  if (!WebAssembly.validate(simdProbe)) lacks("SIMD");
  const bytes = typeof binary === "string" ? decodeHex(binary) : new Uint8Array(binary as Uint8Array);
  bytes[memoryFlag] = shared ? 3 : 1;
  return bytes;
}

function lacks(what: string): never {
  throw new EngineError({
    where: "engine",
    expected: "a host with WebAssembly SIMD",
    got: `a host without ${what}`,
    hint: "every browser since 2023 and Node.js since 16.4 have it",
  });
}

function forbidden(cause: unknown): EngineError {
  return new EngineError({
    where: "engine",
    expected: "leave to run WebAssembly",
    got: String(cause),
    hint: "a content security policy needs script-src 'wasm-unsafe-eval'; elsewhere give options.kernels compiled",
    cause,
  });
}
