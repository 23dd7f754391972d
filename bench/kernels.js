/** The matrix kernels, called as a plan calls them, in GFLOP/s. */
import { roundUp } from "../ts/engine/address.js";
import { createEngine } from "../ts/engine/create.js";
import { random } from "../ts/random.js";
import { repeat } from "./measure.js";
import { againstPeak, peakItself } from "./peak.js";

/**
 * [rows, columns, depth] of y = x W + b: square ones, and one step of an LSTM of 128 and 256 units for a batch of 32.
 *
 * @type {Record<string, [number, number, number]>}
 */
const products = {
  "gemm-256": [256, 256, 256],
  "gemm-512": [512, 512, 512],
  "gemm-32x512x128": [32, 512, 128],
  "gemm-32x1024x256": [32, 1024, 256],
};

/** Rows, columns and depth of the product whose gradients are measured: an LSTM of 128 units over 64 steps of 32 rows. */
const [ROWS, COLUMNS, DEPTH] = [2048, 512, 128];

/** @param {import("./measure.js").Options} options */
export default async function kernels({ rounds = 100 }) {
  const engine = await createEngine();
  const { uniform } = random(1);
  /** @param {number} count */
  const floats = (count) => {
    const { address } = engine.allocate(count * 4, "bench");
    const view = engine.view(address, count);
    for (let i = 0; i < count; i++) view[i] = uniform() - 0.5;
    return address;
  };

  const results = [await peakItself(rounds)];
  for (const [id, [rows, columns, depth]] of Object.entries(products)) {
    const run = engine.bind("matmul", {
      x: floats(rows * depth),
      weight: floats(depth * columns),
      quantised: 0,
      bias: floats(columns),
      y: floats(rows * columns),
      inputs: depth,
      panels: columns / 16,
      xStride: depth,
      from: 0,
      to: rows,
    });
    results.push(await againstPeak(id, 2 * rows * columns * depth, repeat(run), rounds));
  }

  const dy = floats(ROWS * COLUMNS);
  const transposed = floats(DEPTH * COLUMNS);
  const transpose = engine.bind("transposePanels", {
    weight: floats(DEPTH * COLUMNS),
    transposed,
    inputs: DEPTH,
    panels: COLUMNS / 16,
    from: 0,
    to: DEPTH / 16,
  });
  const product = engine.bind("matmul", {
    x: dy,
    weight: transposed,
    quantised: 0,
    bias: 0,
    y: floats(ROWS * DEPTH),
    inputs: COLUMNS,
    panels: DEPTH / 16,
    xStride: COLUMNS,
    from: 0,
    to: ROWS,
  });
  const inputGradient = repeat(() => {
    transpose();
    product();
  });
  const weightGradient = engine.bind("matmulGradient", {
    x: floats(ROWS * DEPTH),
    dy,
    dWeight: floats(DEPTH * COLUMNS),
    dBias: floats(COLUMNS),
    scratch: floats((roundUp(DEPTH, 4) + 16) * 128),
    inputs: DEPTH,
    rows: ROWS,
    xStride: DEPTH,
    dyStride: COLUMNS,
    from: 0,
    to: COLUMNS / 16,
  });
  const size = `${ROWS}x${COLUMNS}x${DEPTH}`;
  const flop = 2 * ROWS * COLUMNS * DEPTH;
  results.push(await againstPeak(`input-gradient-${size}`, flop, inputGradient, rounds));
  results.push(await againstPeak(`weight-gradient-${size}`, flop, repeat(weightGradient), rounds));
  return results;
}
