// ONNX Runtime's native build on one thread, for reference: it uses whatever instructions the processor has.

import * as ort from "onnxruntime-node";
import { onnxruntime } from "./onnxruntime.js";

export default onnxruntime(ort, { executionProviders: ["cpu"], intraOpNumThreads: 1, interOpNumThreads: 1 });
