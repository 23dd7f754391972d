/** One answer for each row, read at its own last step. */
import { expect, test } from "vitest";
import { dense, features, gru, last, model, sgd, squaredError, tensor } from "../../ts/index.js";
import { expectAllClose } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const [batch, steps, inputs, outputs] = [4, 5, 3, 2];
const lengths = [2, 5, 1, 4];
const values = Float32Array.from(normals(batch * steps * inputs, 1));
const targets = Float32Array.from(normals(batch * outputs, 2));

/** What a step of rate 1 takes from each parameter, and the outputs before it. */
async function learn(rows: Float32Array, targets: Float32Array, lengths?: readonly number[]) {
  const batch = targets.length / outputs;
  const net = await model(features(inputs), gru(6), last(), dense(outputs), { seed: 3 });
  const x = tensor(rows, [batch, rows.length / batch / inputs, inputs]);
  const answers = (await net.predict(x, { ...(lengths && { lengths }) })).data;
  const before = net.parameters();
  const example = { inputs: x, targets: tensor(targets, [batch, outputs]), ...(lengths && { lengths }) };
  await net.fit([example], { loss: squaredError(), optimiser: sgd(1) });
  const gradients = net
    .parameters()
    .map(({ path, data }, index) => [path, data.map((value, i) => before[index]!.data[i]! - value)] as const);
  return { answers, gradients };
}

test("rows of their own length have the answers and the gradients that each has alone", async () => {
  const padded = values.slice();
  for (const [row, length] of lengths.entries()) {
    padded.fill(Number.NaN, (row * steps + length) * inputs, (row + 1) * steps * inputs);
  }
  const together = await learn(padded, targets, lengths);
  const alone = await Promise.all(
    lengths.map((length, row) =>
      learn(
        values.slice(row * steps * inputs, (row * steps + length) * inputs),
        targets.slice(row * outputs, (row + 1) * outputs),
      ),
    ),
  );
  expect([...together.answers]).toEqual(alone.flatMap(({ answers }) => [...answers]));
  expectAllClose(
    together.gradients.map(([path, gradient], index) => [
      path,
      gradient,
      gradient.map((_, i) => alone.reduce((sum, { gradients }) => sum + gradients[index]![1][i]! / batch, 0)),
    ]),
    1e-5,
  );
});
