/** What a training has been, as curves. */
import { type PlotOptions, plot } from "../pictures/plot.js";
import type { History } from "../training/history.js";

/** The losses of a training, and of its validations if there were any. */
export function plotHistory({ loss, validations }: History, options: Partial<PlotOptions> = {}): string {
  const curves = [
    { name: "training", mark: "─", points: loss.map((y, x) => ({ x, y })) },
    { name: "validation", mark: "●", points: validations.map(({ step, loss }) => ({ x: step, y: loss })) },
  ];
  return plot(curves, { title: "loss", from: "0", to: `${loss.length} steps`, ...options });
}
