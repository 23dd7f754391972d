/** What the person at the terminal sees and presses: a bar while training goes on, texts, tables; Ctrl-C. */

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
 * What an example shows itself on.
 *
 * @param {NodeJS.WriteStream} out
 */
export function screenOf(out) {
  return {
    columns: out.columns ?? 80,

    /** @param {string} text */
    print(text) {
      out.write(`${text}\n`);
    },

    /**
     * Shows how far training is, and gives the loss of every step.
     *
     * @param {AsyncIterable<{ readonly loss: number }>} training
     * @param {{ steps: number, label?: string }} options `label`: what it trains, where there are several.
     */
    async follow(training, { steps, label = "" }) {
      const bar = progress(out);
      /** @type {number[]} */
      const losses = [];
      try {
        for await (const { loss } of training) {
          losses.push(loss);
          const recent = losses.slice(-20);
          const mean = recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
          bar.show(losses.length / steps, `${label}  loss ${mean.toPrecision(3)}`.trim());
        }
      } finally {
        bar.pause();
      }
      return losses;
    },
  };
}

/** @typedef {ReturnType<typeof screenOf>} Screen */

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
 * Rows below each other, the first a heading; the first column to the left, the others to the right.
 *
 * @param {readonly (readonly string[])[]} rows
 */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join("  "),
  );
  return lines.map((line) => `  ${line.trimEnd()}\n`).join("");
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
