/** recurra/onnx: models from ONNX files and back. */

export { toOnnx } from "./export.js";
export type { OnnxLimits } from "./file.js";
export { type FromOnnx, type FromOnnxOptions, fromOnnx } from "./import.js";
