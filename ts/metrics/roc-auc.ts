/** How well scores tell two classes apart, whatever the threshold. */
import { logSumExp } from "../data/softmax.js";
import { InputError } from "../errors.js";
import { type Metric, metric } from "./metric.js";

interface Scored {
  readonly score: number;
  readonly positive: boolean;
  readonly weight: number;
}

/**
 * The area under the receiver operating characteristic: the probability that a random positive has a higher score than a
 * random negative, ties counting half (Fawcett 2006). Outputs of one number a row are scores, their targets rows of 0 and 1;
 * of more they are logits, the targets class indices, and the score is the log-odds of the class `positive` against all
 * others. Keeps every score. NaN unless there are positives and negatives.
 */
export function rocAuc({ positive = 1 }: { readonly positive?: number } = {}): Metric {
  return metric<Scored[], number>({
    name: "rocAuc",
    kind: (width) => (width === 1 ? "features" : "tokens"),
    begin: () => [],
    add(seen, { count, width, outputs, targets, weights }) {
      if (width > 1 && !(Number.isInteger(positive) && positive >= 0 && positive < width)) {
        throw new InputError({
          where: "rocAuc.positive",
          expected: `a class below ${width}`,
          got: String(positive),
        });
      }
      for (let row = 0; row < count; row++) {
        if (weights[row] === 0) continue;
        const score =
          width === 1
            ? outputs[row]!
            : outputs[row * width + positive]! - logSumExp(outputs, row * width, width, positive);
        seen.push({ score, positive: targets[row] === (width === 1 ? 1 : positive), weight: weights[row]! });
      }
    },
    value(seen) {
      const sorted = seen.toSorted((a, b) => a.score - b.score);
      let [area, positives, negatives] = [0, 0, 0];
      for (let from = 0; from < sorted.length; ) {
        const { score } = sorted[from]!;
        let [up, down] = [0, 0];
        for (; sorted[from]?.score === score; from++) {
          if (sorted[from]!.positive) up += sorted[from]!.weight;
          else down += sorted[from]!.weight;
        }
        area += up * (negatives + down / 2);
        positives += up;
        negatives += down;
      }
      return area / (positives * negatives);
    },
  });
}
