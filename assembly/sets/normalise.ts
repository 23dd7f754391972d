/** Layer normalisation. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { layerNormForward, layerNormBackward, layerNormGradient } from "../normalise";
export const arena: usize = __heap_base;
