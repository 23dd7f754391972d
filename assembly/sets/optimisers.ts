/** The optimisers beside gradient descent and Adam. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { adamax, rmsprop, adadelta, lion } from "../optimise";
export const arena: usize = __heap_base;
