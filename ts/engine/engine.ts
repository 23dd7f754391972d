/** The WebAssembly instance and the one memory it computes in, both owned by the host. */
import { EngineError, InputError } from "../errors.js";
import type { Address } from "./address.js";
import { type Block, Heap } from "./heap.js";
import { decodeHex } from "./hex.js";
import { cores, isolated, lacking, type ThreadsReason } from "./host.js";
import { type Kernels, kernels } from "./kernels.gen.js";
import { cut, longestShare, pieces, worthSharing } from "./shares.js";
import { Threads } from "./threads.js";

export type KernelName = keyof Kernels;

/** What a kernel takes, by name, and what it returns. */
export interface Signature {
  readonly operands: object;
  readonly result: unknown;
}

/** The signatures of a set of kernels by their names: what the build writes for each binary. */
export type Signatures<K> = { readonly [N in keyof K]: Signature };

/** A compiled set of kernels, as the build writes it into a `kernels.gen.ts`. */
export interface KernelSet<K extends Signatures<K>> {
  /** The order of each kernel's arguments. */
  readonly parameters: { readonly [N in keyof K]: readonly (keyof K[N]["operands"])[] };
  /** Where the memory behind the static data begins, in bytes. */
  readonly arena: number;
  /** Offset in the binary of the byte that is 3 to import a shared memory and 1 to import an unshared one. */
  readonly memoryFlag: number;
  /** The WebAssembly module, two hexadecimal digits a byte. */
  readonly binary: string;
}

/** Options of the engine under a model. */
export interface EngineOptions {
  /** The most memory it may take, in MiB, 1 to 4096; default 1024. Small hosts may refuse a large one. */
  readonly memory?: number;
  /**
   * How many threads to use at most, 1 to 64; default as many as the host has cores. Where the host grants none
   * (`net.threads.reason`) one is used, and for work too small to share out as well. Results are the same bits on any number.
   */
  readonly threads?: number;
  /**
   * `reproducible`: the same bits in every host. `fast`: instructions of relaxed SIMD where the host has them and they pass a
   * test, with results that may differ from host to host in the last bits; else as before (`net.precision.reason`). Default
   * reproducible.
   */
  readonly precision?: PrecisionName;
}

export type PrecisionName = "reproducible" | "fast";

/** How products are computed, and why not as was asked. */
export interface Precision {
  readonly name: PrecisionName;
  /** `no-relaxed-simd`: the host has no such instructions; `self-test`: it computes small sums wrong with them. */
  readonly reason: "no-relaxed-simd" | "self-test" | undefined;
}

/** A kernel call for `share`; `own`: the operand that is an address of which every thread has its own, so many bytes apart. */
export interface SharedCall<K> {
  readonly kernel: keyof K;
  readonly operands: Readonly<Record<string, number>>;
  readonly own?: { readonly operand: string; readonly bytes: number } | undefined;
}

/** Kernel calls in memory, for all threads. */
export interface Shared {
  /**
   * Runs them once, one at a time; false, with nothing done, where no workers could be started. EngineError if one died.
   * `between`: awaited now and then; what it throws ends the run.
   */
  run(between?: () => Promise<void>): Promise<boolean>;
  release(): void;
}

type Exports<K> = Readonly<Record<keyof K, (...operands: number[]) => number>>;

const PAGE = 65536;

const MOST_THREADS = 64;

/** A module whose one function uses a SIMD instruction. */
const simdProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
]);

/** A module whose one function uses an instruction of relaxed SIMD. */
const relaxedProbe = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2,
  253, 15, 253, 128, 2, 11,
]);

/** By set of kernels, for shared memory and for unshared. */
const compiled = new Map<object, Map<boolean, Promise<WebAssembly.Module>>>();

/** The module of a set of kernels, compiled once. */
function moduleOf<K extends Signatures<K>>(set: KernelSet<K>, shared: boolean): Promise<WebAssembly.Module> {
  const modules = compiled.get(set) ?? new Map<boolean, Promise<WebAssembly.Module>>();
  compiled.set(set, modules);
  let module = modules.get(shared);
  if (!module) {
    module = compile(set.binary, shared ? undefined : set.memoryFlag);
    modules.set(shared, module);
    module.catch(() => modules.delete(shared));
  }
  return module;
}

