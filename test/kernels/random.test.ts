/** Random words are the generator's, counter after counter. */
import { expect, test } from "vitest";
import { threefry } from "../../ts/random.js";
import { createEngine } from "./engine.js";
import { guarded } from "./operands.js";

const engine = await createEngine({ memory: 1 });

test.each([
  [0, 0, 0],
  [1, 2, 3],
  [0xffffffff, 0x80000000, 0xfffffff0],
])(
  "randomWords under the key %i, %i of stream %i are both words of each counter in turn",
  (key0, key1, stream) => {
    for (const count of [0, 8, 16, 40, 1000]) {
      const expected = new Uint32Array(count);
      for (let i = 0; i < count; i += 2) threefry(i / 2, stream, key0, key1, expected.subarray(i));
      guarded(engine, (operands) => {
        const words = operands.output(count);
        engine.call("randomWords", { words: words.address, count, stream, key0, key1 });
        expect(new Uint32Array(words.floats().buffer)).toEqual(expected);
      });
    }
  },
);
