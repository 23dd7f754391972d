/** How well a model of text foresees it, from logits and the symbols that came. */
import { logSumExp } from "../data/softmax.js";
import { exp } from "../numeric.js";
import { type Metric, meanOfRows, type Pairs } from "./metric.js";

/** -ln p(target), in nats. */
function surprise({ outputs, targets, width }: Pairs, row: number): number {
  return logSumExp(outputs, row * width, width) - outputs[row * width + targets[row]!]!;
}

/** e to the mean of -ln p(target): of how many equally likely symbols it is as hard to choose. */
export function perplexity(): Metric {
  return meanOfRows("perplexity", surprise, exp);
}

/** The mean of -log₂ p(target), for symbols that are characters. */
export function bitsPerCharacter(): Metric {
  return meanOfRows("bitsPerCharacter", surprise, (nats) => nats / Math.LN2);
}
