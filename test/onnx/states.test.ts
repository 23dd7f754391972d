/** Initial states that are inputs of the file become inputs of the model. */
import { expect, test } from "vitest";
import { fromOnnx } from "../../ts/onnx/index.js";
import { normals } from "../reference/draw.js";
import { fileOf, node } from "./build.js";
import { toOnnx, toOurs } from "./run.js";

const [steps, batch, width, units] = [4, 3, 2, 3];
const given = (seed: number, shape: number[]) => ({
  shape,
  data: normals(
    shape.reduce((a, b) => a * b, 1),
    seed,
    0.5,
  ),
});
const [W, R] = [given(1, [2, 4 * units, width]), given(2, [2, 4 * units, units])];
const x = given(3, [steps, batch, width]);

const file = (
  inputs: Readonly<Record<string, readonly (number | string)[]>>,
  begin: readonly string[],
  layout = 0,
) =>
  fileOf({
    nodes: [
      node("LSTM", ["x", "W", "R", "", "", ...begin], ["y"], {
        hidden_size: units,
        direction: "bidirectional",
        layout,
      }),
    ],
    inputs: { x: layout ? ["batch", "steps", width] : ["steps", "batch", width], ...inputs },
    outputs: ["y"],
    tensors: { W: [W.shape, W.data], R: [R.shape, R.data] },
  });

test("a model reads them by name, and gives what it gives for the same numbers in the file", async () => {
  const [h, c] = [given(4, [2, 1, units]), given(5, [2, 1, units])];
  const everywhere = ({ data }: typeof h) => ({
    shape: [2, batch, units],
    data: Float32Array.from({ length: 2 * batch * units }, (_, i) => {
      return data[Math.floor(i / (batch * units)) * units + (i % units)]!;
    }),
  });
  const states = { h: [2, "batch", units], c: [2, "batch", units] };
  const open = await fromOnnx(file(states, ["h", "c"]));
  expect(open.states).toEqual([
    { name: "h", axes: [2, "batch", units] },
    { name: "c", axes: [2, "batch", units] },
  ]);
  const axes = [2, "batch", units];
  const actual = await open.model.predict({
    x: toOurs(x, open.input.axes),
    h: toOurs(everywhere(h), axes),
    c: toOurs(everywhere(c), axes),
  });
  const fixed = await fromOnnx(file(states, ["h", "c"]), { constants: { h, c } });
  expect(fixed.states).toEqual([]);
  const expected = await fixed.model.predict(toOurs(x, fixed.input.axes));
  expect(toOnnx(actual, open.output.axes)).toEqual(toOnnx(expected, fixed.output.axes));
  const first = await fixed.model.predict({ shape: [1, 1, width], data: new Float32Array(width) });
  const zeros = await fromOnnx(file({}, []));
  expect(first.data).not.toEqual(
    (await zeros.model.predict({ shape: [1, 1, width], data: new Float32Array(width) })).data,
  );
});

test("rows are first where the file says so", async () => {
  const open = await fromOnnx(file({ h: ["batch", 2, units] }, ["h"], 1));
  expect(open.states).toEqual([{ name: "h", axes: ["batch", 2, units] }]);
});

test("their units and directions must be known, and the numbers for a constant as many as its shape says", async () => {
  await expect(fromOnnx(file({ h: ["directions", "batch", units] }, ["h"]))).rejects.toThrow(
    /ONNX input "h": expected initial states of a fixed number of directions and units/,
  );
  const constants = { h: { shape: [2, 1, units], data: new Float32Array(5) } };
  await expect(fromOnnx(file({ h: [2, 1, units] }, ["h"]), { constants })).rejects.toThrow(
    /constants.h: expected numbers for/,
  );
});
