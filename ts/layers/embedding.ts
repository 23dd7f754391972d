/** A vector for each symbol. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { normal } from "../graph/initialisers.js";
import { type Initialiser, tableParameter } from "../graph/parameter.js";
import { gather } from "../ops/gather.js";
import { type Layer, layer, requireOptions, requireWidth } from "./layer.js";

export interface EmbeddingOptions {
  /** What the table begins as, [symbols, units], for example word vectors; default standard normal. It is not kept. */
  readonly vectors?: Tensor;
  /** Whether training leaves the table as it is; default false. */
  readonly frozen?: boolean;
  /** A symbol that only fills short rows up: its vector is zeros, and training leaves it so. */
  readonly padding?: number;
}

/** tokens [steps][batch] to [steps][batch][units]: the row of a table, which is learned unless it is frozen. */
export function embedding(units: number, options: EmbeddingOptions = {}): Layer {
  requireWidth("embedding.units", units);
  requireOptions("embedding", options, ["vectors", "frozen", "padding"]);
  const { vectors, frozen = false, padding } = options;
  if (typeof frozen !== "boolean") {
    throw new InputError({ where: "embedding.frozen", expected: "true or false", got: String(frozen) });
  }
  const definition = { layer: "embedding", units, frozen: frozen || undefined, padding };
  return layer(definition, (ids) => {
    const where = ids.graph.path;
    if (ids.kind !== "tokens") {
      throw new InputError({
        where,
        expected: "tokens",
        got: `rows of ${ids.width} numbers`,
        hint: "an embedding comes right after tokens(size)",
      });
    }
    if (vectors && vectors.shape.join() !== [ids.width, units].join()) {
      throw new InputError({
        where,
        expected: `vectors [${ids.width}, ${units}]: a row for each symbol`,
        got: `[${vectors.shape}]`,
      });
    }
    if (padding !== undefined && !(Number.isInteger(padding) && padding >= 0 && padding < ids.width)) {
      throw new InputError({
        where: `${where} padding`,
        expected: `a symbol from 0 to ${ids.width - 1}`,
        got: String(padding),
      });
    }
    const first = withPadding(vectors ? copyOf(vectors) : normal(1), units, padding);
    const weight = ids.graph.parameter("weight", tableParameter(ids.width, units, first, frozen));
    return gather(ids, weight, padding);
  });
}

function copyOf({ data }: Tensor): Initialiser {
  return (values) => values.set(data);
}

function withPadding(first: Initialiser, units: number, padding: number | undefined): Initialiser {
  if (padding === undefined) return first;
  return (values, layout, draw) => {
    first(values, layout, draw);
    values.fill(0, padding * units, (padding + 1) * units);
  };
}
