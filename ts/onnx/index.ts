/** recurra/onnx: models from ONNX files and back. */
export type { OnnxLimits } from "./file.js";
export { type FromOnnx, type FromOnnxOptions, fromOnnx } from "./import.js";
