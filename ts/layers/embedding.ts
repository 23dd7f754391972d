/** A vector for each symbol. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { normal } from "../graph/initialisers.js";
import { type Initialiser, type ParameterDefinition, tableParameter } from "../graph/parameter.js";
import { gather } from "../ops/gather.js";
import { type Definition, type Layer, layer, requireOptions, requireWidth } from "./layer.js";

/** What a table of vectors begins as, and which of them are learned. */
export interface TableOptions {
  /** What the table begins as, [symbols, units], for example word vectors; default standard normal. It is not kept. */
  readonly vectors?: Tensor;
  /** A symbol that only fills short rows up: its vector is zeros, and training leaves it so. */
  readonly padding?: number;
}

export interface EmbeddingOptions extends TableOptions {
  /** Whether training leaves the table as it is; default false. */
  readonly frozen?: boolean;
}

/** tokens [steps][batch] to [steps][batch][units]: the row of a table, which is learned unless it is frozen. */
export function embedding(units: number, options: EmbeddingOptions = {}): Layer {
  requireOptions("embedding", options, ["vectors", "frozen", "padding"]);
  const { frozen = false, padding } = options;
  if (typeof frozen !== "boolean") {
    throw new InputError({ where: "embedding.frozen", expected: "true or false", got: String(frozen) });
  }
  const definition = { layer: "embedding", units, frozen: frozen || undefined, padding };
  return tableLayer(definition, options, ({ width }, first) => tableParameter(width, units, first, frozen));
}

/** A layer that gives rows of a table: the parameter that `tableOf` defines for the symbols, with what it begins as. */
export function tableLayer(
  definition: Definition & { readonly units: number },
  { vectors, padding }: TableOptions,
  tableOf: (ids: Value, first: Initialiser) => ParameterDefinition,
): Layer {
  const { layer: name, units } = definition;
  requireWidth(`${name}.units`, units);
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
    return gather(ids, ids.graph.parameter("weight", tableOf(ids, first)), padding);
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
