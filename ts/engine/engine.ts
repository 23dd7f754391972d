/** The WebAssembly instance and the one memory it computes in, both owned by the host. */
import { EngineError } from "../errors.js";
import type { Address } from "./address.js";
import { compile, instantiate } from "./compile.js";
import { type Block, Heap } from "./heap.js";
import type { ThreadsReason } from "./host.js";
import type { Kernels } from "./kernels.gen.js";
import type { AnyKernelSet, Binary, Brought, KernelSet, Signatures } from "./sets.js";
import type { Threads } from "./threads.js";
import { worthSharing } from "./worth.js";

export type KernelName = keyof Kernels;

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
  /**
   * Where the kernels come from, instead of the text inside the package: the URL of a folder with the `.wasm` files of this
   * version, or for each by its name (`core`, `recurrences`, ...) its URL, its bytes or a compiled WebAssembly.Module. With
   * compiled ones there is one thread.
   */
  readonly kernels?: string | URL | KernelSources;
  /** The URL of the package's `worker.js`, for pages whose content security policy refuses workers from blobs. */
  readonly workerUrl?: string | URL;
}

/** By the names of the `.wasm` files: where each is, what is in it, or what the host has made of it. */
export type KernelSources = Readonly<Record<string, string | URL | BufferSource | WebAssembly.Module>>;

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
  /** How many multiplications it makes, where its operands do not tell. */
  readonly work?: number | undefined;
}

/** Kernel calls in memory, for all threads. */
export interface Shared {
  /**
   * Runs them once, one at a time; false, with nothing done, where no workers could be started. EngineError if one died.
   * When the signal is aborted its reason is thrown, as soon as no worker can touch the memory any more.
   */
  run(signal?: AbortSignal): Promise<boolean>;
  release(): void;
}

const PAGE = 65536;

type Exports<K> = Readonly<Record<keyof K, (...operands: number[]) => number>>;

/** How many threads an engine uses, and why no more where the host grants only one. */
export interface Threading {
  readonly count: number;
  readonly reason: ThreadsReason | undefined;
}

/** Whose binaries an engine takes. */
export interface Choice {
  /** Binaries to take instead of the sets' own, by name of the set. */
  readonly variants: Readonly<Record<string, Binary>>;
  readonly brought: Brought | undefined;
}

/** The binary of a set that an engine takes. EngineError where the user has brought one of another version. */
export function binaryOf(set: AnyKernelSet, { variants, brought }: Choice): Binary {
  const variant = variants[set.name];
  const name = variant ? `${set.name}-fast` : set.name;
  return brought ? brought.choose(name, variant ?? set) : (variant ?? set);
}

interface Ground extends Choice {
  readonly memory: WebAssembly.Memory;
  readonly shared: boolean;
  readonly workerUrl: string | URL | undefined;
  /** In pages of 64 KiB. */
  readonly maximum: number;
  readonly threads: Threading;
  readonly precision: Precision;
}

