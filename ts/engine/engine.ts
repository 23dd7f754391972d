/** The WebAssembly instance and the one memory it computes in, both owned by the host. */
import { EngineError, InputError } from "../errors.js";
import type { Address } from "./address.js";
import { type Block, Heap } from "./heap.js";
import { decodeHex } from "./hex.js";
import { arena, binary, type KernelResults, type Kernels, memoryFlag, parameters } from "./kernels.gen.js";

export type KernelName = keyof Kernels;

/** Options of the engine under a model. */
export interface EngineOptions {
  /** The most memory it may take, in MiB, 1 to 4096; default 1024. Small hosts may refuse a large one. */
  readonly memory?: number;
}

type Exports = Readonly<Record<KernelName, (...operands: number[]) => number>>;

const PAGE = 65536;

/** A module whose one function uses a SIMD instruction. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** Memory can be shared where workers may be given it; elsewhere the same binary runs on an unshared one. */
const shared =
  typeof SharedArrayBuffer === "function" &&
  (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated !== false;

let compiled: Promise<WebAssembly.Module> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(simdProbe)) {
    throw new EngineError({
      where: "engine",
      expected: "a host with WebAssembly SIMD",
      got: typeof WebAssembly === "undefined" ? "a host without WebAssembly" : "a host without SIMD",
      hint: "every browser since 2023 and Node.js since 16.4 have it",
    });
  }
  const bytes = decodeHex(binary);
  if (!shared) bytes[memoryFlag] = 1;
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new EngineError({
      where: "engine",
      expected: "leave to compile WebAssembly",
      got: String(cause),
      hint: "a content security policy needs script-src 'wasm-unsafe-eval'",
      cause,
    });
  }
}

/** Compiles the kernels once and instantiates them over a fresh memory. EngineError where the host cannot. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { memory = 1024 } = options;
  if (!(memory >= 1 && memory <= 4096)) {
    throw new InputError({ where: "options.memory", expected: "1 to 4096 MiB", got: String(memory) });
  }
  compiled ??= compile();
  compiled.catch(() => {
    compiled = undefined;
  });
  return new Engine(await compiled, Math.floor(memory * 16));
}

/** An instance of the kernels over a memory of its own. */
export class Engine {
  readonly #memory: WebAssembly.Memory;
  readonly #maximum: number;
  readonly #exports: Exports;
  readonly #heap: Heap;
  #floats: Float32Array;
  #words: Uint32Array;

  /** maximum: in pages of 64 KiB. */
  constructor(module: WebAssembly.Module, maximum: number) {
    this.#maximum = maximum;
    try {
      this.#memory = new WebAssembly.Memory({ initial: Math.ceil(arena / PAGE), maximum, shared });
    } catch (cause) {
      throw new EngineError({
        where: "engine",
        expected: `a host that gives ${maximum / 16} MiB of address space`,
        got: "its refusal",
        hint: "lower options.memory",
        cause,
      });
    }
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory } });
    this.#exports = instance.exports as unknown as Exports;
    this.#floats = new Float32Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
    this.#heap = new Heap(arena, (end, where) => this.#reach(end, where));
  }

  /** All memory as float32. Growing the memory makes a new view: ask again, never keep it. */
  get floats(): Float32Array {
    return this.#floats;
  }

  /** All memory as uint32; the same rule. */
  get words(): Uint32Array {
    return this.#words;
  }

  /** Bytes of memory the engine has taken from the host. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /** A zeroed block. EngineError, naming `where`, when memory is used up; nothing has changed then. */
  allocate(bytes: number, where: string): Block {
    const block = this.#heap.allocate(bytes, where);
    this.#floats.fill(0, block.address / 4, (block.address + block.bytes) / 4);
    return block;
  }

  release(block: Block): void {
    this.#heap.release(block);
  }

  /** Runs a kernel once, its operands by name. */
  call<K extends KernelName>(kernel: K, operands: Kernels[K]): KernelResults[K] {
    const order = parameters[kernel] as readonly (keyof Kernels[K])[];
    return this.#exports[kernel](...order.map((name) => operands[name] as number)) as KernelResults[K];
  }

  /** A function without parameters that runs a kernel on these operands and allocates nothing. */
  bind(kernel: KernelName, operands: Readonly<Record<string, number>>): () => void {
    const order: readonly string[] = parameters[kernel];
    return this.#exports[kernel].bind(null, ...order.map((name) => operands[name]!));
  }

  /** The floats of a block or a part of it, as a view that is dead once memory grows. */
  view(address: Address, count: number): Float32Array {
    return this.#floats.subarray(address / 4, address / 4 + count);
  }

  #reach(end: number, where: string): void {
    const missing = end - this.#memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.#memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      throw this.#exhausted(where, end, cause);
    }
    this.#floats = new Float32Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  #exhausted(where: string, bytes: number, cause: unknown): EngineError {
    return new EngineError({
      where,
      expected: `at most ${this.#maximum / 16} MiB`,
      got: `a need of ${Math.ceil(bytes / 1048576)} MiB`,
      hint: "take a smaller batch, fewer steps or fewer units, or raise options.memory",
      cause,
    });
  }
}
