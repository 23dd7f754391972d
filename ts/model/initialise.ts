/** Draws the first values of a network's parameters, in the engine: a model is to be ready in milliseconds. */
import { type Address, roundUp } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import type { Block } from "../engine/heap.js";
import { type Draw, type Parameter, writeParameter } from "../graph/parameter.js";
import { requireSeed } from "../random.js";

/** Sets every parameter by its initialiser. `seed`: any safe integer from 0. */
export function initialise(engine: Engine, parameters: readonly Parameter[], seed: number): void {
  requireSeed("seed", seed);
  parameters.forEach((parameter, index) => {
    const { layout, initialise } = parameter;
    const values = new Float32Array(layout.rows * layout.columns);
    withDraw(engine, seed, index, (draw) => initialise(values, layout, draw));
    writeParameter(engine, parameter, values);
  });
}

/** Gives `use` the random numbers of a parameter; each of its draws is another stream of the seed. */
function withDraw(engine: Engine, seed: number, parameter: number, use: (draw: Draw) => void): void {
  const blocks: Block[] = [];
  const allocate = (bytes: number): Address => {
    const block = engine.allocate(bytes, "initial parameters");
    blocks.push(block);
    return block.address;
  };
  let draws = 0;
  const words = (count: number): Address => {
    const rounded = roundUp(count, 8);
    const to = allocate(rounded * 4);
    const [key0, key1] = [seed >>> 0, Math.floor(seed / 0x100000000)];
    engine.call("randomWords", { words: to, count: rounded, stream: parameter * 256 + draws++, key0, key1 });
    return to;
  };
  try {
    use({
      words(count) {
        const at = words(count);
        return engine.words.subarray(at / 4, at / 4 + count);
      },
      uniform(count, bound) {
        const at = words(count);
        engine.call("uniform", { words: at, count, bound });
        return engine.view(at, count);
      },
      orthogonal(size) {
        const stride = roundUp(size, 2);
        const drawn = words((size * (size + 1)) / 2);
        const matrix = allocate(size * stride * 8);
        engine.call("orthogonal", { matrix, scratch: allocate(4 * stride * 8), words: drawn, size });
        const { buffer } = engine.floats;
        return { stride, data: new Float64Array(buffer, matrix, size * stride).slice() };
      },
    });
  } finally {
    for (const block of blocks) engine.release(block);
  }
}
