/** A vector for each symbol of many. */
import { kernels } from "../engine/sparse.gen.js";
import { sparseTableParameter } from "../graph/touched.js";
import { type TableOptions, tableLayer } from "./embedding.js";
import { type Layer, requireOptions } from "./layer.js";

/**
 * tokens [steps][batch] to [steps][batch][units]: an `embedding` whose steps of training cost what the symbols of their batches do,
 * however many others there are; it takes as much memory. What an optimiser keeps of a symbol stays as it is while the symbol
 * does not come, and weight decay and `l1` pull at those that do: so Adam is the lazy one of PyTorch's SparseAdam, with epsilon
 * where Adam has it, and plain gradient descent and Adagrad without decay are as with `embedding`. The `average` of a training is
 * that of all symbols, at the cost of all.
 */
export function sparseEmbedding(units: number, options: TableOptions = {}): Layer {
  requireOptions("sparseEmbedding", options, ["vectors", "padding"]);
  const definition = { layer: "sparseEmbedding", units, padding: options.padding };
  return tableLayer(definition, options, ({ graph, width }, first) => {
    graph.use(kernels);
    return sparseTableParameter(width, units, first);
  });
}
