/** The kernels of networks by name: those of all sets that work over their memory. */
import type { Kernels as Attention } from "./attention.gen.js";
import type { Kernels as Core } from "./core.gen.js";
import type { Kernels as Int8 } from "./int8.gen.js";
import type { Kernels as Losses } from "./losses.gen.js";
import type { Kernels as Optimisers } from "./optimisers.gen.js";
import type { Kernels as Recurrences } from "./recurrences.gen.js";
import type { Kernels as Sparse } from "./sparse.gen.js";
import type { Kernels as Wiring } from "./wiring.gen.js";

export interface Kernels extends Core, Recurrences, Attention, Int8, Losses, Optimisers, Sparse, Wiring {}
