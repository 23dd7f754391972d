/** recurra/words: words as vectors. */
export { createEngineOf } from "../engine/create.js";
export { kernels } from "./words.gen.js";
