/** Weights in int8. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { accumulateInt8, arrangeInt8, embeddingInt8 } from "../int8";
export const arena: usize = __heap_base;
