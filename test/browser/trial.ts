/** What a worker of a page does with the options that a search gives it. */

import { answerTrials } from "../../ts/study/trial-workers.js";

answerTrials(({ x }: { readonly x: number }) => {
  if (x > 2) throw new RangeError(`${x} is too much`);
  return x * x;
});
