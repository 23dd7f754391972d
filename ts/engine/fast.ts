/** The kernels with relaxed SIMD, and the test that they must pass. */
import type { Address } from "./address.js";
import type { Engine } from "./engine.js";

export { fast } from "./fast.gen.js";

/** Whether sums of products of small whole numbers, which every rounding leaves alone, are right. */
export function multipliesRight(engine: Engine): boolean {
  const [rows, inputs, width] = [3, 20, 16];
  const block = engine.allocate((rows * 32 + inputs * width + rows * width) * 4, "self-test");
  const at = block.address / 4;
  const weight = at + rows * 32;
  const y = weight + inputs * width;
  const { floats } = engine;
  for (let i = 0; i < rows * 32; i++) floats[at + i] = (i * 7) % 31;
  for (let i = 0; i < inputs * width; i++) floats[weight + i] = ((i * 5) % 29) - 14;
  engine.call("matmul", {
    ...{
      x: block.address,
      weight: (weight * 4) as Address,
      quantised: 0 as Address,
      bias: 0 as Address,
      y: (y * 4) as Address,
    },
    ...{ inputs, panels: 1, xStride: 32, from: 0, to: rows },
  });
  let right = true;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      for (let k = 0; k < inputs; k++)
        sum += floats[at + row * 32 + k]! * floats[weight + k * width + column]!;
      right &&= floats[y + row * width + column] === sum;
    }
  }
  engine.release(block);
  return right;
}
