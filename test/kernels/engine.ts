/** An engine on which every kernel of networks can be called. */

import { kernels as attention } from "../../ts/engine/attention.gen.js";
import { createEngine as create } from "../../ts/engine/create.js";
import type { Engine, EngineOptions } from "../../ts/engine/engine.js";
import { kernels as losses } from "../../ts/engine/losses.gen.js";
import { kernels as normalise } from "../../ts/engine/normalise.gen.js";
import { kernels as optimisers } from "../../ts/engine/optimisers.gen.js";
import { kernels as recurrences } from "../../ts/engine/recurrences.gen.js";
import { kernels as sparse } from "../../ts/engine/sparse.gen.js";
import { kernels as wiring } from "../../ts/engine/wiring.gen.js";

export async function createEngine(options?: EngineOptions): Promise<Engine> {
  const engine = await create(options);
  for (const set of [recurrences, attention, losses, normalise, optimisers, sparse, wiring]) engine.link(set);
  return engine;
}
