/**
 * Learning rates that change as training goes on. Each takes the rate that it changes, itself a number or a schedule, so that
 * they can be put into each other: `warmup(cosineDecay(0.01, { steps: 5000 }), { steps: 200 })`. All are functions of the step
 * and of the validations alone, so that a resumed training goes on with the same rates.
 */
import { InputError } from "../errors.js";
import { cos, power } from "../numeric.js";
import { type Rate, requireNumber, requireRate, type Schedule } from "./optimiser.js";

/** The rate times `factor`, once more after each `every` steps. */
export function stepDecay(
  rate: Rate,
  { every, factor = 0.1 }: { readonly every: number; readonly factor?: number },
): Schedule {
  requireSteps("stepDecay.every", every);
  requireFactor("stepDecay.factor", factor);
  return scaled("stepDecay", rate, (step) => power(factor, Math.floor(step / every)));
}

/** The rate times `factor`, once more from each step in `at` on. */
export function milestoneDecay(
  rate: Rate,
  { at, factor = 0.1 }: { readonly at: readonly number[]; readonly factor?: number },
): Schedule {
  for (const [index, step] of at.entries()) requireSteps(`milestoneDecay.at[${index}]`, step);
  requireFactor("milestoneDecay.factor", factor);
  return scaled("milestoneDecay", rate, (step) => power(factor, at.filter((each) => each <= step).length));
}

/** The rate times `factor`, once more after every step. */
export function exponentialDecay(rate: Rate, { factor }: { readonly factor: number }): Schedule {
  requireFactor("exponentialDecay.factor", factor);
  return scaled("exponentialDecay", rate, (step) => power(factor, step));
}

/** Falls to 0 within `steps`: the rate times (1 - step / steps) to a power. */
export function polynomialDecay(
  rate: Rate,
  { steps, exponent = 1 }: { readonly steps: number; readonly exponent?: number },
): Schedule {
  requireSteps("polynomialDecay.steps", steps);
  requireNumber("polynomialDecay.exponent", exponent, 0, Infinity);
  return scaled("polynomialDecay", rate, (step) => power(Math.max(0, 1 - step / steps), exponent));
}

export interface CosineOptions {
  /** Until the rate is at its least. */
  readonly steps: number;
  /** Default 0. */
  readonly least?: number;
  /** Begins anew after `steps`, each time so many times as long as the time before; default: stays at the least. */
  readonly restarts?: number;
}

/** Falls along half a cosine, once or again and again (SGDR: Loshchilov & Hutter 2017). */
export function cosineDecay(rate: Rate, { steps, least = 0, restarts }: CosineOptions): Schedule {
  requireRate("cosineDecay", rate);
  requireSteps("cosineDecay.steps", steps);
  requireNumber("cosineDecay.least", least, 0, Infinity);
  if (restarts !== undefined) requireNumber("cosineDecay.restarts", restarts, 1, Infinity);
  return (step, validations) => {
    let length = steps;
    let at = step;
    while (restarts !== undefined && at >= length) {
      at -= length;
      length *= restarts;
    }
    return between(of(rate, step, validations), least, cosine(Math.min(1, at / length)));
  };
}

/** Rises in a straight line from `from` times the rate to the whole of it, within `steps`. */
export function warmup(
  rate: Rate,
  { steps, from = 0 }: { readonly steps: number; readonly from?: number },
): Schedule {
  requireSteps("warmup.steps", steps);
  requireNumber("warmup.from", from, 0, Infinity);
  return scaled("warmup", rate, (step) => between(from, 1, Math.min(1, step / steps)));
}

export interface OneCycleOptions {
  /** Of the whole training. */
  readonly steps: number;
  /** The share of them in which the rate rises; default 0.3. */
  readonly rise?: number;
  /** Begins with the greatest rate divided by this; default 25. */
  readonly divisor?: number;
  /** Ends with the first rate divided by this; default 10,000. */
  readonly endDivisor?: number;
  readonly shape?: "cosine" | "linear";
  /** Falls as long as it rose, back to the first rate, and then on to the last; default false. */
  readonly threePhases?: boolean;
}

