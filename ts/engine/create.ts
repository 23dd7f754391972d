/** Engines for the host at hand: their memory, their threads, their precision. */
import { EngineError, InputError } from "../errors.js";
import { compile, hasRelaxedSimd } from "./compile.js";
import { kernels as core } from "./core.gen.js";
import { Engine, type EngineOptions, type Precision } from "./engine.js";
import { cores, isolated, lacking } from "./host.js";
import type { Kernels } from "./kernels.js";
import type { Binary, KernelSet, Signatures } from "./sets.js";

const PAGE = 65536;

const MOST_THREADS = 64;

const reproducible: Precision = { name: "reproducible", reason: undefined };

/** The set that every network needs; the others are linked to the engine by those who need them. */
const networks = core as unknown as KernelSet<Kernels>;

/** An engine of the kernels of networks; `quantised`: those of int8 must compute right too. */
export async function createEngine(options: EngineOptions = {}, quantised = false): Promise<Engine> {
  const { precision = "reproducible" } = options;
  if (precision !== "reproducible" && precision !== "fast") {
    throw new InputError({
      where: "options.precision",
      expected: '"reproducible" or "fast"',
      got: String(precision),
    });
  }
  if (precision === "reproducible") return createEngineOf(networks, options);
  if (!hasRelaxedSimd()) {
    return createEngineOf(networks, options, { name: "reproducible", reason: "no-relaxed-simd" });
  }
  const { fast, multipliesRight } = await import("./fast.js"); // which only those load who ask for it
  const engine = await createEngineOf(networks, options, { name: "fast", reason: undefined }, fast);
  const right =
    multipliesRight(engine) &&
    (!quantised || (await (await import("./self-test.js")).multipliesInt8Right(fast)));
  return right ? engine : createEngineOf(networks, options, { name: "reproducible", reason: "self-test" });
}

/**
 * An engine of a set of kernels over a fresh memory; `variants`: binaries to take instead, by name of the set. EngineError
 * where the host cannot.
 */
export async function createEngineOf<K extends Signatures<K>>(
  set: KernelSet<K>,
  options: EngineOptions = {},
  precision = reproducible,
  variants: Readonly<Record<string, Binary>> = {},
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
  await compile(variants[set.name] ?? set, shared !== undefined);
  return new Engine(set, {
    shared: shared !== undefined,
    variants,
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