/** `memoryFlag`: the byte to set for a module that imports an unshared memory. */
async function compile(binary: string, memoryFlag: number | undefined): Promise<WebAssembly.Module> {
  if (typeof WebAssembly === "undefined" || !WebAssembly.validate(simdProbe)) {
    throw new EngineError({
      where: "engine",
      expected: "a host with WebAssembly SIMD",
      got: typeof WebAssembly === "undefined" ? "a host without WebAssembly" : "a host without SIMD",
      hint: "every browser since 2023 and Node.js since 16.4 have it",
    });
  }
  const bytes = decodeHex(binary);
  if (memoryFlag !== undefined) bytes[memoryFlag] = 1;
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

const reproducible: Precision = { name: "reproducible", reason: undefined };

/** An engine of the kernels of networks. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  const { precision = "reproducible" } = options;
  if (precision !== "reproducible" && precision !== "fast") {
    throw new InputError({
      where: "options.precision",
      expected: '"reproducible" or "fast"',
      got: String(precision),
    });
  }
  if (precision === "reproducible") return createEngineOf(kernels, options);
  if (!WebAssembly.validate(relaxedProbe)) {
    return createEngineOf(kernels, options, { name: "reproducible", reason: "no-relaxed-simd" });
  }
  fastKernels ??= import("./fast.gen.js").then((fast) => ({ ...kernels, ...fast }));
  const engine = await createEngineOf(await fastKernels, options, { name: "fast", reason: undefined });
  return multipliesRight(engine)
    ? engine
    : createEngineOf(kernels, options, { name: "reproducible", reason: "self-test" });
}

/** The kernels with relaxed SIMD, loaded when they are first asked for. */
let fastKernels: Promise<KernelSet<Kernels>> | undefined;

/** Whether sums of products of small whole numbers, which every rounding leaves alone, are right. */
function multipliesRight(engine: Engine): boolean {
  const [rows, inputs, width] = [3, 20, 16];
  const block = engine.allocate((rows * 32 + inputs * width + rows * width) * 4, "self-test");
  const at = block.address / 4;
  const weight = at + rows * 32;
  const y = weight + inputs * width;
  const { floats } = engine;
  for (let i = 0; i < rows * 32; i++) floats[at + i] = (i * 7) % 31;
  for (let i = 0; i < inputs * width; i++) floats[weight + i] = ((i * 5) % 29) - 14;
  engine.call("matmul", {
    ...{ x: block.address, weight: (weight * 4) as Address, bias: 0 as Address, y: (y * 4) as Address },
    ...{ inputs, panels: 1, xStride: 32, from: 0, to: rows },
  });
  let right = true;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let k = 0; k < inputs; k++)
        sum += floats[at + row * 32 + k]! * floats[weight + k * width + column]!;
      right &&= floats[y + row * width + column] === sum;
    }
  }
  engine.release(block);
  return right;
}

/** Compiles a set of kernels once and instantiates them over a fresh memory. EngineError where the host cannot. */
export async function createEngineOf<K extends Signatures<K>>(
  set: KernelSet<K>,
  options: EngineOptions = {},
  precision = reproducible,
): Promise<Engine<K>> {
  const { memory = 1024, threads = Math.min(cores(), MOST_THREADS) } = options;
  if (!(memory >= 1 && memory <= 4096)) {
    throw new InputError({ where: "options.memory", expected: "1 to 4096 MiB", got: String(memory) });
  }
  if (!(Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS)) {
    throw new InputError({
      where: "options.threads",
      expected: `a whole number from 1 to ${MOST_THREADS}`,
      got: String(threads),
    });
  }
  const pages = { initial: Math.ceil(set.arena / PAGE), maximum: Math.floor(memory * 16) };
  const shared = isolated ? memoryOf({ ...pages, shared: true }) : undefined;
  const denied = isolated && !shared ? "memory-denied" : lacking();
  return new Engine(set, {
    module: await moduleOf(set, shared !== undefined),
    memory: shared ?? memoryOf(pages) ?? refusal(pages.maximum),
    maximum: pages.maximum,
    threads: denied || threads === 1 ? { count: 1, reason: denied } : { count: threads, reason: undefined },
    precision,
  });
}

