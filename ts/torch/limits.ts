/** How much a file of PyTorch's may ask for. */
import { defaultLimits, type Limits } from "../io/safetensors.js";

/** Those of safetensors, and of a pickle: */
export interface TorchLimits extends Limits {
  /** Bytes that the objects of a pickle may take, as estimated (default 16,777,216). */
  readonly pickleMemory: number;
  /** Dictionaries and lists within each other (default 16). */
  readonly depth: number;
}

export const defaultTorchLimits: TorchLimits = { ...defaultLimits, pickleMemory: 16_777_216, depth: 16 };
