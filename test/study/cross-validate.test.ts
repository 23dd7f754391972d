/** Cross-validation scores each fold once. */

import { expect, test } from "vitest";
import { folds } from "../../ts/data/folds.js";
import { crossValidate } from "../../ts/study/cross-validate.js";

test("the score of each fold, their mean and their deviation", async () => {
  const rows = Array.from({ length: 9 }, (_, i) => i);
  const wanted = folds(rows, { folds: 3, seed: 4 });
  const summary = await crossValidate(rows, {
    folds: 3,
    seed: 4,
    score: async (fold, index) => {
      expect(fold).toEqual(wanted[index]);
      return index * 2;
    },
  });
  expect(summary).toEqual({ scores: [0, 2, 4], mean: 2, deviation: 2 });
});
