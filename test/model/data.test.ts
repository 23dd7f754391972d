/** What users hand over, checked and copied in: rows wide enough to be copied at once like those that are not. */
import { describe, expect, test } from "vitest";
import { activation, features, model, sgd, squaredError } from "../../ts/index.js";
import { normals } from "../reference/draw.js";

const identity = (width: number) => model(features(width), activation("identity"));

describe.each([1, 3, 4, 15, 16, 17, 64])("rows of %i numbers", (width) => {
  const shape = [3, 5, width];
  const data = normals(3 * 5 * width, 1);

  test("come out as they were, of every kind of array", async () => {
    const net = await identity(width);
    const nested = Array.from({ length: 3 }, (_, row) =>
      Array.from({ length: 5 }, (_, step) =>
        Array.from(data.subarray((row * 5 + step) * width, (row * 5 + step + 1) * width)),
      ),
    );
    for (const given of [{ shape, data }, { shape, data: Float64Array.from(data) }, nested]) {
      expect(await net.predict(given)).toEqual({ shape, data });
    }
  });

  test("are 0 past their length, whatever is there, also after a longer batch", async () => {
    const net = await identity(width);
    await net.predict({ shape, data });
    const lengths = [5, 2, 0];
    const counts = data.map((_, i) =>
      Math.floor(i / width) % 5 < lengths[Math.floor(i / (5 * width))]! ? 1 : 0,
    );
    const given = data.map((value, i) => (counts[i] ? value : Number.NaN));
    const { data: found } = await net.predict({ shape, data: given }, { lengths });
    expect(found).toEqual(data.map((value, i) => (counts[i] ? value : 0)));
  });

  test.each([Number.NaN, Infinity, -Infinity])("with %d among them are not learned from", async (bad) => {
    const net = await identity(width);
    const options = { loss: squaredError(), optimiser: sgd(0.1) };
    for (const at of [0, width - 1, 7 * width, 15 * width - 1]) {
      const given = data.slice();
      given[at] = bad;
      const [row, step, column] = [Math.floor(at / (5 * width)), Math.floor(at / width) % 5, at % width];
      const examples = [{ inputs: { shape, data: given }, targets: { shape, data } }];
      await expect(net.fit(examples, options)).rejects.toThrow(
        `batch 0.inputs[${row}][${step}][${column}]: expected a finite float32 number, got ${bad}`,
      );
    }
  });

  test("may be as great as float32 goes", async () => {
    const net = await identity(width);
    const great = data.map((_, i) => (i % 2 === 0 ? 3.4028234663852886e38 : -3.4028234663852886e38));
    expect(await net.predict({ shape, data: great })).toEqual({ shape, data: great });
  });
});
