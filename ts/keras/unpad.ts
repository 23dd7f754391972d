/** Data without the steps that a mask of Keras leaves out. */
import { type Tensor, tensor } from "../data/tensor.js";
import type { Input } from "../layers/input.js";
import { type Data, samples } from "../model/data.js";
import type { Mask } from "./wires.js";

/** Rows whose steps that count come first, and how many these are. */
export interface Unpadded {
  /** [batch, steps] of tokens, or [batch, steps, width]. */
  readonly data: Tensor<Float32Array | Uint32Array>;
  /** Undefined of an input without a mask, all of whose steps count. */
  readonly lengths: Uint32Array | undefined;
}

/** Of one input. InputError for data that the model would not read. */
export function unpad(where: string, data: Data, input: Input, mask: Mask | undefined): Unpadded {
  const { batch, steps, values } = samples(where, data, input);
  const ofTokens = input.kind === "tokens";
  const width = ofTokens ? 1 : input.width;
  const kept = new (ofTokens ? Uint32Array : Float32Array)(batch * steps * width);
  const lengths = new Uint32Array(batch);
  for (let row = 0; row < batch; row++) {
    for (let step = 0; step < steps; step++) {
      const from = (row * steps + step) * width;
      let counts = !mask;
      for (let i = 0; i < width; i++) counts ||= Math.fround(values[from + i]!) !== mask!.value;
      if (!counts) continue;
      const to = (row * steps + lengths[row]!++) * width;
      for (let i = 0; i < width; i++) kept[to + i] = values[from + i]!;
    }
  }
  return { data: tensor(kept, ofTokens ? [batch, steps] : [batch, steps, width]), lengths: mask && lengths };
}
