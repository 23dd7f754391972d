/** Some steps of a sequence side by side: what a convolution over the steps multiplies with its kernel. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { place, shift, span } from "../graph/span.js";
import { countOf, inherited, nameOf, requireNumbers } from "./values.js";

export interface Frames {
  /** How many steps are put side by side. */
  readonly size: number;
  /** How far each is from the next. */
  readonly dilation: number;
  /** How far a frame is from the next. */
  readonly stride: number;
  /**
   * Which steps the frames have: `causal`, none past the step of the frame; `same`, as many before it as past it, one more past
   * it where the number is odd; `valid`, only those that there are. Elsewhere frames have zeros for the steps that are missing.
   */
  readonly padding: "causal" | "same" | "valid";
}

/** How many frames a sequence gives, and how many steps the first begins before it. */
function framesOf(steps: number, { size, dilation, stride, padding }: Frames) {
  const reach = (size - 1) * dilation;
  if (padding === "valid") return { count: Math.floor((steps - reach - 1) / stride) + 1, before: 0 };
  const count = Math.ceil(steps / stride);
  const missing = Math.max(0, (count - 1) * stride + reach + 1 - steps);
  return { count, before: padding === "causal" ? reach : Math.floor(missing / 2) };
}

/**
 * x [steps][batch][width] to [frames][batch][size width]: frame t has the steps t stride - before + k dilation, k ascending.
 * Steps past the length of a row are zeros. InputError for a sequence without a frame, and for rows of their own length where
 * frames are other than steps.
 */
export function frames(x: Value, options: Frames): Value {
  requireNumbers("frames", [x]);
  const { graph, steps, batch, width, lengths } = x;
  const { size, dilation, stride, padding } = options;
  const { count: made, before } = framesOf(steps, options);
  const count = graph.defining ? Math.max(1, made) : made; // whose shapes do not depend on it
  if (stride > 1 || size > 1) graph.refuseStreaming(x);
  if (count < 1) {
    throw new InputError({
      where: nameOf("frames", x),
      expected: `at least ${(size - 1) * dilation + 1} steps`,
      got: String(steps),
    });
  }
  if (lengths && (stride > 1 || (padding === "valid" && size > 1))) {
    throw new InputError({
      where: nameOf("frames", x),
      expected: "rows of one length, where frames are other than steps",
      got: "rows of their own length",
    });
  }
  const output = graph.value({ steps: count, batch, width: size * width, ...inherited([x]) });
  const step = batch * x.stride;
  const frame = batch * output.stride;
  const whole = lengths ? place(span("steps that count", countOf(x))) : x.place;
  const mask = { lengths: lengths ?? 0, steps, batch, stride: x.stride, from: 0, to: batch } as const;
  /** Calls with the first frame, the first step and the number of rows of what lies one after another in both. */
  const each = (part: (column: number, frame: number, step: number, rows: number) => void) => {
    for (let k = 0; k < size; k++) {
      const offset = k * dilation - before;
      const first = Math.max(0, Math.ceil(-offset / stride));
      const end = Math.min(count, Math.floor((steps - 1 - offset) / stride) + 1);
      if (end <= first) continue;
      if (stride === 1) part(k * width, first, first + offset, (end - first) * batch);
      else for (let t = first; t < end; t++) part(k * width, t, t * stride + offset, batch);
    }
  };
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      if (lengths) emit("maskEnded", { x: x.place, y: whole, ...mask });
      emit("zero", { to: output.place, count: countOf(output) });
      each((column, t, from, rows) => {
        emit("copyColumns", {
          x: shift(whole, from * step),
          y: shift(output.place, t * frame + column),
          width,
          xStride: x.stride,
          yStride: output.stride,
          rows,
        });
      });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x);
      if (!dx) return;
      emit("zero", { to: dx, count: countOf(x) });
      each((column, t, to, rows) => {
        emit("addColumns", {
          x: shift(dOutput, t * frame + column),
          y: shift(dx, to * step),
          width,
          xStride: output.stride,
          yStride: x.stride,
          rows,
        });
      });
      if (lengths) emit("maskEnded", { x: dx, y: dx, ...mask });
    },
  });
}
