// Loads a model and streams it in an audio worklet, which has neither fetch nor timers nor decoders of text.
import { load } from "../../dist/index.js";

const scope = /** @type {any} */ (globalThis);

/** @param {Uint8Array} bytes */
async function probe(bytes) {
  const net = await load(bytes);
  const stream = net.stream();
  const { data } = await net.predict([[1], [2], [3]]);
  const streamed = [1, 2, 3].map((x) => stream.step([x])[0]);
  return { simd: true, threads: net.threads.reason ?? true, learns: streamed.every((y, i) => y === data[i]) };
}

class ModelProcessor extends scope.AudioWorkletProcessor {
  /** @param {{ processorOptions: Uint8Array }} options */
  constructor({ processorOptions }) {
    super();
    probe(processorOptions).then(
      (found) => this.port.postMessage(found),
      (error) => this.port.postMessage({ failed: String(error?.stack ?? error) }),
    );
  }

  process() {
    return true;
  }
}

scope.registerProcessor("model", ModelProcessor);
