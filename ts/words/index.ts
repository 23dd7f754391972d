/** recurra/words: words as vectors. */
export { createEngineOf } from "../engine/engine.js";
export { kernels } from "./kernels.gen.js";
