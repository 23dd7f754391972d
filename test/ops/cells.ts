/** The unrolled cells on the engine, of the library's own primitive operations. */
import type { Engine } from "../../ts/engine/engine.js";
import type { Value } from "../../ts/graph/graph.js";
import { zeros } from "../../ts/graph/initialisers.js";
import { type Parameter, panelLayout } from "../../ts/graph/parameter.js";
import { broadcast } from "../../ts/ops/broadcast.js";
import { linear } from "../../ts/ops/linear.js";
import { type CellResult, type CellRun, unrolled, type Wiring } from "../reference/cells.js";
import { primitives } from "../reference/unrolled.js";
import { probe } from "./probe.js";

export function cellOnEngine(
  engine: Engine,
  { cell, x, initial, parameters, upstream }: CellRun,
): CellResult {
  const parameter = ({ graph }: Value, name: string): Parameter => {
    const { rows, columns } = parameters.get(name)!;
    const shape = rows === 1 ? [columns] : [rows, columns];
    return graph.parameter(name, {
      layout: panelLayout(rows, 1, columns),
      shape,
      initialise: zeros,
      decays: true,
    });
  };
  const wiring: Wiring<Value> = {
    has: (name) => parameters.has(name),
    product: (x, weight, bias) =>
      linear(x, parameter(x, weight), bias === undefined ? undefined : parameter(x, bias)),
    row: (name, like) => broadcast(parameter(like, name), like),
  };
  const result = probe(engine, {
    batch: initial[0].rows,
    inputs: [x, ...initial],
    parameters: new Map([...parameters].map(([name, value]) => [`.${name}`, value])),
    record: (x, hidden, cells) => unrolled(primitives, wiring, cell, x, hidden, cells),
    upstream,
  });
  const [dx, ...dInitial] = result.gradients;
  return {
    states: result.outputs,
    dx,
    dInitial,
    dParameters: new Map([...result.parameters].map(([path, value]) => [path.slice(1), value])),
  };
}
