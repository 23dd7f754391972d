// Runs the probe in Node.js, Deno or Bun, without permissions of any kind, and prints what it found.
import * as recurra from "../../dist/index.js";
import { probe } from "./probe.js";

console.log(JSON.stringify(await probe(recurra, { threads: Number(globalThis.process.argv[2]) })));
