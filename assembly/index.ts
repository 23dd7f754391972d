/** Everything the host can call. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { matmul, matmulGradient, transposePanels } from "./matmul";
export { embeddingForward, embeddingBackward } from "./embedding";
export { crossEntropyForward, crossEntropyBackward } from "./softmax";
export { squaredErrorForward, squaredErrorBackward } from "./squared-error";
export { activationForward, activationBackward, multiply, copyColumns, addColumns } from "./pointwise";
export { dropout } from "./dropout";
export { randomWords } from "./random";
export { orthogonal } from "./orthogonal";
export { copy, zero, add, dot, squaredNorm } from "./memory";
export { sgd, adam } from "./optimise";
export { lstmForward, lstmBackward } from "./cells/lstm";
export { lstmProjectedForward, lstmProjectedBackward } from "./cells/lstm-projected";
export { gruForward, gruBackward } from "./cells/gru";
export { gruResetFirstForward, gruResetFirstBackward } from "./cells/gru-reset-first";
export { rnnForward, rnnBackward } from "./cells/rnn";
export { beginStates, beginStatesBackward, maskEnded, lastForward, lastBackward } from "./sequence";
export const arena: usize = __heap_base;
