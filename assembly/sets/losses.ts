/** Softmax as a layer, and the losses beside cross-entropy. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { softmaxForward, softmaxBackward } from "../softmax-rows";
export { binaryForward, binaryBackward } from "../losses/binary";
export { residualForward, residualBackward } from "../losses/residual";
export { cosineForward, cosineBackward } from "../losses/cosine";
export { ctcForward, ctcBackward } from "../losses/ctc";
export { crfForward, crfBackward, crfGradient } from "../losses/crf";
export const arena: usize = __heap_base;
