/** recurra/torch: weights of PyTorch, from it and back to it. */

export type { Entry } from "../io/safetensors.js";
export { type AssignTorchOptions, assignTorch } from "./assign.js";
export { type ToTorchOptions, toTorch } from "./export.js";
export { type FromTorchOptions, fromTorch } from "./infer.js";
export type { TorchLimits } from "./limits.js";
export { readTorch, type StateOptions } from "./state.js";
