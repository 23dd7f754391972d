/** What every network needs, and the LSTM. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { matmul, matmulGradient, transposePanels } from "../matmul";
export { embeddingForward, embeddingBackward } from "../embedding";
export { crossEntropyForward, crossEntropyBackward } from "../losses/cross-entropy";
export { distributionForward, distributionBackward } from "../losses/distribution";
export { activationForward, activationBackward, multiply, copyColumns, addColumns } from "../pointwise";
export { dropout } from "../dropout";
export { randomWords, uniform } from "../random";
export { arrangePanels } from "../panels";
export { orthogonal } from "../orthogonal";
export { copy, zero, add, dot, squaredNorm, scale, bound, lasso, follow } from "../memory";
export { sgd, adam } from "../optimise";
export { lstmForward, lstmBackward, lstmPeepholeGradient } from "../cells/lstm";
export { zoneout, zoneoutBackward } from "../zoneout";
export { lstmProjectedForward, lstmProjectedBackward } from "../cells/lstm-projected";
export { beginStates, beginStatesBackward, maskEnded, lastForward, lastBackward } from "../sequence";
export const arena: usize = __heap_base;
