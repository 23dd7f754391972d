// The errors that the tests must catch. scripts/planted.js plants them.

import { attention } from "./attention.js";
import { cells } from "./cells.js";
import { crf } from "./crf.js";
import { data } from "./data.js";
import { decoding } from "./decoding.js";
import { formats } from "./formats.js";
import { host } from "./host.js";
import { int8 } from "./int8.js";
import { keras } from "./keras.js";
import { kernels } from "./kernels.js";
import { onnx } from "./onnx.js";
import { ops } from "./ops.js";
import { pairs } from "./pairs.js";
import { text } from "./text.js";
import { training } from "./training.js";
import { words } from "./words.js";

/**
 * By file. `find` is text that occurs once in it.
 *
 * @typedef {Readonly<Record<string, readonly { title: string, find: string, replace: string }[]>>} Planting
 */

const plantings = [
  attention,
  cells,
  crf,
  kernels,
  ops,
  int8,
  host,
  data,
  text,
  decoding,
  formats,
  pairs,
  training,
  words,
  keras,
  onnx,
];

export const errors = plantings.flatMap((planting) =>
  Object.entries(planting).flatMap(([file, list]) => list.map((error) => ({ file, ...error }))),
);
