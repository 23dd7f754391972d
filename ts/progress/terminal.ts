/** Training on a terminal: a bar while it goes on, curves of what it has been. */
import { SingleBar } from "cli-progress";
import type { Follow } from "../training/train.js";
import { reporter } from "./report.js";

export { type Curve, type PlotOptions, plot } from "../pictures/plot.js";
export { plotHistory } from "./plot-history.js";
export { type Report, reporter } from "./report.js";

/** Where a bar is drawn: a stream of Node.js. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Follows a training as a bar with loss, rate, speed and time left: `await net.fit(batches, { show: bar(), ... })`. `out`:
 * default standard error. Where that is no terminal, a plain line for every tenth, without control codes.
 */
export function bar(out: Output = process.stderr): Follow {
  return async function* (training) {
    const report = reporter();
    const line = status(out);
    try {
      for await (const progress of training) {
        const { fraction = 0, text } = report(progress);
        line.show(fraction, text);
        yield progress;
      }
    } finally {
      line.pause();
    }
  };
}

/** One line that says how far something is. */
export interface Status {
  /** `fraction`: from 0 to 1. */
  show(fraction: number, text: string): void;
  /** Leaves the output to others until the next `show`. */
  pause(): void;
}

/** A bar on a terminal; elsewhere a plain line for every tenth. */
export function status(out: Output): Status {
  return out.isTTY ? drawn(out) : printed(out);
}

function drawn(out: Output): Status {
  const single = new SingleBar({
    stream: out as NodeJS.WriteStream,
    linewrap: true, // cut to the width, without changing how the terminal wraps
    format(_options, { progress, maxWidth }, { text }) {
      const line = `${percent(progress)}  ${text}`;
      const width = Math.max(0, Math.min(40, maxWidth - line.length - 2));
      const full = Math.round(progress * width);
      return `${"█".repeat(full)}${"░".repeat(width - full)} ${line}`;
    },
  });
  return {
    show(fraction, text) {
      if (single.isActive) single.update(fraction, { text });
      else single.start(1, fraction, { text });
    },
    pause: () => single.stop(),
  };
}

function printed(out: Output): Status {
  let tenths = 1;
  return {
    show(fraction, text) {
      if (fraction * 10 < tenths) return;
      out.write(`${percent(fraction)}  ${text}\n`);
      tenths = Math.floor(fraction * 10) + 1;
    },
    pause() {},
  };
}

function percent(fraction: number): string {
  return `${Math.floor(fraction * 100)} %`.padStart(5);
}
