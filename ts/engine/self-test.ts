/** Whether this host multiplies weights in int8 right with relaxed SIMD, where it may do so in its own way. */
import type { Address } from "./address.js";
import { createEngineOf, type Making } from "./create.js";
import { kernels } from "./int8.gen.js";

const ROWS = 3;
const INPUTS = 20;
const STRIDE = 32;
const WIDTH = 16;

/** Whole numbers up to the bounds of what the kernels multiply; 63 in every row makes its scale 1. */
const x = (row: number, k: number) => (k === 0 ? 63 : (((row * INPUTS + k) * 7) % 127) - 63);
const weight = (k: number, column: number) => (((k * WIDTH + column) * 37) % 255) - 127;

/** Whether small sums are right, in an engine of the kernels of int8 alone. */
export async function multipliesInt8Right(making: Making): Promise<boolean> {
  const engine = await createEngineOf(kernels, { memory: 1, threads: 1 }, making);
  const block = engine.allocate(8192, "self-test");
  const at = (bytes: number) => (block.address + bytes) as Address;
  const [rows, panel, quantised, y] = [at(0), at(2048), at(4096), at(6144)] as const;
  const { floats } = engine;
  const numbers = new Int8Array(floats.buffer, panel + 128, INPUTS * WIDTH);
  floats.fill(1, panel / 4, panel / 4 + WIDTH); // scales
  for (let k = 0; k < INPUTS; k++) {
    for (let row = 0; row < ROWS; row++) floats[rows / 4 + row * STRIDE + k] = x(row, k);
    for (let column = 0; column < WIDTH; column++) {
      numbers[(k >> 2) * 64 + column * 4 + (k & 3)] = weight(k, column);
    }
  }
  engine.call("arrangeInt8", { weight: panel, inputs: INPUTS, from: 0, to: 1 });
  engine.call("matmul", {
    ...{ x: rows, weight: panel, quantised, bias: 0 as Address, y },
    ...{ inputs: INPUTS, panels: 1, xStride: STRIDE, from: 0, to: ROWS },
  });
  return engine.view(y, ROWS * WIDTH).every((value, i) => {
    let sum = 0;
    for (let k = 0; k < INPUTS; k++) sum += x(Math.floor(i / WIDTH), k) * weight(k, i % WIDTH);
    return value === sum;
  });
}
