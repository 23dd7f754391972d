/** The kernels of words as vectors: a binary of their own. Addresses are bytes from the start of memory. */
export { similarities } from "./similarity";
export const arena: usize = __heap_base;
