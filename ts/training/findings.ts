/** What the numbers of a diagnosis suggest, in words. */
import type { LayerDiagnosis } from "./diagnose.js";

/** Something conspicuous about a training. */
export interface Finding {
  readonly kind:
    | "diverged"
    | "scale"
    | "exploding"
    | "vanishing"
    | "rate too high"
    | "rate too low"
    | "saturated"
    | "dead";
  /** A layer, `inputs` or `training`. */
  readonly where: string;
  /** What it is and what to do about it. */
  readonly text: string;
}

interface Looked {
  readonly layers: readonly LayerDiagnosis[];
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  /** How many steps were to be trained. */
  readonly steps: number;
  /** The greatest size of an input that is a number; 0 if inputs are indices. */
  readonly greatest: number;
}

/** Rules of thumb, the gravest first. */
export function judge({ layers, losses, gradientNorms, steps, greatest }: Looked): Finding[] {
  const findings: Finding[] = [];
  const say = (kind: Finding["kind"], where: string, text: string) =>
    findings.push({ kind, where, text: `${where}: ${text}` });
  const recurrent = layers.filter(({ reach }) => !Number.isNaN(reach));

  if (losses.length < steps) {
    const what = `after ${losses.length} steps the loss or a gradient is not finite`;
    say("diverged", "training", `${what}: lower the rate, set clip to 1, scale the data`);
  }
  if (greatest > 30) {
    say(
      "scale",
      "inputs",
      `there are numbers as large as ${short(greatest)}: standardise them, so that most are between -3 and 3`,
    );
  }
  const norm = Math.max(0, ...gradientNorms);
  if (norm > 100) {
    say(
      "exploding",
      "training",
      `the norm of the gradient reaches ${short(norm)}: set clip to 1, or scale the data and the targets`,
    );
  }
  for (const { path, reach } of recurrent) {
    if (reach > 100) {
      say(
        "exploding",
        path,
        `its gradient grows ${short(reach)} times from the last steps to the first: set clip to 1, take shorter sequences`,
      );
    }
    if (reach < 1e-3) {
      const left = reach === 0 ? "nothing" : `1 part in ${short(1 / reach)}`;
      say(
        "vanishing",
        path,
        `of its gradient at the last steps ${left} arrives at the first: take an LSTM or a GRU, a forget bias of 1 or more, or shorter sequences`,
      );
    }
  }
  for (const { path, updateRatio } of layers) {
    if (updateRatio > 0.1) {
      say(
        "rate too high",
        path,
        `a step moves its parameters by ${percent(updateRatio)} of their size, where 0.1 % is usual: lower the rate`,
      );
    }
    if (updateRatio < 1e-6) {
      const still =
        updateRatio === 0
          ? "a step does not move its parameters"
          : `a step moves its parameters by ${short(updateRatio)} of their size`;
      say("rate too low", path, `${still}: raise the rate, unless the layer is frozen`);
    }
  }
  for (const { path, saturated } of layers) {
    for (const [gate, share] of Object.entries(saturated)) {
      if (share > 0.5) {
        say(
          "saturated",
          path,
          `${percent(share)} of the ${gate} activations are at their bounds, where there is no gradient: scale the data, lower the rate`,
        );
      }
    }
  }
  for (const { path, dead } of layers) {
    if (dead > 0.1) {
      say(
        "dead",
        path,
        `${percent(dead)} of its units get no gradient: lower the rate, or take an activation with a slope everywhere`,
      );
    }
  }
  return findings;
}

function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

function percent(share: number): string {
  return `${short(100 * share)} %`;
}
