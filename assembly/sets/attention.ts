/** Attention. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { attentionWeightsForward, attentionWeightsBackward } from "../attention/weights";
export { attentionContextForward, attentionContextBackward } from "../attention/context";
export { nextPositions, remember } from "../attention/cache";
export { positionsForward, positionsBackward } from "../attention/positions";
export const arena: usize = __heap_base;
