#!/usr/bin/env node
/** The command `recurra`: converts models between formats, and says what is in a file. */
import { argv, stderr, stdout } from "node:process";
import { RecurraError } from "../errors.js";
import { run } from "./run.js";

try {
  const { text, sound } = await run(argv.slice(2));
  stdout.write(`${text}\n`);
  process.exitCode = sound ? 0 : 1;
} catch (fault) {
  if (!(fault instanceof RecurraError)) throw fault;
  stderr.write(`${fault.name}: ${fault.message}\n`);
  process.exitCode = 2;
}
