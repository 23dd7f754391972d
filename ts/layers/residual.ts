/** A shortcut past layers. */
import { InputError } from "../errors.js";
import { add } from "../ops/add.js";
import { type Layer, layer } from "./layer.js";

/** x + the layers applied to x one after another, which must give as many numbers as they are given (He et al. 2016). */
export function residual(...layers: readonly Layer[]): Layer {
  if (layers.length === 0)
    throw new InputError({ where: "residual", expected: "at least one layer", got: "none" });
  return layer({ layer: "residual", of: layers.map(({ definition }) => definition) }, (x, others) =>
    add(
      x,
      layers.reduce((value, apply) => apply(value, others), x),
    ),
  );
}
