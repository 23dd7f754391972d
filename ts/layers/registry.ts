/** The layers that a saved model may name: a closed list, so that a file can ask for nothing else. */
import { dense } from "./dense.js";
import { dropout } from "./dropout.js";
import { embedding } from "./embedding.js";
import { features, type Input, tokens } from "./input.js";
import { last } from "./last.js";
import type { Definition, Layer } from "./layer.js";
import { gru, lstm, rnn } from "./recurrent.js";

/** Makes an input or a layer again from its definition; undefined for a name that is not in the list. Throws InputError on bad options. */
export function inputOf(definition: Definition): Input | undefined {
  const { layer, size, width, symbols } = definition as Definition & Record<string, never>;
  if (layer === "tokens") return tokens(symbols === undefined ? size : { symbols });
  if (layer === "features") return features(width);
  return undefined;
}

export function layerOf(definition: Definition): Layer | undefined {
  const { layer, units, rate, ...options } = definition as Definition & Record<string, never>;
  switch (layer) {
    case "dense":
      return dense(units, options);
    case "dropout":
      return dropout(rate);
    case "embedding":
      return embedding(units);
    case "gru":
      return gru(units, options);
    case "last":
      return last();
    case "lstm":
      return lstm(units, options);
    case "rnn":
      return rnn(units, options);
    default:
      return undefined;
  }
}
