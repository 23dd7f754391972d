// The page draws and listens; all work is the worker's, so that nothing here ever waits for it.

import { Chart } from "./chart.js";
import { find } from "./find.js";
import { findBook, openWorker } from "./parts.js";

/** How many samples stay on the page. */
const KEPT = 6;

const settings = find("settings", HTMLFormElement);
const fields = find("fields", HTMLFieldSetElement);
const start = find("start", HTMLButtonElement);
const stop = find("stop", HTMLButtonElement);
const choose = find("choose", HTMLButtonElement);
const textFile = find("text", HTMLInputElement);
const textName = find("text-name", HTMLElement);
const reference = find("reference", HTMLElement);
const status = find("status", HTMLElement);
const samples = find("samples", HTMLElement);
const writing = find("writing", HTMLFormElement);
const prompt = find("prompt", HTMLInputElement);
const writeOn = find("write-on", HTMLButtonElement);
const written = find("written", HTMLElement);
const save = find("save", HTMLButtonElement);
const open = find("open", HTMLButtonElement);
const file = find("file", HTMLInputElement);
const figures = {
  characters: find("characters", HTMLElement),
  speed: find("speed", HTMLElement),
  threads: find("threads", HTMLElement),
  time: find("time", HTMLElement),
  loss: find("loss", HTMLElement),
  heldOut: find("held-out", HTMLElement),
};

/** What a model that counts five characters reaches on the end of the book. */
const FIVE_GRAM = 1.547;

const chart = new Chart(find("chart", HTMLCanvasElement));
const { format } = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

/**
 * The worker whose model the page shows.
 *
 * @type {Worker | undefined}
 */
let current;

/**
 * The worker that makes the next model. It takes over when it is ready; if it fails, the current one stays.
 *
 * @type {Worker | undefined}
 */
let coming;

/**
 * The text to train on, if it is not the book.
 *
 * @type {File | undefined}
 */
let chosenText;

/** What the model's file shall be called. */
let fileName = "moby-dick.safetensors";

let training = false;
let speed = 0;

settings.addEventListener("submit", (event) => {
  event.preventDefault();
  const numbers = [...new FormData(settings)].map(([name, value]) => [name, Number(value)]);
  const read = async () => ({
    ...Object.fromEntries(numbers),
    ...(chosenText ? await bytesOf(chosenText) : { ...findBook(), opening: "Call me " }),
  });
  begin("train", read(), "Reading the text…");
  stop.focus(); // a button that is disabled loses the focus
});

stop.addEventListener("click", () => {
  if (coming) dismiss();
  else ask({ type: "stop" });
  training = false;
  say(current ? "Stopped. Write on, save the model, or start anew." : "Ready to start.");
  refresh();
  start.focus();
});

writing.addEventListener("submit", (event) => {
  event.preventDefault();
  ask({ type: "writeOn", prompt: prompt.value });
});

choose.addEventListener("click", () => textFile.click());
textFile.addEventListener("change", () => {
  [chosenText] = textFile.files ?? [];
  textName.textContent = chosenText?.name ?? "Moby-Dick, which comes with this page";
});

save.addEventListener("click", () => ask({ type: "save" }));
open.addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  const [chosen] = file.files ?? [];
  if (chosen) begin("open", bytesOf(chosen), `Loading ${chosen.name}…`);
  file.value = ""; // so that the same file can be chosen again
});

/**
 * Read here: in WebKit the worker of a page from a disk may not read what the page was given.
 *
 * @param {File} file
 */
async function bytesOf(file) {
  return { name: file.name, bytes: await file.arrayBuffer() };
}

/** @param {{ type: string, prompt?: string }} request */
function ask(request) {
  clearFailures();
  current?.postMessage(request);
}

/**
 * Has a worker make the next model.
 *
 * @param {"train" | "open"} type
 * @param {Promise<object>} request
 * @param {string} activity
 */
function begin(type, request, activity) {
  const worker = openWorker();
  worker.addEventListener("message", ({ data }) => receive(worker, data));
  const fail = ({ message = "The worker of this page did not start." }) =>
    receive(worker, { type: "failure", of: type, message });
  worker.addEventListener("error", fail);
  request.then((request) => worker.postMessage({ type, ...request }), fail);
  dismiss();
  coming = worker;
  clearFailures();
  say(activity);
  refresh();
}

