import { kernels as recurrences } from "../engine/recurrences.gen.js";
import { ones, openGate, orthogonal, zeros } from "../graph/initialisers.js";
import { matrixParameter, vectorParameter } from "../graph/parameter.js";
import { place, span } from "../graph/span.js";
import { emitNormGradient, rowNormalisation } from "../ops/layer-norm.js";
import { emitTranspose, emitWeightGradient, type Matrix, roomFor } from "../ops/product.js";
import { type Cell, sourceRows } from "./cell.js";

const EPSILON = 1e-5;

/** Long short-term memory with layer normalisation of its products and of its cell. Ba, Kiros & Hinton 2016. */
export function lstmNormalisedCell(forgetBias: number): Cell {
  return {
    name: "lstm",
    gates: ["input", "forget", "candidate", "output"],
    states: ["hidden", "cell"],
    ownBias: true,
    record(run) {
      const { graph, steps, batch, units, stride, lengths, reverse, gates, columns } = run;
      graph.use(recurrences);
      const rows = steps * batch;
      const vector = (name: string, gates: number, initialise = ones) =>
        graph.parameter(name, vectorParameter(gates, units, initialise));
      const weight = run.weight("weightHidden", matrixParameter(units, 4, units, orthogonal(4)));
      const inputGain = vector("gainInput", 4);
      const hiddenGain = vector("gainHidden", 4);
      const bias = vector("bias", 4, openGate(1, forgetBias, 4));
      const cellGain = vector("gainCell", 1);
      const cellShift = vector("shiftCell", 1, zeros);
      const gateRows = { rows, units, gates: 4, stride: columns };
      const input = rowNormalisation(graph, gateRows, inputGain, bias, EPSILON);
      const products = span("normalised products", rows * columns);
      const cells = span("normalised cells", rows * stride);
      const shared = {
        gates,
        products,
        productScales: span("scales of products", rows),
        cells,
        cellScales: span("scales of cells", rows),
        hiddenGain: hiddenGain.value,
        cellGain: cellGain.value,
        cellShift: cellShift.value,
        lengths,
        steps,
        batch,
        units,
        reverse,
        from: 0,
        to: batch,
      };
      return {
        forward(emit, walk) {
          input.forward(emit, gates, gates);
          const quantised = roomFor(weight, batch);
          const own = { weight: weight.value, quantised, epsilon: EPSILON, ...shared };
          walk((stretch) => emit("lstmNormalisedForward", { ...own, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          const dProducts = place(span("gradient of the products", rows * columns));
          const dCells = place(span("gradient of the normalised cells", rows * stride));
          const own = {
            dProducts,
            dCells,
            dNormal: place(span("gradient of a cell", batch * stride)),
            dHidden,
            transposed: emitTranspose(emit, weight, units, columns),
            ...shared,
          };
          walk((stretch) => emit("lstmNormalisedBackward", { ...own, ...stretch }));
          const productRows: Matrix = { place: dProducts, rows, width: columns, stride: columns };
          emitWeightGradient(emit, sourceRows(run, units), productRows, weight, 0);
          emitNormGradient(emit, gates, products, hiddenGain, 0, gateRows);
          emitNormGradient(emit, dCells, cells, cellGain, cellShift.gradient, { rows, stride });
          input.backward(emit, gates, gates);
        },
      };
    },
  };
}
