/** recurra/safetensors: named tensors as bytes, read strictly. */

export { type Numbers, numbersOf } from "./numbers.js";
export {
  type Dtype,
  type Entry,
  type Limits,
  readSafetensors,
  type Safetensors,
  writeSafetensors,
} from "./safetensors.js";
export { readShards } from "./shards.js";