/** The kernels of a set, by default of those of networks, over a memory of its own. */
export class Engine<K extends Signatures<K> = Kernels> {
  readonly precision: Precision;
  readonly #ground: Ground;
  readonly #parameters: { [N in keyof K]?: readonly (keyof K[N]["operands"])[] } = {};
  readonly #exports: Partial<Exports<K>> = {};
  readonly #modules: WebAssembly.Module[] = [];
  readonly #linked = new Set<AnyKernelSet>();
  readonly #heap: Heap;
  /** Loaded when there is work for them. */
  #threads: Promise<Threads | undefined> | undefined;
  #refused: () => ThreadsReason | undefined = () => undefined;
  #floats: Float32Array;
  #words: Uint32Array;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(set: KernelSet<K>, ground: Ground) {
    const { memory, precision } = ground;
    this.precision = precision;
    this.#ground = ground;
    this.#floats = new Float32Array(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
    this.#heap = new Heap(set.arena, (end, where) => this.#reach(end, where));
    this.link(set);
  }

  /** Makes the kernels of a set callable, once; it must work over the same memory. EngineError where the host cannot. */
  link(set: AnyKernelSet): void {
    if (this.#linked.has(set)) return;
    const { memory, shared } = this.#ground;
    const module = compile(binaryOf(set, this.#ground), shared);
    Object.assign(this.#exports, instantiate(module, memory));
    for (const [kernel, names] of Object.entries(set.parameters as Record<string, string>)) {
      this.#parameters[kernel as keyof K] = names === "" ? [] : (names.split(" ") as []);
    }
    this.#modules.push(module);
    this.#linked.add(set);
  }

  /** How many threads are used, and why no more where the host grants only one. */
  get threads(): Threading {
    const reason = this.#refused();
    return reason ? { count: 1, reason } : this.#ground.threads;
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
    return this.#ground.memory.buffer.byteLength;
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
    const order = this.#parameters[kernel] as readonly (keyof K[N]["operands"])[];
    return this.#exports[kernel]!(...order.map((name) => operands[name] as number)) as K[N]["result"];
  }

  /** A function without parameters that runs a kernel on these operands and allocates nothing. */
  bind(kernel: keyof K, operands: Readonly<Record<string, number>>): () => void {
    const order = this.#parameters[kernel] as readonly string[];
    return this.#exports[kernel]!.bind(null, ...order.map((name) => operands[name]!));
  }

  /** Kernel calls to be run on all threads, or undefined where there is one or the work is not worth it. */
  share(calls: readonly SharedCall<K>[]): Shared | undefined {
    if (this.#ground.threads.count === 1) return undefined;
    const named = calls.map(({ kernel, operands, own, work }) => ({
      kernel: kernel as string,
      order: this.#parameters[kernel] as readonly string[],
      operands,
      own,
      work,
    }));
    if (!worthSharing(named)) return undefined;
    let shared: Shared | undefined;
    return {
      run: async (signal) => {
        shared ??= (await this.#team())?.share(named);
        return (await shared?.run(signal)) ?? false;
      },
      release: () => shared?.release(),
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
    await (await this.#threads)?.close();
  }

  /** The floats of a block or a part of it, as a view that is dead once memory grows. */
  view(address: Address, count: number): Float32Array {
    return this.#floats.subarray(address / 4, address / 4 + count);
  }

  /** Undefined where the host does not load what they need. */
  #team(): Promise<Threads | undefined> {
    this.#threads ??= import("./threads.js").then(({ Threads }) => {
      const { memory, threads, workerUrl } = this.#ground;
      const made = new Threads(
        {
          modules: this.#modules,
          memory,
          workerUrl,
          allocate: (bytes, where) => this.allocate(bytes, where),
          release: (block) => this.release(block),
        },
        threads.count,
      );
      this.#refused = () => made.refused;
      return made;
    }, this.#withoutThreads);
    return this.#threads;
  }

  readonly #withoutThreads = (): undefined => {
    this.#refused = () => "no-workers";
  };

  #reach(end: number, where: string): void {
    const missing = end - this.#ground.memory.buffer.byteLength;
    if (missing <= 0) return;
    try {
      this.#ground.memory.grow(Math.ceil(missing / PAGE));
    } catch (cause) {
      throw this.#exhausted(where, end, cause);
    }
    this.#floats = new Float32Array(this.#ground.memory.buffer);
    this.#words = new Uint32Array(this.#ground.memory.buffer);
  }

  #exhausted(where: string, bytes: number, cause: unknown): EngineError {
    return new EngineError({
      where,
      expected: `at most ${this.#ground.maximum / 16} MiB`,
      got: `a need of ${Math.ceil(bytes / 1048576)} MiB`,
      hint: "take a smaller batch, fewer steps or fewer units, or raise options.memory",
      cause,
    });
  }
}