/**
 * @param {Worker} worker
 * @param {{ type: string, [name: string]: unknown }} message
 */
function receive(worker, { type, ...message }) {
  if (worker === coming) type === "ready" ? takeOver(worker) : dismiss();
  else if (worker !== current) return;
  actions[type]?.(message);
}

/** @param {Worker} worker */
function takeOver(worker) {
  current?.terminate();
  current = worker;
  coming = undefined;
  speed = 0;
  chart.clear();
  samples.replaceChildren();
  written.textContent = "";
  for (const figure of Object.values(figures)) figure.textContent = "–";
}

function dismiss() {
  coming?.terminate();
  coming = undefined;
}

/** @type {Record<string, string>} */
const refusals = {
  train: "Training cannot go on.",
  open: "The file cannot be loaded.",
  writeOn: "Writing cannot begin.",
  save: "The model cannot be saved.",
};

/**
 * What the page does with each message of the worker.
 *
 * @type {Record<string, (message: any) => void>}
 */
const actions = {
  ready({ parameters, name, opening }) {
    training = name === undefined;
    const model = `a model of ${format(parameters)} numbers`;
    say(training ? `Training ${model}.` : `Loaded ${name}, ${model}. Write on with it.`);
    if (training) {
      fileName = `${chosenText ? chosenText.name.replace(/\.[^.]*$/, "") : "moby-dick"}.safetensors`;
      chart.reference = chosenText ? undefined : FIVE_GRAM;
      reference.hidden = chosenText !== undefined;
      if (chosenText) prompt.value = opening;
    }
    refresh();
  },

  progress({ characters, loss, speed: now, seconds }) {
    speed = speed === 0 ? now : 0.9 * speed + 0.1 * now;
    figures.characters.textContent = format(characters);
    figures.speed.textContent = format(speed);
    figures.time.textContent = clock(seconds);
    figures.loss.textContent = loss.toFixed(2);
    chart.addTraining({ characters, loss });
  },

  heldOut({ characters, loss, threads }) {
    figures.threads.textContent = format(threads);
    figures.heldOut.textContent = loss.toFixed(3);
    chart.addHeldOut({ characters, loss });
    if (training && characters > 0)
      say(`Training. After ${format(characters)} characters the held-out loss is ${loss.toFixed(3)}.`);
  },

  sample({ characters, text }) {
    const item = document.createElement("li");
    const title = document.createElement("h3");
    const body = document.createElement("p");
    title.textContent =
      characters === 0 ? "Before it has read anything" : `After ${format(characters)} characters`;
    body.textContent = flow(text);
    body.className = "text";
    item.append(title, body);
    samples.prepend(item);
    if (samples.children.length > KEPT) samples.children[KEPT - 1]?.remove(); // the first one stays
  },

  written({ text }) {
    written.textContent = flow(text);
  },

  saved({ bytes }) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes]));
    link.download = fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`Saved as ${fileName}.`);
  },

  stopped() {
    training = false;
    refresh();
  },

  failure({ of, message }) {
    const place = document.querySelector(`[data-of~="${of}"]`);
    if (place) place.textContent = `${refusals[of]} ${message}`;
    if (of === "train" || of === "open") say("");
    refresh();
  },
};

function refresh() {
  const busy = training || coming !== undefined;
  fields.disabled = busy;
  start.disabled = busy;
  start.textContent = current ? "Start anew" : "Start";
  stop.disabled = !busy;
  choose.disabled = busy;
  open.disabled = training;
  save.disabled = !current;
  writeOn.disabled = !current;
}

function clearFailures() {
  for (const place of document.querySelectorAll(".failure")) place.textContent = "";
}

/** @param {string} words */
function say(words) {
  status.textContent = words;
}

/**
 * The book breaks its lines where the paper ends, the page where the screen does.
 *
 * @param {string} text
 */
function flow(text) {
  return text.trimStart().replace(/(?<!\n)\n(?!\n)/g, " ");
}

/** @param {number} seconds */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
