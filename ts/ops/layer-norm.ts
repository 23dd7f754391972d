/** Layer normalisation of the rows of a value, and of what cells compute. */
import { kernels } from "../engine/normalise.gen.js";
import type { Emit, Graph, Value } from "../graph/graph.js";
import type { Parameter } from "../graph/parameter.js";
import { type Place, type Span, span } from "../graph/span.js";

/** Rows to be normalised: `units` numbers of each of `gates`, four units of each gate side by side, `stride` floats apart. */
export interface NormalisedRows {
  readonly rows: number;
  readonly units: number;
  readonly gates: number;
  readonly stride: number;
}

/** gain N(x) + shift of rows, with what its backward pass needs. */
export interface RowNormalisation {
  forward(emit: Emit, x: Place, y: Place): void;
  /** dx, which may be dy; adds the gradients of gain and shift. */
  backward(emit: Emit, dy: Place, dx: Place): void;
}

/** (x - mean x) / sqrt(variance of x + epsilon), times gain, plus shift. Ba, Kiros & Hinton 2016. */
export function rowNormalisation(
  graph: Graph,
  { rows, ...row }: NormalisedRows,
  gain: Parameter | undefined,
  shift: Parameter | undefined,
  epsilon: number,
): RowNormalisation {
  graph.use(kernels);
  const n = span("normalised rows", rows * row.stride);
  const s = span("scales of rows", rows);
  const range = { from: 0, to: rows };
  return {
    forward(emit, x, y) {
      const parameters = { gain: gain?.value ?? (0 as const), shift: shift?.value ?? (0 as const), epsilon };
      emit("layerNormForward", { x, y, n, s, ...parameters, ...row, ...range });
    },
    backward(emit, dy, dx) {
      if (gain) emitNormGradient(emit, dy, n, gain, shift?.gradient ?? 0, { rows, ...row });
      emit("layerNormBackward", { dy, n, s, gain: gain?.value ?? 0, dx, ...row, ...range });
    },
  };
}

/** Adds the gradients of gain and shift of normalised rows n. */
export function emitNormGradient(
  emit: Emit,
  dy: Place,
  n: Span,
  gain: Parameter,
  dShift: Span | 0,
  { rows, stride }: Pick<NormalisedRows, "rows" | "stride">,
): void {
  emit("layerNormGradient", { dy, n, dGain: gain.gradient, dShift, rows, stride, from: 0, to: stride / 4 });
}

/** Every row of x [steps][batch][width] normalised by itself; gain and shift one row, or none. */
export function layerNorm(
  x: Value,
  gain: Parameter | undefined,
  shift: Parameter | undefined,
  epsilon: number,
): Value {
  const { graph, steps, batch, lengths, width, stride } = x;
  const output = graph.value({ steps, batch, lengths, width, overwritable: true });
  const norm = rowNormalisation(
    graph,
    { rows: steps * batch, units: width, gates: 1, stride },
    gain,
    shift,
    epsilon,
  );
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      norm.forward(emit, x.place, output.place);
    },
    backward({ emit, dOutput, gradient }) {
      norm.backward(emit, dOutput, gradient(x, dOutput) ?? dOutput);
    },
  });
}