/** Up to the greatest rate and down to almost nothing (Smith & Topin 2019). */
export function oneCycle(greatest: number, options: OneCycleOptions): Schedule {
  const {
    steps,
    rise = 0.3,
    divisor = 25,
    endDivisor = 1e4,
    shape = "cosine",
    threePhases = false,
  } = options;
  requireNumber("oneCycle", greatest, 0, Infinity);
  requireSteps("oneCycle.steps", steps);
  requireNumber("oneCycle.rise", rise, 0, threePhases ? 0.5 : 1);
  requireNumber("oneCycle.divisor", divisor, 1, Infinity);
  requireNumber("oneCycle.endDivisor", endDivisor, 1, Infinity);
  const first = greatest / divisor;
  const last = first / endDivisor;
  const top = rise * steps - 1;
  const corners: readonly (readonly [step: number, rate: number])[] = [
    [0, first],
    [top, greatest],
    ...(threePhases ? [[2 * top, first] as const] : []),
    [steps - 1, last],
  ];
  return (step) => {
    const next = corners.findIndex(([at]) => at > 0 && step <= at);
    if (next < 0) return last;
    const [[from, before], [to, after]] = [corners[next - 1]!, corners[next]!];
    const share = (step - from) / (to - from);
    return between(before, after, shape === "cosine" ? cosine(share) : share);
  };
}

export interface PlateauOptions {
  /** What the rate is multiplied with; default 0.1. */
  readonly factor?: number;
  /** So many validations in a row may be no better than the best; one more, and the rate falls. Default 10. */
  readonly patience?: number;
  /** By how much a loss must be below the best to be better: a share of it, or with `absolute` a difference. Default 1e-4. */
  readonly threshold?: number;
  readonly absolute?: boolean;
  /** How many validations after a fall are not counted; default 0. */
  readonly cooldown?: number;
  /** Default 0. */
  readonly least?: number;
  /** Whether the validation loss is to grow; default false. */
  readonly greater?: boolean;
}

/** Lowers the rate when the validation loss no longer falls. It needs the option `validation`. */
export function plateau(rate: Rate, options: PlateauOptions = {}): Schedule {
  const { factor = 0.1, patience = 10, threshold = 1e-4, absolute = false, cooldown = 0 } = options;
  const { least = 0, greater = false } = options;
  requireRate("plateau", rate);
  requireFactor("plateau.factor", factor);
  requireNumber("plateau.patience", patience, 0, Infinity);
  requireNumber("plateau.threshold", threshold, 0, Infinity);
  requireNumber("plateau.cooldown", cooldown, 0, Infinity);
  requireNumber("plateau.least", least, 0, Infinity);
  const sign = greater ? -1 : 1;
  const better = (loss: number, best: number) => {
    const margin = Number.isFinite(best) ? threshold * (absolute ? 1 : Math.abs(best)) : 0;
    return sign * loss < sign * best - margin;
  };
  return (step, validations) => {
    let current = of(rate, step, validations);
    let best = sign * Infinity;
    let bad = 0;
    let cooling = 0;
    for (const loss of validations) {
      if (better(loss, best)) {
        best = loss;
        bad = 0;
      } else {
        bad++;
      }
      if (cooling > 0) {
        cooling--;
        bad = 0;
      }
      if (bad > patience) {
        // A rate that the schedule within has brought below the least is left there.
        current = Math.min(current, Math.max(current * factor, least));
        cooling = cooldown;
        bad = 0;
      }
    }
    return current;
  };
}

/** One schedule for so many steps, then the next, each counting from 0; the last goes on for ever. */
export function inTurn(...phases: readonly [...{ steps: number; rate: Rate }[], Rate]): Schedule {
  const timed = phases.slice(0, -1) as readonly { steps: number; rate: Rate }[];
  const last = phases.at(-1) as Rate;
  for (const [index, { steps, rate }] of timed.entries()) {
    requireSteps(`inTurn[${index}].steps`, steps);
    requireRate(`inTurn[${index}].rate`, rate);
  }
  requireRate(`inTurn[${timed.length}]`, last);
  return (step, validations) => {
    for (const { steps, rate } of timed) {
      if (step < steps) return of(rate, step, validations);
      step -= steps;
    }
    return of(last, step, validations);
  };
}

function of(rate: Rate, step: number, validations: readonly number[]): number {
  return typeof rate === "number" ? rate : rate(step, validations);
}

function scaled(where: string, rate: Rate, factor: (step: number) => number): Schedule {
  requireRate(where, rate);
  return (step, validations) => of(rate, step, validations) * factor(step);
}

/** From `from` at 0 to `to` at 1. */
function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** From 0 to 1, slow at both ends. */
function cosine(share: number): number {
  return (1 - cos(Math.PI * share)) / 2;
}

function requireFactor(where: string, factor: number): void {
  requireNumber(where, factor, 0, Infinity);
}

function requireSteps(where: string, steps: number): void {
  if (!(Number.isSafeInteger(steps) && steps > 0)) {
    throw new InputError({ where, expected: "a whole number of steps from 1", got: String(steps) });
  }
}
