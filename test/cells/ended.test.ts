/** Past its length a row gives zeros, which depend on nothing: no gradient comes from whatever reads them. */
import { expect, test } from "vitest";
import { at, features, inspect, model, squaredError, tensor } from "../../ts/index.js";
import { normals } from "../reference/draw.js";
import { variants } from "./variants.js";

const [batch, steps, inputs, units] = [3, 5, 2, 4];
const lengths = [2, steps, 0];
const data = tensor(Float32Array.from(normals(batch * steps * inputs, 1)), [batch, steps, inputs]);

test.each(Object.entries(variants))(
  "%s, read at the last step, long after some rows have ended",
  async (_, make) => {
    for (const layer of [make(units), make(units).reversed()]) {
      const net = await model(features(inputs), layer, (x) => at(x, -1));
      const answers = await net.predict(data, { lengths });
      const targets = { shape: answers.shape, data: answers.data.map((answer) => answer + 1) };
      const [seen] = await inspect(net, data, { lengths, targets, loss: squaredError() });
      const { data: gradients } = seen!.gradients!.hidden;
      const size = gradients.length / batch;
      for (const [row, length] of lengths.entries()) {
        const own = gradients.subarray(row * size, (row + 1) * size);
        expect(own.some((gradient) => gradient !== 0)).toBe(length === steps);
      }
    }
  },
);