/** A memory, or undefined where the host refuses it. */
function memoryOf(descriptor: WebAssembly.MemoryDescriptor): WebAssembly.Memory | undefined {
  try {
    return new WebAssembly.Memory(descriptor);
  } catch {
    return undefined;
  }
}

function refusal(maximum: number): never {
  throw new EngineError({
    where: "engine",
    expected: `a host that gives ${maximum / 16} MiB of address space`,
    got: "its refusal",
    hint: "lower options.memory",
  });
}

/** How many threads an engine uses, and why no more where the host grants only one. */
export interface Threading {
  readonly count: number;
  readonly reason: ThreadsReason | undefined;
}

interface Ground {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** In pages of 64 KiB. */
  readonly maximum: number;
  readonly threads: Threading;
  readonly precision: Precision;
}

/** An instance of a set of kernels, by default those of networks, over a memory of its own. */
export class Engine<K extends Signatures<K> = Kernels> {
  readonly #parameters: KernelSet<K>["parameters"];
  readonly #memory: WebAssembly.Memory;
  readonly #maximum: number;
  readonly #exports: Exports<K>;
  readonly #heap: Heap;
  readonly precision: Precision;
  readonly #threading: Threading;
  readonly #threads: Threads | undefined;
  #floats: Float32Array;
  #words: Uint32Array;
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ parameters, arena }: KernelSet<K>, { module, memory, maximum, threads, precision }: Ground) {
    this.#parameters = parameters;
    this.#memory = memory;
    this.#maximum = maximum;
    this.precision = precision;
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    this.#exports = instance.exports as unknown as Exports<K>;
    this.#floats = new Float32Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#heap = new Heap(arena, (end, where) => this.#reach(end, where));
    this.#threading = threads;
    if (threads.count > 1) {
      this.#threads = new Threads(
        {
          module,
          memory,
          allocate: (bytes, where) => this.allocate(bytes, where),
          release: (block) => this.release(block),
        },
        threads.count,
      );
    }
  }

  /** How many threads are used, and why no more where the host grants only one. */
  get threads(): Threading {
    const reason = this.#threads?.refused;
    return reason ? { count: 1, reason } : this.#threading;
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
  call<N extends keyof K>(kernel: N, operands: K[N]["operands"]): K[N]["result"] {
    const order: readonly (keyof K[N]["operands"])[] = this.#parameters[kernel];
    return this.#exports[kernel](...order.map((name) => operands[name] as number)) as K[N]["result"];
  }

  /** A function without parameters that runs a kernel on these operands and allocates nothing. */
  bind(kernel: keyof K, operands: Readonly<Record<string, number>>): () => void {
    const order = this.#parameters[kernel] as readonly string[];
    return this.#exports[kernel].bind(null, ...order.map((name) => operands[name]!));
  }

  /** Kernel calls to be run on all threads, or undefined where there is one or the work is not worth it. */
  share(calls: readonly SharedCall<K>[]): Shared | undefined {
    const threads = this.#threads;
    if (!threads) return undefined;
    const named = calls.map(({ kernel, operands, own }) => ({
      kernel: kernel as string,
      order: this.#parameters[kernel] as readonly string[],
      operands,
      own,
    }));
    if (!worthSharing(named)) return undefined;
    const programs = pieces(named).map((piece) => {
      const shares = piece.map((call) => cut(call, threads.count));
      return threads.program(shares, longestShare(piece, shares));
    });
    return {
      async run(between) {
        for (const [index, program] of programs.entries()) {
          if (index > 0) await between?.();
          if (await threads.run(program)) continue;
          if (index === 0) return false;
          throw threads.dead("none that could be started");
        }
        return true;
      },
      release() {
        for (const program of programs) threads.release(program);
      },
    };
  }

  /**
   * Waits for the work that others have asked for before, does its own, and keeps others waiting: what takes more than one
   * turn of the event loop must not find the memory changed.
   */
  async alone<T>(work: () => T | Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return await mine;
  }

  /** Stops the workers, if there are any; the next run on several threads starts new ones. */
  async close(): Promise<void> {
    await this.#threads?.close();
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
