/** Random words are the generator's, counter after counter; uniform numbers are made of them. */
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

test("uniform puts numbers from -bound up to bound in the place of words", () => {
  const words = Uint32Array.of(0, 1, 0x40000000, 0x80000000, 0xc0000000, 0xfffffe00, 12345, 0xdeadbeef);
  guarded(engine, (operands) => {
    const numbers = operands.output(words);
    engine.call("uniform", { words: numbers.address, count: words.length, bound: 0.3 });
    const expected = Float32Array.from(words, (word) => ((2 * word) / 0x100000000 - 1) * 0.3);
    expect(numbers.floats()).toEqual(expected);
    expect(expected.slice(0, 4)).toEqual(Float32Array.of(-0.3, expected[1]!, -0.15, 0));
  });
});
