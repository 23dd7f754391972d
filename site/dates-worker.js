// The worker of the page that reads dates: it trains an encoder-decoder and translates with it, between the steps of training too.

import {
  adam,
  bidirectional,
  cosineDecay,
  crossEntropy,
  dense,
  embedding,
  encoderDecoder,
  gru,
  inputs,
  model,
  pairs,
  random,
  splitByHash,
  tokens,
  translator,
  vocabulary,
} from "recurra";
import { dated, days, spellings } from "../examples/lib/dates.js";

/** @import { Translator } from "recurra" */

const STEPS = 500;
const BATCH = 64;
const HELD_OUT = 300;

/** Steps of training from one look at the dates held out to the next. */
const LOOK = 50;

/** Milliseconds from one report to the next, and from one token that it writes to the next. */
const REPORT = 50;
const PACE = 60;

const { integer } = random(1);
const made = Array.from({ length: 20_000 }, () => dated(integer(days), integer(spellings.length)));
const { train, test } = splitByHash(made, ({ target }) => target, { test: 0.1 });
const letters = vocabulary(made.map(({ source }) => source).join(""), { special: {} });
const digits = vocabulary("0123456789-", { special: { start: "<s>", end: "</s>" } });
const { start, end } = /** @type {{ start: number, end: number }} */ (digits.special);
const stopping = new AbortController();

/** @type {Translator} */
let writer;

/** How often the page asked it to read: each request ends the one before. */
let requests = 0;

/** @type {Record<string, (request: any) => unknown>} */
const actions = { train: learn, read, stop: () => stopping.abort() };

addEventListener("message", async ({ data: { type, ...request } }) => {
  try {
    await actions[type]?.(request);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    postMessage({ type: "failure", of: type, message });
  }
});

async function learn() {
  const net = await model(
    inputs({ target: tokens(digits), source: tokens(letters) }),
    encoderDecoder({
      encoder: [embedding(32), bidirectional(gru(32))],
      decoder: [embedding(32), gru(64)],
      attention: { score: "additive" },
    }),
    dense(digits.size),
    { seed: 1, threads: 1 },
  );
  writer = translator(net, { start, end, maxLength: 20, batch: 64 });
  postMessage({ type: "ready", parameters: net.size });
  const encoded = train.map(({ source, target }) => ({
    source: letters.encode(source),
    target: digits.encode(target),
  }));
  const examples = pairs(encoded, { batch: BATCH, start, end, seed: 1 });
  const { signal } = stopping;
  const optimiser = adam(cosineDecay(0.01, { steps: STEPS }));
  let reported = performance.now();
  try {
    for await (const { step, loss } of net.train(examples, {
      ...{ loss: crossEntropy(), optimiser, clip: 1, steps: STEPS, signal },
    })) {
      if (performance.now() - reported >= REPORT) {
        reported = performance.now();
        postMessage({ type: "progress", seen: (step + 1) * BATCH, loss });
      }
      if ((step + 1) % LOOK === 0) postMessage({ type: "heldOut", right: await shareRight() });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  postMessage({ type: "stopped" });
}

/** The share of the dates held out that it reads without an error. */
async function shareRight() {
  const chosen = test.slice(0, HELD_OUT);
  const { signal } = stopping;
  const found = await writer.translate(
    chosen.map(({ source }) => letters.encode(source)),
    { signal },
  );
  const right = chosen.filter(({ target }, i) => digits.decode(found[i]?.[0]?.tokens ?? []) === target);
  return right.length / chosen.length;
}

/** @param {{ text: string }} request */
async function read({ text }) {
  const request = ++requests;
  const typed = [...text.toLowerCase().trim()];
  postMessage({ type: "written", letters: typed, tokens: [] });
  if (typed.length > 0) {
    const source = letters.encode(typed.join(""));
    for (const { leading } of writer.translating(source)) {
      const { tokens, attention } = leading();
      const written = tokens.map((id) => digits.symbol(id));
      postMessage({
        type: "written",
        letters: typed,
        tokens: written,
        weights: attention?.slice(0, written.length),
      });
      await new Promise((done) => setTimeout(done, PACE));
      if (request !== requests) return;
    }
  }
  postMessage({ type: "done" });
}
