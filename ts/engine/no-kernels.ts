/** What takes the place of the decoder of kernels in the entry of the package that has none inside. */
import { EngineError } from "../errors.js";

/** EngineError always. */
export function decodeHex(): never {
  throw new EngineError({
    where: "options.kernels",
    expected: "the kernels, which this entry of the package has not inside",
    got: "none, or not all that this model needs",
    hint: "give the URL of a folder with the .wasm files of the package",
  });
}
