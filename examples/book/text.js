/** The book as a model reads it: its characters numbered, cut into a part to train on and a part held out. */

import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { InputError, vocabulary, windows } from "recurra";
import { lanes } from "./lanes.js";

/** @import { Options } from "./options.js" */

/**
 * Reads the file and checks all that can be wrong with it and with the prompt.
 *
 * @param {Options} options
 */
export async function readBook({ text: file, prompt, batch, steps }) {
  const text = await readText(file);
  const chars = blame(`--text ${file}`, () => vocabulary(text));
  const ids = chars.encode(text);
  const start = blame("--prompt", () => (prompt === undefined ? ids.subarray(0, 16) : chars.encode(prompt)));
  const cut = Math.floor(ids.length * 0.9);
  const training = windows(ids.subarray(0, cut), { batch, steps });
  const heldOut = lanes(ids.subarray(cut), steps);
  const [{ inputs }] = heldOut;
  const share = inputs.data.length;
  const few = Math.ceil(8192 / share);
  return {
    chars,
    prompt: chars.decode(start),
    cut,
    length: ids.length,
    training,
    heldOut,
    /** The first windows of every lane, hence from all over the held-out text: enough to see where training goes. */
    glimpse: { batches: [...heldOut].slice(0, few), symbols: Math.min(few * share, heldOut.symbols) },
    /** The first of what is held out. */
    passage: ids.subarray(cut, cut + 256),
  };
}

/** @param {string} file */
async function readText(file) {
  const refused = { where: `--text ${file}`, expected: "a file of text in UTF-8" };
  const bytes = await readFile(file).catch((cause) => {
    throw new InputError({ ...refused, got: cause.message, cause });
  });
  if (!isUtf8(bytes)) throw new InputError({ ...refused, got: "other bytes" });
  return bytes.toString();
}

/**
 * What `work` gives; its errors name the option instead of the call.
 *
 * @template T
 * @param {string} option
 * @param {() => T} work
 */
function blame(option, work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) throw new InputError({ ...error, where: option });
    throw error;
  }
}
