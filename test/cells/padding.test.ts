/** What lies beside the numbers of a row is zero, for the losses and products that read whole rows. */
import { describe, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { probe } from "../ops/probe.js";
import { normalMatrix } from "../reference/draw.js";
import { variants } from "./variants.js";

const engine = await createEngine({ memory: 16 });
const [steps, batch, inputs] = [3, 2, 3];

describe.each(Object.entries(variants))("%s", (_, make) => {
  test.each([1, 3, 13, 18])("of %i units leaves zeros past them, which the probe looks for", (units) => {
    for (const layer of [make(units), make(units).reversed()]) {
      const width = layer.definition.projection === undefined ? units : Math.ceil(units / 2);
      probe(engine, {
        batch,
        inputs: [normalMatrix(steps * batch, inputs, 1)],
        record: (x) => [layer(x)],
        upstream: [normalMatrix(steps * batch, width, 2)],
      });
    }
  });
});
