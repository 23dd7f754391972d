// The page that reads dates: what is typed goes to the worker, what it writes comes back token by token.

import { attentionSvg } from "recurra";
import { find } from "./find.js";

const start = find("start", HTMLButtonElement);
const stop = find("stop", HTMLButtonElement);
const status = find("status", HTMLElement);
const source = find("source", HTMLInputElement);
const target = find("target", HTMLOutputElement);
const attention = find("attention", HTMLImageElement);
const figures = {
  seen: find("seen", HTMLElement),
  loss: find("loss", HTMLElement),
  right: find("right", HTMLElement),
};
const { format } = new Intl.NumberFormat("en");

/** @type {Worker | undefined} */
let worker;

/** Whether the worker is reading what was typed. */
let reading = false;

start.addEventListener("click", () => {
  worker?.terminate();
  worker = new Worker(new URL("./dates-worker.js", import.meta.url), { type: "module" });
  worker.addEventListener("message", ({ data: { type, ...message } }) => actions[type]?.(message));
  worker.addEventListener("error", ({ message = "The worker of this page did not start." }) =>
    actions.failure?.({ of: "train", message }),
  );
  clearFailure("train");
  say("Making a network…");
  busy(true);
  stop.focus(); // a button that is disabled loses the focus
  worker.postMessage({ type: "train" });
});

stop.addEventListener("click", () => {
  worker?.postMessage({ type: "stop" });
  start.focus();
});

source.addEventListener("input", read);

function read() {
  clearFailure("read");
  if (!worker) return;
  reading = true;
  worker.postMessage({ type: "read", text: source.value });
}

/** @type {Record<string, (message: any) => void>} */
const actions = {
  ready({ parameters }) {
    say(`Training a network of ${format(parameters)} numbers. Type a date: it reads while it learns.`);
    read();
  },

  progress({ seen, loss }) {
    figures.seen.textContent = format(seen);
    figures.loss.textContent = loss.toFixed(3);
  },

  heldOut({ right }) {
    figures.right.textContent = `${(100 * right).toFixed(0)} %`;
    if (!reading) read(); // with what it has learnt since
  },

  written({ letters, tokens, weights }) {
    target.textContent = tokens.join("");
    attention.hidden = tokens.length === 0;
    if (attention.hidden) return;
    const picture = attentionSvg(weights, tokens, letters, { title: "Where it looks", cell: 20 });
    attention.src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    attention.alt = `Which letters of “${letters.join("")}” it looked at for each of “${tokens.join("")}”`;
  },

  done() {
    reading = false;
  },

  stopped() {
    say("It learns no more. Type a date, or start anew.");
    busy(false);
  },

  failure({ of, message }) {
    const place = document.querySelector(`[data-of="${of}"]`);
    if (place) place.textContent = message;
    if (of !== "train") {
      actions.done?.({});
      return;
    }
    say("");
    busy(false);
  },
};

/** @param {boolean} training */
function busy(training) {
  start.disabled = training;
  stop.disabled = !training;
  if (worker) start.textContent = "Start anew";
}

/** @param {string} of */
function clearFailure(of) {
  const place = document.querySelector(`[data-of="${of}"]`);
  if (place) place.textContent = "";
}

/** @param {string} words */
function say(words) {
  status.textContent = words;
}
