/** What the person at the terminal sees and presses: how far training is, texts, tables; Ctrl-C. */

import { status } from "recurra/terminal";

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
     * @param {AsyncIterable<{ readonly loss: number, readonly fraction?: number }>} training
     * @param {{ steps?: number, label?: string }} options `steps`: how many come, where none says what fraction is done;
     *   `label`: what it trains, where there are several.
     */
    async follow(training, { steps = 1, label = "" }) {
      const bar = status(out);
      /** @type {number[]} */
      const losses = [];
      try {
        for await (const { loss, fraction } of training) {
          losses.push(loss);
          const recent = losses.slice(-20);
          const mean = recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
          bar.show(fraction ?? losses.length / steps, `${label}  loss ${mean.toPrecision(3)}`.trim());
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
