/** Weights of the recurrent operators: gates from their order into ours, rows into columns. */
import { type Call, knownAt, refuse, type Weights } from "./builder.js";

/** The numbers of each direction. */
export function blocks(call: Call, index: number, shape: readonly number[]): Float32Array[] {
  const tensor = knownAt(call, index);
  if (!tensor.real || tensor.shape.join() !== shape.join()) {
    refuse(call, `input ${index} of shape [${shape}]`, `[${tensor.shape}]`);
  }
  const values = Float32Array.from(tensor.values as ArrayLike<number>);
  call.builder.spend(call, values.length);
  const size = values.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

/** [gates units, inputs], gates in the order of ONNX, as [inputs, gates units] in ours. */
export function columns(
  values: Float32Array,
  gates: readonly number[],
  units: number,
  inputs: number,
): Float32Array {
  const width = gates.length * units;
  const made = new Float32Array(inputs * width);
  for (const [gate, from] of gates.entries()) {
    for (let unit = 0; unit < units; unit++) {
      for (let input = 0; input < inputs; input++) {
        made[input * width + gate * units + unit] = values[(from * units + unit) * inputs + input]!;
      }
    }
  }
  return made;
}

export function hiddenWeights(
  values: Float32Array,
  gates: readonly number[],
  units: number,
  resetFirst: boolean,
): Weights {
  if (!resetFirst) return { weightHidden: columns(values, gates, units, units) };
  return {
    weightHidden: columns(values, gates.slice(0, 2), units, units),
    weightCandidate: columns(values, gates.slice(2), units, units),
  };
}

export function biasesOf(values: Float32Array, gates: readonly number[], units: number): Weights {
  const half = values.length / 2;
  return {
    bias: reordered(values.subarray(0, half), gates, units),
    biasHidden: reordered(values.subarray(half), gates, units),
  };
}

/** Blocks of `size` numbers in another order. */
export function reordered(values: Float32Array, order: readonly number[], size: number): Float32Array {
  const made = new Float32Array(order.length * size);
  for (const [to, from] of order.entries())
    made.set(values.subarray(from * size, (from + 1) * size), to * size);
  return made;
}
