// What the commands of the benches share: how they read a number, and where they say that they ran.

import { cpus } from "node:os";
import { InvalidArgumentError } from "commander";

export const runtime = `Node.js ${process.versions.node}, V8 ${process.versions.v8}, ${process.platform} ${process.arch}, ${cpus()[0]?.model.trim()}`;

/** @param {string} text */
export function whole(text) {
  const number = Number(text);
  if (!(Number.isSafeInteger(number) && number > 0))
    throw new InvalidArgumentError("Not a whole number from 1.");
  return number;
}
