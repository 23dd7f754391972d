/** The recurrences beside the LSTM. Addresses are bytes from the start of memory; `arena` is the first that is free. */
export { gruForward, gruBackward } from "../cells/gru";
export { gruResetFirstForward, gruResetFirstBackward } from "../cells/gru-reset-first";
export { rnnForward, rnnBackward } from "../cells/rnn";
export { lstmNormalisedForward, lstmNormalisedBackward } from "../cells/lstm-normalised";
export { minGruForward, minGruBackward } from "../cells/min-gru";
export { minLstmForward, minLstmBackward } from "../cells/min-lstm";
export const arena: usize = __heap_base;
