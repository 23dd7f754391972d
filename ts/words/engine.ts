/** The engine under word vectors: kernels of its own, on one thread. */
import { createEngineOf, type Engine, type EngineOptions } from "../engine/engine.js";
import { type Kernels, kernels } from "./kernels.gen.js";

/** What all that makes word vectors can be told of its engine. */
export type MemoryOptions = Pick<EngineOptions, "memory">;

export type WordEngine = Engine<Kernels>;

/** EngineError where the host cannot run it, InputError for a size of memory that cannot be. */
export function createWordEngine({ memory = 1024 }: MemoryOptions): Promise<WordEngine> {
  return createEngineOf(kernels, { memory, threads: 1 });
}
