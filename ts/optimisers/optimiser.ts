/** What an optimiser is: how parameters follow their gradients, in one pass over a range of them. */
import type { Address } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import type { AnyKernelSet } from "../engine/sets.js";
import { InputError } from "../errors.js";

/**
 * The rate of every step, counted from 0. `validations`: the scores of the validations so far, oldest first, which are losses unless a metric says which is better. A function of nothing
 * else gives the same rates when training is resumed.
 */
export type Schedule = (step: number, validations: readonly number[]) => number;

/** A learning rate, or a function that gives it for each step. */
export type Rate = number | Schedule;

/** A range of parameters for an optimiser to update. */
export interface Range {
  readonly engine: Engine;
  readonly value: Address;
  readonly gradient: Address;
  /** The optimiser's own numbers: one range as long as the parameters for each slot. */
  readonly slots: readonly Address[];
  /** Length in floats. */
  readonly count: number;
  /** Whether weight decay applies to this range. */
  readonly decays: boolean;
}

export interface Optimiser {
  readonly name: string;
  readonly rate: Rate;
  /** The set that its kernel is of, if that is not the one that every network needs. */
  readonly kernels?: AnyKernelSet;
  /** The names of the numbers it keeps for each parameter, for example `velocity`. */
  readonly slots: readonly string[];
  /** What those are before the first step; default 0. */
  readonly initial?: number;
  /** Updates a range for step `step`, counted from 0; gradients count `scale` times (clipping). */
  update(range: Range, step: number, rate: number, scale: number): void;
}

/** Throws InputError unless low <= value < below. */
export function requireNumber(where: string, value: number, low: number, below: number): void {
  if (!(value >= low && value < below)) {
    throw new InputError({
      where,
      expected: `a number from ${low} up to, not including, ${below}`,
      got: String(value),
    });
  }
}

/** Throws InputError for a rate that is not a number from 0 or a function. */
export function requireRate(where: string, rate: Rate): void {
  if (typeof rate !== "function") requireNumber(where, rate, 0, Infinity);
}

/** Throws InputError for what float32 makes 0 of, so that a gradient of 0 would become 0 / 0. */
export function requireEpsilon(where: string, epsilon: number): void {
  requireNumber(where, epsilon, 1e-30, Infinity);
}

/** The rate of a step; InputError unless it is a finite number from 0. */
export function rateAt(where: string, rate: Rate, step: number, validations: readonly number[]): number {
  const value = typeof rate === "number" ? rate : rate(step, validations);
  if (!(value >= 0 && value < Infinity)) {
    throw new InputError({
      where: `${where}(${step})`,
      expected: "a finite number from 0",
      got: String(value),
    });
  }
  return value;
}

/** The address of a slot that there is not. */
export const NOWHERE = 0 as Address;
