/** How far a training is, in words: for a terminal, a page, a log. */
import type { Progress } from "../training/train.js";

export interface Report {
  /** From 0 to 1; undefined where nobody knows how long training lasts. */
  readonly fraction: number | undefined;
  readonly seconds: number;
  /** Steps in a second, on the average since the first. */
  readonly speed: number;
  readonly secondsLeft: number | undefined;
  /** All of it, for example `loss 1.234  validation 1.301  rate 0.001  152 steps/s  0:34 left`. */
  readonly text: string;
}

/** Reports on the steps of one training as they come. `loss` in the text is a mean over the last steps, about twenty. */
export function reporter(): (progress: Progress) => Report {
  const began = performance.now();
  let count = 0;
  let mean = 0;
  let validated: number | undefined;
  return ({ step, total, loss, rate, validation }) => {
    count++;
    mean += (loss - mean) / Math.min(count, 20);
    validated = validation?.loss ?? validated;
    const seconds = (performance.now() - began) / 1000;
    const speed = count / Math.max(seconds, 1e-3);
    const secondsLeft = total === undefined ? undefined : (total - step - 1) / speed;
    const parts = [
      `loss ${digits(mean)}`,
      ...(validated === undefined ? [] : [`validation ${digits(validated)}`]),
      `rate ${Number(rate.toPrecision(3))}`,
      `${digits(speed)} steps/s`,
      secondsLeft === undefined ? `${clock(seconds)} so far` : `${clock(secondsLeft)} left`,
    ];
    const fraction = total === undefined ? undefined : (step + 1) / total;
    return { fraction, seconds, speed, secondsLeft, text: parts.join("  ") };
  };
}

/** Three digits at least, and no exponent where none is needed. */
function digits(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}

/** Minutes and seconds, or hours too. */
function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}
