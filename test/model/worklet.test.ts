/** A model inside an audio worklet: a step for every sample, without waiting for anything. */
import { expect, test } from "vitest";
import { dense, features, lstm, model, tensor } from "../../ts/index.js";
import { expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";

const rate = 48_000;
const seconds = 2;

test.skipIf(typeof OfflineAudioContext === "undefined")(
  "an LSTM of 64 units processes sound faster than it plays, with the bits of a prediction",
  async () => {
    const net = await model(features(1), lstm(64), dense(1), { seed: 1 });
    const context = new OfflineAudioContext(1, rate * seconds, rate);
    await context.audioWorklet.addModule(new URL("./lstm.worklet.js", import.meta.url).href);
    const node = new AudioWorkletNode(context, "lstm");
    const ready = new Promise((resolve) => {
      node.port.onmessage = resolve;
    });
    node.port.postMessage(net.save());
    await ready;

    const sound = context.createBuffer(1, rate * seconds, rate);
    const samples = Float32Array.from(normals(rate * seconds, 1, 0.1));
    sound.copyToChannel(samples, 0);
    const source = context.createBufferSource();
    source.buffer = sound;
    source.connect(node).connect(context.destination);
    source.start();
    const start = performance.now();
    const rendered = (await context.startRendering()).getChannelData(0);
    const took = (performance.now() - start) / 1000;

    const { data } = await net.predict(tensor(samples.subarray(0, 4096), [1, 4096, 1]));
    expectSameBits(rendered.subarray(0, 4096), data);
    expect(rendered.at(-1)).not.toBe(0);
    expect(took).toBeLessThan(seconds); // it needs a tenth of it: no block of 128 samples would come late
  },
);
