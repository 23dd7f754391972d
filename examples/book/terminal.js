/** What the person at the terminal sees and presses: a bar while training goes on, texts, a plot; Ctrl-C. */

import asciichart from "asciichart";
import { SingleBar } from "cli-progress";

/**
 * @typedef {object} Progress
 * @property {(fraction: number, status: string) => void} show
 * @property {() => void} pause Leaves the output to others until the next `show`.
 */

/**
 * A bar on a terminal; elsewhere a plain line for every tenth, without control codes.
 *
 * @param {NodeJS.WriteStream} out
 * @returns {Progress}
 */
export function progress(out) {
  return out.isTTY ? bar(out) : lines(out);
}

/**
 * @param {NodeJS.WriteStream} out
 * @returns {Progress}
 */
function bar(out) {
  const single = new SingleBar({
    stream: out,
    linewrap: true, // cut to the width, without changing how the terminal wraps
    format(_options, { progress, maxWidth }, { status }) {
      const line = `${percent(progress)}  ${status}`;
      const width = Math.max(0, Math.min(40, maxWidth - line.length - 2));
      const full = Math.round(progress * width);
      return `${"█".repeat(full)}${"░".repeat(width - full)} ${line}`;
    },
  });
  return {
    show(fraction, status) {
      if (single.isActive) single.update(fraction, { status });
      else single.start(1, fraction, { status });
    },
    pause: () => single.stop(),
  };
}

/**
 * @param {NodeJS.WriteStream} out
 * @returns {Progress}
 */
function lines(out) {
  let tenths = 1;
  return {
    show(fraction, status) {
      if (fraction * 10 < tenths) return;
      out.write(`${percent(fraction)}  ${status}\n`);
      tenths = Math.floor(fraction * 10) + 1;
    },
    pause() {},
  };
}

/** @param {number} fraction */
function percent(fraction) {
  return `${Math.floor(fraction * 100)} %`.padStart(5);
}

/**
 * A text in lines that fit, with a rule down its left side.
 *
 * @param {string} text
 * @param {number} columns
 */
export function quote(text, columns) {
  const width = Math.max(1, columns - 5);
  const lines = new RegExp(`.{1,${width}}(?: |$)|.{1,${width}}|^$`, "gmu");
  return [...printable(text).matchAll(lines)].map(([line]) => `  │ ${line.trimEnd()}\n`).join("");
}

/**
 * A text without control characters: a book should not command the terminal.
 *
 * @param {string} text
 */
export function printable(text) {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}

/**
 * The losses over the characters read: of training a line, the mean of each column; of the held-out text a point for
 * each measurement.
 *
 * @param {object} losses
 * @param {readonly number[]} losses.training One for each step.
 * @param {readonly { step: number, loss: number }[]} losses.heldOut
 * @param {number} losses.characters Read in all steps.
 * @param {number} columns
 */
export function plot({ training, heldOut, characters }, columns) {
  const label = 6;
  const steps = training.length;
  const width = Math.max(2, Math.min(72, columns - label - 4, steps));
  const means = Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * steps) / width);
    const part = training.slice(from, Math.max(from + 1, Math.floor(((column + 1) * steps) / width)));
    return part.reduce((sum, loss) => sum + loss, 0) / part.length;
  });
  const all = [...means, ...heldOut.map(({ loss }) => loss)];
  const [min, max] = [Math.min(...all), Math.max(...all)];
  const height = 14;
  const chart = asciichart
    .plot(means, { min, max, height, format: (loss) => loss.toFixed(2).padStart(label) })
    .split("\n")
    .map((row) => [...row]);
  const scale = height / (max - min || 1);
  for (const { step, loss } of heldOut) {
    // As asciichart rounds: a point on the line is in the line's row.
    const row = chart[Math.round(max * scale) - Math.round(loss * scale)];
    row[label + 1 + Math.ceil((step * (width - 1)) / steps)] = "●";
  }
  const end = `${count(characters)} characters`;
  return [
    `${" ".repeat(label)}  loss in nats per character   ─ training   ● held out`,
    ...chart.map((row) => row.join("")),
    `${" ".repeat(label + 1)}└${"─".repeat(width - 1)}`,
    `${" ".repeat(label + 1)}0${end.padStart(width - 1)}\n`,
  ].join("\n");
}

/** @param {number} value */
export function count(value) {
  return Math.round(value).toLocaleString("en-US");
}

/**
 * Minutes and seconds.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Aborted by Ctrl-C; one more ends the program at once. */
export function onInterrupt() {
  const controller = new AbortController();
  let first = Infinity;
  process.on("SIGINT", () => {
    const now = performance.now();
    // npm passes on the signal that the terminal has given to both: within this time it is the same press.
    if (now - first > 500) process.exit(130);
    first = Math.min(first, now);
    controller.abort();
  });
  return controller.signal;
}
