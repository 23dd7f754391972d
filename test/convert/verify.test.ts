/** A model is compared with what it should give: every number that counts, and where the largest difference is. */
import { describe, expect, test } from "vitest";
import { verify } from "../../ts/convert/index.js";
import { dense, embedding, features, InputError, last, lstm, model, tensor, tokens } from "../../ts/index.js";
import { assignTorch } from "../../ts/torch/index.js";
import { goldens, inputsOf, modelFor } from "../torch/files.js";

const net = await model(features(2), lstm(3), dense(2), { seed: 1 });
const inputs = [
  [
    [1, 0],
    [0, 1],
    [1, 1],
  ],
  [
    [0, 0],
    [2, -1],
    [0, 0.5],
  ],
];
const { shape, data } = await net.predict(inputs);
/** Its own outputs with one number changed, as nested lists. */
const outputs = (place = 0, by = 0) =>
  [0, 1].map((row) =>
    [0, 1, 2].map((step) =>
      [0, 1].map((unit) => {
        const at = (row * 3 + step) * 2 + unit;
        return data[at]! + (at === place ? by : 0);
      }),
    ),
  );

test("what is the same differs by nothing", async () => {
  expect(await verify(net, [{ inputs, outputs: outputs() }])).toEqual({
    numbers: 12,
    largest: 0,
    relative: 0,
    at: { sample: 0, row: 0, step: 0, unit: 0 },
  });
});

test.each([0, 1, 5, 6, 9, 11])("number %d differs", async (place) => {
  const found = await verify(net, [
    { inputs, outputs: outputs() },
    { inputs, outputs: outputs(place, -0.5) },
  ]);
  expect(found.numbers).toBe(24);
  expect(found.largest).toBeCloseTo(0.5, 12);
  expect(found.relative).toBeCloseTo(0.5 / (1 + Math.abs(data[place]! - 0.5)), 12);
  expect(found.at).toEqual({
    sample: 1,
    row: Math.floor(place / 6),
    step: Math.floor(place / 2) % 3,
    unit: place % 2,
  });
});

test("a number that is none differs by more than any", async () => {
  const found = await verify(net, [{ inputs, outputs: outputs(7, Number.NaN) }]);
  expect([found.largest, found.relative]).toEqual([Infinity, Infinity]);
  expect(found.at).toEqual({ sample: 0, row: 1, step: 0, unit: 1 });
});

test("past the length of a row nothing counts", async () => {
  const lengths = [3, 2];
  const shorter = await net.predict(inputs, { lengths });
  const changed = Float32Array.from(shorter.data);
  changed[11] += 9;
  const found = await verify(net, [{ inputs, outputs: tensor(changed, shape), lengths }]);
  expect(found).toMatchObject({ numbers: 10, largest: 0 });
});

test("models of one row, of one step, of symbols", async () => {
  const one = await model(tokens(4), embedding(2), last(), dense(3), { seed: 2 });
  const result = await one.predict([
    [1, 2],
    [3, 0],
  ]);
  const rows = [0, 1].map((row) => [...result.data.subarray(row * 3, row * 3 + 3)]);
  expect(
    (
      await verify(one, [
        {
          inputs: [
            [1, 2],
            [3, 0],
          ],
          outputs: rows,
        },
      ])
    ).largest,
  ).toBe(0);
  expect((await verify(one, [{ inputs: [1, 2], outputs: [rows[0]!] }])).largest).toBe(0);
});

test("what PyTorch gave, to a millionth", async () => {
  for (const golden of goldens.slice(0, 4)) {
    const made = await modelFor(golden);
    assignTorch(made, golden.bytes);
    const { shape, data } = golden.output;
    const samples = [{ inputs: inputsOf(golden), outputs: tensor(Float64Array.from(data), shape) }];
    expect((await verify(made, samples)).relative).toBeLessThan(1e-6);
  }
});

describe("is refused:", () => {
  test.each<[string, unknown, string]>([
    ["no list", {}, "verify: expected a list"],
    ["no sample", [], "verify: expected a list of at least one sample"],
    ["a sample that is none", [null], "samples[0]: expected inputs and outputs, got null"],
    [
      "outputs of another width",
      [
        {
          inputs,
          outputs: [
            [[1], [2], [3]],
            [[1], [2], [3]],
          ],
        },
      ],
      "samples[0].outputs",
    ],
    [
      "fewer steps",
      [{ inputs, outputs: outputs().map((row) => row.slice(1)) }],
      "samples[0].outputs: expected shape [2,3,2], got [2,2,2]",
    ],
    ["fewer rows", [{ inputs, outputs: outputs().slice(1) }], "expected shape [2,3,2], got [1,3,2]"],
    ["no outputs", [{ inputs }], "samples[0].outputs"],
    ["inputs of another width", [{ inputs: [[1]], outputs: outputs() }], "predict"],
  ])("%s", async (_, samples, message) => {
    await expect(verify(net, samples as never)).rejects.toThrow(InputError);
    await expect(verify(net, samples as never)).rejects.toThrow(message);
  });
});
