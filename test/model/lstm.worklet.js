/** An audio processor that runs every sample through a model, one synchronous step each. */
import { load } from "../../dist/index.js";

/* global AudioWorkletProcessor, registerProcessor */
const scope = /** @type {any} */ (globalThis);

class LstmProcessor extends scope.AudioWorkletProcessor {
  constructor() {
    super();
    /** @type {import("../../dist/index.js").Stream | undefined} */
    this.stream = undefined;
    this.sample = new Float32Array(1);
    this.port.onmessage = async (/** @type {{ data: Uint8Array }} */ { data }) => {
      this.stream = (await load(data)).stream();
      this.port.postMessage("ready");
    };
  }

  /**
   * @param {Float32Array[][]} inputs
   * @param {Float32Array[][]} outputs
   */
  process([input], [output]) {
    const from = input?.[0];
    const to = output?.[0];
    if (!this.stream || !from || !to) return true;
    for (let i = 0; i < from.length; i++) {
      this.sample[0] = from[i] ?? 0;
      to[i] = this.stream.step(this.sample)[0] ?? 0;
    }
    return true;
  }
}

scope.registerProcessor("lstm", LstmProcessor);
