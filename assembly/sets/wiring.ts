/** What models need whose layers are no chain. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { divideForward, divideBackward, extremeForward, extremeBackward } from "../pairs";
export { sumSteps, spreadSteps, greatestStep, greatestStepBackward, reverseSteps } from "../over-steps";
export const arena: usize = __heap_base;
