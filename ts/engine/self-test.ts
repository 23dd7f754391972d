/** Whether this host multiplies as it should: with relaxed SIMD it may do so in its own way, but whole numbers leave it no choice. */
import type { Address } from "./address.js";
import type { Engine } from "./engine.js";
import { kernels as int8 } from "./int8.gen.js";

const ROWS = 3;
const INPUTS = 20;
const STRIDE = 32;
const WIDTH = 16;

/** Numbers up to the bounds of what the kernels of int8 multiply; 63 in every row makes its scale 1. */
const x = (row: number, k: number) => (k === 0 ? 63 : (((row * INPUTS + k) * 7) % 127) - 63);
const weight = (k: number, column: number) => (((k * WIDTH + column) * 37) % 255) - 127;

function exact(row: number, column: number): number {
  let sum = 0;
  for (let k = 0; k < INPUTS; k++) sum += x(row, k) * weight(k, column);
  return sum;
}

/** Whether products of small whole numbers, which every rounding leaves alone, are right: with weights of float32 and of int8. */
export function multipliesRight(engine: Engine): boolean {
  engine.link(int8);
  const block = engine.allocate(16384, "self-test");
  const at = (bytes: number) => (block.address + bytes) as Address;
  const [rows, weights, panel, quantised, y] = [at(0), at(1024), at(4096), at(8192), at(12288)] as const;
  const { floats } = engine;
  const numbers = new Int8Array(floats.buffer, panel + 128, INPUTS * WIDTH);
  floats.fill(1, panel / 4, panel / 4 + WIDTH); // scales
  for (let k = 0; k < INPUTS; k++) {
    for (let row = 0; row < ROWS; row++) floats[rows / 4 + row * STRIDE + k] = x(row, k);
    for (let column = 0; column < WIDTH; column++) {
      floats[weights / 4 + k * WIDTH + column] = weight(k, column);
      numbers[(k >> 2) * 64 + column * 4 + (k & 3)] = weight(k, column);
    }
  }
  engine.call("arrangeInt8", { weight: panel, inputs: INPUTS, from: 0, to: 1 });
  const none = 0 as Address;
  const product = { x: rows, bias: none, y, inputs: INPUTS, panels: 1, xStride: STRIDE, from: 0, to: ROWS };
  const right = [
    { weight: weights, quantised: none },
    { weight: panel, quantised },
  ].every((factor) => {
    const result = engine.view(y, ROWS * WIDTH).fill(0);
    engine.call("matmul", { ...product, ...factor });
    return result.every((value, i) => value === exact(Math.floor(i / WIDTH), i % WIDTH));
  });
  engine.release(block);
  return right;
}
