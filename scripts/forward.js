// Takes kernels out of a binary, with all that only they call: node scripts/forward.js FROM TO PATTERN. A process of its own,
// since binaryen takes over the handling of every uncaught error.

import { readFileSync, writeFileSync } from "node:fs";
import binaryen from "assemblyscript/binaryen";

const [from = "", to = "", pattern = ""] = process.argv.slice(2);
const leave = new RegExp(pattern);
const module = binaryen.readBinary(readFileSync(from));
module.setFeatures(
  binaryen.Features.MVP |
    binaryen.Features.SIMD128 |
    binaryen.Features.Atomics |
    binaryen.Features.BulkMemory |
    binaryen.Features.MutableGlobals |
    binaryen.Features.SignExt |
    binaryen.Features.NontrappingFPToInt,
);
for (const name of WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(from))).map(
  ({ name }) => name,
)) {
  if (leave.test(name)) module.removeExport(name);
}
module.runPasses(["remove-unused-module-elements"]);
if (!module.validate()) throw new Error(`${from} without those kernels is no valid module.`);
writeFileSync(to, module.emitBinary());
