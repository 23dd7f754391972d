/** Training on a page: an element that shows how far it is. */
import type { Follow } from "../training/train.js";
import { type Report, reporter } from "./report.js";

export { type Report, reporter } from "./report.js";

export interface ProgressElement {
  /** A `<div>` with a `<progress>` and an `<output>`, to be put on the page and dressed. */
  readonly element: HTMLElement;
  /** For the option `show` of a training. */
  readonly show: Follow;
}

/** Shortest time in milliseconds from one change on the page to the next. */
const INTERVAL = 50;

/**
 * Follows a training on a page: `document.body.append(bar.element)`, then `net.fit(batches, { show: bar.show, ... })`. While
 * nobody knows how long training lasts, the bar is indeterminate.
 */
export function progressElement(): ProgressElement {
  const element = document.createElement("div");
  const bar = document.createElement("progress");
  const output = document.createElement("output");
  bar.setAttribute("aria-label", "training");
  element.append(bar, output);

  function draw({ fraction, text }: Report): void {
    if (fraction === undefined) bar.removeAttribute("value");
    else bar.value = fraction;
    output.textContent = text;
  }

  return {
    element,
    async *show(training) {
      const report = reporter();
      let last: Report | undefined;
      let drawn = 0;
      try {
        for await (const progress of training) {
          last = report(progress);
          const now = performance.now();
          if (now - drawn >= INTERVAL) {
            draw(last);
            drawn = now;
          }
          yield progress;
        }
      } finally {
        if (last) draw(last);
      }
    },
  };
}
