// Runs the probe in a page, in the way that its address names, sends what it found to the server and goes on to the next.
import { probe } from "./probe.js";

const parameters = new URL(location.href).searchParams;
const name = parameters.get("case") ?? "";
const threads = Number(parameters.get("threads") ?? 2);
const [whole, slim] = ["/dist/index.js", "/dist/slim/index.js"];
const workerUrl = "/dist/worker.js";

/** @type {Record<string, () => Promise<unknown>>} */
const cases = {
  isolated: async () => probe(await import(whole), { threads }),
  plain: async () => probe(await import(whole), { bits: false }),
  policy: async () => probe(await import(whole), { bits: false }),
  policyWithWorker: async () => probe(await import(whole), { bits: false, workerUrl }),
  forbidden: async () => probe(await import(whole), { bits: false }),
  files: async () => probe(await import(slim), { bits: false, workerUrl, kernels: "/dist/" }),
  noFiles: async () => probe(await import(slim), { bits: false }),
  script: async () => probe(/** @type {any} */ (globalThis).recurra, { bits: false }),
  worker: () => {
    const worker = new Worker("/test/runtimes/dedicated.js", { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    });
  },
  worklet: async () => {
    const context = new OfflineAudioContext(1, 128, 44100);
    await context.audioWorklet.addModule("/test/runtimes/worklet.js");
    const { model, features, lstm, dense } = await import(whole);
    const net = await model(features(1), lstm(8), dense(1), { seed: 1 });
    const node = new AudioWorkletNode(context, "model", { processorOptions: net.save() });
    return new Promise((resolve) => {
      node.port.onmessage = ({ data }) => resolve(data);
      node.connect(context.destination);
      context.startRendering();
    });
  },
};

const found = await cases[name]?.().catch((error) => ({ failed: String(error?.stack ?? error) }));
const response = await fetch(`/found?case=${name}`, { method: "POST", body: JSON.stringify(found) });
const next = await response.text();
if (next) location.href = next;
