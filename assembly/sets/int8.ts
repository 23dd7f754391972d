/**
 * The kernels of forward passes whose weights are int8, in the place of those of the same names, and with the same operands: built
 * from the same sources with the constant INT8. Addresses are bytes from the start of memory; `arena` is the first that is free.
 */
export { matmul } from "../matmul";
export { arrangeInt8, embeddingInt8 as embeddingForward } from "../int8";
export { lstmForward } from "../cells/lstm";
export { lstmProjectedForward } from "../cells/lstm-projected";
export { lstmNormalisedForward } from "../cells/lstm-normalised";
export { gruForward } from "../cells/gru";
export { gruResetFirstForward } from "../cells/gru-reset-first";
export { rnnForward } from "../cells/rnn";
export const arena: usize = __heap_base;
