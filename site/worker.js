// The worker holds one model, trained here or loaded from a file, and does what the page asks of it.

import {
  adam,
  crossEntropy,
  dense,
  embedding,
  load,
  lstm,
  model,
  tokens,
  vocabulary,
  windows,
} from "recurra";
import { lanes } from "../examples/book/lanes.js";
import { write } from "../examples/book/write.js";

/** @import { Model, Optimiser, Windows } from "recurra" */

/** Milliseconds from one report of progress to the next. */
const REPORT = 50;

/** How many characters it writes on, and how many of them in a second. */
const LENGTH = 600;
const PACE = 80;

/** @type {Model} */
let network;

const stopping = new AbortController();

/** How often the page asked it to write on: each request ends the one before. */
let requests = 0;

/** @type {Record<string, (request: any) => unknown>} */
const actions = { train, open, writeOn, save, stop: () => stopping.abort() };

addEventListener("message", async ({ data: { type, ...request } }) => {
  try {
    await actions[type]?.(request);
  } catch (error) {
    postMessage({
      type: "failure",
      of: type,
      message: error instanceof Error ? error.message : String(error),
    });
  }
});

/**
 * @param {{ bytes?: ArrayBuffer, address?: string, opening?: string, units: number, rate: number, batch: number, steps: number, seed: number }} request
 */
async function train({ bytes, address = "", opening, units, rate, batch, steps, seed }) {
  const text = decode(bytes ?? (await (await fetch(address)).arrayBuffer()));
  const symbols = vocabulary(text);
  const ids = symbols.encode(text);
  const cut = Math.floor(ids.length * 0.9);
  const examples = windows(ids.subarray(0, cut), { batch, steps });
  const heldOut = lanes(ids.subarray(cut), 64);
  const prompt = opening ?? symbols.decode(ids.subarray(0, 16));
  const optimiser = adam(rate);
  network = await model(tokens(symbols), embedding(64), lstm(units), dense(symbols.size), { seed });
  postMessage({ type: "ready", parameters: network.size, opening: prompt });
  try {
    await learn(examples, heldOut, { optimiser, prompt, size: batch * steps });
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
  } finally {
    postMessage({ type: "stopped" });
  }
}

/** @param {ArrayBuffer} bytes */
function decode(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Error("Expected a text in UTF-8, got other bytes.");
  }
}

/**
 * Trains until the page says stop; `size`: characters in a step of training.
 *
 * @param {Windows} examples
 * @param {Windows} heldOut
 * @param {{ optimiser: Optimiser, prompt: string, size: number }} options
 */
async function learn(examples, heldOut, { optimiser, prompt, size }) {
  const { signal } = stopping;
  await look(heldOut, prompt, 0);
  const began = performance.now();
  let reported = began;
  let sum = 0;
  let count = 0;
  let next = 25;
  for await (const { step, loss } of network.train(examples, {
    loss: crossEntropy(),
    optimiser,
    clip: 1,
    epochs: Infinity,
    signal,
  })) {
    const characters = (step + 1) * size;
    const now = performance.now();
    sum += loss;
    count++;
    if (now - reported >= REPORT || step + 1 === next) {
      const speed = (count * size * 1000) / (now - reported);
      const seconds = (now - began) / 1000;
      postMessage({ type: "progress", characters, loss: sum / count, speed, seconds });
      reported = now;
      sum = 0;
      count = 0;
    }
    if (step + 1 === next) {
      next += Math.min(next, 400); // most is learnt early
      await look(heldOut, prompt, characters);
      reported = performance.now();
    }
  }
}

/**
 * Shows what the model writes after so many characters, and its loss on what it never reads.
 *
 * @param {Windows} heldOut
 * @param {string} prompt
 * @param {number} characters
 */
async function look(heldOut, prompt, characters) {
  const text = prompt + [...write(network, prompt, { length: 240, seed: 1 })].join("");
  postMessage({ type: "sample", characters, text });
  const loss = await network.evaluate(heldOut, { loss: crossEntropy(), signal: stopping.signal });
  postMessage({ type: "heldOut", characters, loss, threads: network.threads.count });
}

/** @param {{ name: string, bytes: ArrayBuffer }} request */
async function open({ name, bytes }) {
  network = await load(new Uint8Array(bytes));
  if (!network.vocabulary) throw new Error(`${name} holds a model that does not read text.`);
  postMessage({ type: "ready", parameters: network.size, name });
}

function save() {
  const bytes = network.save();
  postMessage({ type: "saved", bytes }, { transfer: [bytes.buffer] });
}

/** @param {{ prompt: string }} request */
async function writeOn({ prompt }) {
  const request = ++requests;
  const began = performance.now();
  const due = () => ((performance.now() - began) * PACE) / 1000;
  let text = prompt;
  let count = 0;
  for (const character of write(network, prompt || "\n", { length: LENGTH, seed: request })) {
    text += character;
    count++;
    postMessage({ type: "written", text });
    // Between two steps of training it writes as many characters as are due.
    while (request === requests && count > due()) await new Promise((done) => setTimeout(done, 1000 / PACE));
    if (request !== requests) break;
  }
}
