import { kernels as recurrences } from "../engine/recurrences.gen.js";
import { orthogonal } from "../graph/initialisers.js";
import { matrixParameter } from "../graph/parameter.js";
import { type Activation, activationCode } from "../ops/activation.js";
import { emitTranspose, emitWeightGradient, roomFor } from "../ops/product.js";
import { type Cell, gateRows, sourceRows } from "./cell.js";

/** h(t) = f(x Wx + b + h(t-1) Wh). Elman 1990. `clip`: bound of the pre-activation, 0 for none. */
export function rnnCell(activation: Activation, clip: number): Cell {
  const { code, alpha, beta } = activationCode("rnn.activation", activation);
  return {
    name: "rnn",
    gates: ["hidden"],
    states: ["hidden"],
    record(run) {
      run.graph.use(recurrences);
      const { steps, batch, units, lengths, reverse, gates, columns } = run;
      const weight = run.weight("weightHidden", matrixParameter(units, 1, units, orthogonal(1)));
      const shared = {
        gates,
        lengths,
        activation: code,
        alpha,
        beta,
        clip,
        steps,
        batch,
        units,
        reverse,
        from: 0,
        to: batch,
      };
      return {
        forward(emit, walk) {
          const own = { weight: weight.value, quantised: roomFor(weight, batch), ...shared };
          walk((stretch) => emit("rnnForward", { ...own, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          const transposed = emitTranspose(emit, weight, units, columns);
          walk((stretch) => emit("rnnBackward", { dHidden, transposed, ...shared, ...stretch }));
          emitWeightGradient(emit, sourceRows(run, units), gateRows(run), weight, 0);
        },
      };
    },
  };
}
