/** Engines for the host at hand: their memory, their threads, their precision. */
import { EngineError, InputError } from "../errors.js";
import { compile, isCompiled } from "./compile.js";
import { kernels as core } from "./core.gen.js";
import { binaryOf, type Choice, Engine, type EngineOptions, type Precision } from "./engine.js";
import { cores, isolated, lacking } from "./host.js";
import type { Kernels } from "./kernels.gen.js";
import type { KernelSet, Signatures } from "./sets.js";

const PAGE = 65536;

const MOST_THREADS = 64;

const reproducible: Precision = { name: "reproducible", reason: undefined };

/** The set that every network needs; the others are linked to the engine by those who need them. */
const networks = core as unknown as KernelSet<Kernels>;

/** An engine of the kernels of networks; `quantised`: those of int8 must compute right too. */
export async function createEngine(options: EngineOptions = {}, quantised = false): Promise<Engine> {
  const { precision = "reproducible", kernels } = options;
  if (precision !== "reproducible" && precision !== "fast") {
    throw new InputError({
      where: "options.precision",
      expected: '"reproducible" or "fast"',
      got: String(precision),
    });
  }
  // What few ask for is loaded when it is asked for.
  const brought =
    kernels === undefined
      ? undefined
      : await (await import("./brought.js")).bring(kernels, precision, quantised);
  const exact = (reason: Precision["reason"]) =>
    createEngineOf(networks, options, { brought, precision: { name: "reproducible", reason } });
  if (precision === "reproducible") return exact(undefined);
  if (!(await import("./relaxed.js")).hasRelaxedSimd()) return exact("no-relaxed-simd");
  const { fast, multipliesRight } = await import("./fast.js");
  const ground = { brought, variants: fast, precision: { name: "fast", reason: undefined } } as const;
  const engine = await createEngineOf(networks, options, ground);
  const right =
    multipliesRight(engine) &&
    (!quantised || (await (await import("./self-test.js")).multipliesInt8Right(ground)));
  return right ? engine : exact("self-test");
}

/** What an engine may be told beside the user's options. */
export interface Making extends Partial<Choice> {
  readonly precision?: Precision;
}

/** An engine of a set of kernels over a fresh memory. EngineError where the host cannot. */
export async function createEngineOf<K extends Signatures<K>>(
  set: KernelSet<K>,
  options: EngineOptions = {},
  { precision = reproducible, variants = {}, brought }: Making = {},
): Promise<Engine<K>> {
  const { memory = 1024, threads = Math.min(cores(), MOST_THREADS), workerUrl } = options;
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
  const choice = { variants, brought };
  const binary = binaryOf(set, choice);
  const compiled = brought?.compiled || isCompiled(binary);
  const sharing = isolated && !compiled;
  const pages = { initial: Math.ceil(set.arena / PAGE), maximum: Math.floor(memory * 16) };
  compile(binary, sharing); // before any memory is asked for, so that a host without WebAssembly is told so
  const shared = sharing ? memoryOf({ ...pages, shared: true }) : undefined;
  if (sharing && !shared) compile(binary, false);
  const denied = compiled ? "compiled" : sharing && !shared ? "memory-denied" : lacking();
  return new Engine(set, {
    ...choice,
    shared: shared !== undefined,
    workerUrl,
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
