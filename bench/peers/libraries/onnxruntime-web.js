// ONNX Runtime's WebAssembly build on one thread.

import * as ort from "onnxruntime-web";
import { onnxruntime } from "./onnxruntime.js";

ort.env.wasm.numThreads = 1;

export default onnxruntime(ort, { executionProviders: ["wasm"] });
