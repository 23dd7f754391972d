/** The kernels of words as vectors: a binary of their own. Addresses are bytes from the start of memory. */
export { glove } from "./glove";
export { similarities } from "./similarity";
export { scratchBytes, word2vec } from "./word2vec";
export { randomWords } from "../random";
export const arena: usize = __heap_base;
