/** The engine under word vectors, with kernels of its own. */
import { createEngineOf } from "../engine/create.js";
import type { Engine, EngineOptions } from "../engine/engine.js";
import { type Kernels, kernels } from "./words.gen.js";

/** What all that makes word vectors can be told of its engine. */
export type MemoryOptions = Pick<EngineOptions, "memory">;

export type WordEngine = Engine<Kernels>;

/** EngineError where the host cannot run it, InputError for a size of memory or a number of threads that cannot be. */
export function createWordEngine({
  memory = 1024,
  threads = 1,
}: Pick<EngineOptions, "memory" | "threads">): Promise<WordEngine> {
  return createEngineOf(kernels, { memory, threads });
}
