/** The best sequence of tags is the best of all there are. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { tensor } from "../../ts/data/tensor.js";
import { viterbi } from "../../ts/decoding/viterbi.js";
import { pathsOf, scoreOf } from "../reference/crf.js";
import { normals } from "../reference/draw.js";

test("is the best of all sequences, each row of its own length", () => {
  const trials = fc.record({
    steps: fc.integer({ min: 1, max: 5 }),
    tags: fc.integer({ min: 1, max: 4 }),
    lengths: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
    deviation: fc.constantFrom(0.5, 3),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(trials, ({ steps, tags, lengths: given, deviation, seed }) => {
      const lengths = given.map((length) => Math.min(length, steps));
      const field = {
        transitions: normals(tags * tags, seed),
        start: normals(tags, seed + 1),
        end: normals(tags, seed + 2),
      };
      const emissions = tensor(normals(lengths.length * steps * tags, seed + 3, deviation), [
        lengths.length,
        steps,
        tags,
      ]);
      for (const [row, path] of viterbi(emissions, field, lengths).entries()) {
        expect(path.length).toBe(lengths[row]);
        if (path.length === 0) continue;
        const at = (step: number) => (row * steps + step) * tags;
        const rows = path.map((_, step) => emissions.data.subarray(at(step), at(step + 1)));
        const best = Math.max(...pathsOf(path.length, tags).map((other) => scoreOf(other, rows, field)));
        expect(scoreOf(path, rows, field)).toBeCloseTo(best, 9);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("of equally good sequences it is the one of the lowest tags, and without lengths all steps count", () => {
  const zeros = { transitions: new Float32Array(9), start: new Float32Array(3), end: new Float32Array(3) };
  expect(viterbi(tensor(new Float32Array(12), [1, 4, 3]), zeros)).toEqual([[0, 0, 0, 0]]);
});
