import { LINE, roundUp } from "../engine/address.js";
import { glorotUniform } from "../graph/initialisers.js";
import { matrixParameter } from "../graph/parameter.js";
import { place, span } from "../graph/span.js";
import { emitTranspose, emitWeightGradient, type Matrix, roomFor } from "../ops/product.js";
import { type Cell, gateRows, sourceRows } from "./cell.js";

/** Long short-term memory whose output is a projection to `projection` numbers. Sak, Senior & Beaufays 2014. */
export function lstmProjectedCell(projection: number, forgetBias: number): Cell {
  const width = roundUp(projection, LINE);
  return {
    name: "lstm",
    gates: ["input", "forget", "candidate", "output"],
    states: ["hidden", "cell"],
    open: { gate: 1, bias: forgetBias },
    widths: (units) => [projection, units],
    record(run) {
      const { graph, steps, batch, units, stride, lengths, reverse, gates, columns } = run;
      const weight = run.weight("weightHidden", matrixParameter(projection, 4, units, glorotUniform(4)));
      const projecting = graph.parameter(
        "weightProjection",
        matrixParameter(units, 1, projection, glorotUniform()),
      );
      const rows = steps * batch;
      const outputs = place(span("outputs", rows * stride));
      const shared = {
        gates,
        lengths,
        steps,
        batch,
        units,
        projected: projection,
        reverse,
        from: 0,
        to: batch,
      };
      return {
        forward(emit, walk) {
          const own = {
            outputs,
            weight: weight.value,
            projection: projecting.value,
            quantised: roomFor(projecting, batch), // the wider of the two
            ...shared,
          };
          walk((stretch) => emit("lstmProjectedForward", { ...own, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          const dProjected = place(span("gradient of the projection", rows * width));
          const dOutputs = place(span("gradient of the outputs", 2 * batch * stride));
          emit("zero", { to: dOutputs, count: 2 * batch * stride });
          const own = {
            dProjected,
            dOutputs,
            transposed: emitTranspose(emit, weight, projection, columns),
            projectionTransposed: emitTranspose(emit, projecting, units, width),
            ...shared,
          };
          walk((stretch) => emit("lstmProjectedBackward", { dHidden, ...own, ...stretch }));
          emitWeightGradient(emit, sourceRows(run, projection), gateRows(run), weight, 0);
          const projectedRows: Matrix = { place: dProjected, rows, width: projection, stride: width };
          emitWeightGradient(
            emit,
            { place: outputs, rows, width: units, stride },
            projectedRows,
            projecting,
            0,
          );
        },
      };
    },
  };
}
