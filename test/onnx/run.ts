/** Data as ONNX orders its axes, to ours and back. */
import type { Extent } from "../../ts/onnx/signal.js";

export interface Numbers {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Calls with each index of a shape, row-major. */
function each(shape: readonly number[], use: (index: readonly number[], at: number) => void): void {
  const count = shape.reduce((a, b) => a * b, 1);
  for (let at = 0; at < count; at++) {
    let rest = at;
    const index = shape
      .toReversed()
      .map((length) => {
        const i = rest % length;
        rest = Math.floor(rest / length);
        return i;
      })
      .reverse();
    use(index, at);
  }
}

/** Where an element lies in [batch][steps][width] by what its axes mean. */
function placeOf(
  axes: readonly Extent[],
  index: readonly number[],
  batch: number,
  steps: number,
  width: number,
): number {
  let [row, step, column] = [0, 0, 0];
  for (const [axis, extent] of axes.entries()) {
    const i = index[axis]!;
    if (extent === "batch") row = i;
    else if (extent === "steps") step = i;
    else if (extent === "batch*steps") [row, step] = [Math.floor(i / steps), i % steps];
    else if (extent === "steps*batch") [step, row] = [Math.floor(i / batch), i % batch];
    else column = column * (extent as number) + i;
  }
  return (row * steps + step) * width + column;
}

function sizes(axes: readonly Extent[], shape: readonly number[], otherwise: number) {
  const of = (name: string) => (axes.includes(name) ? shape[axes.indexOf(name)]! : otherwise);
  const width = axes.reduce<number>(
    (product, extent) => product * (typeof extent === "number" ? extent : 1),
    1,
  );
  return { batch: of("batch"), steps: of("steps"), width };
}

/** A tensor of ONNX as what a model reads: [batch, steps, width], or [batch, steps] of indices. */
export function toOurs({ shape, data }: Numbers, axes: readonly Extent[], tokens = false) {
  const { batch, steps, width } = sizes(axes, shape, 1);
  const made = tokens ? new Uint32Array(batch * steps) : new Float32Array(batch * steps * width);
  each(shape, (index, at) => {
    made[placeOf(axes, index, batch, steps, width)] = data[at]!;
  });
  return { shape: tokens ? [batch, steps] : [batch, steps, width], data: made as Float32Array };
}

/** What a model gives, [batch, steps, width], in the order of an output of ONNX. */
export function toOnnx({ shape, data }: Numbers, axes: readonly Extent[]): Float32Array {
  const [batch, steps, width] = shape as [number, number, number];
  const lengths = axes.map((extent) =>
    extent === "batch"
      ? batch
      : extent === "steps"
        ? steps
        : typeof extent === "number"
          ? extent
          : batch * steps,
  );
  const made = new Float32Array(data.length);
  each(lengths, (index, at) => {
    made[at] = data[placeOf(axes, index, batch, steps, width)]!;
  });
  return made;
}

/** Bytes from base64, in every host. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
