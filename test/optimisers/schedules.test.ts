/** Schedules of the rate: how they are put into each other, where they end, and what they refuse. */
import { describe, expect, test } from "vitest";
import {
  cosineDecay,
  exponentialDecay,
  InputError,
  inTurn,
  milestoneDecay,
  oneCycle,
  plateau,
  polynomialDecay,
  type Schedule,
  stepDecay,
  warmup,
} from "../../ts/index.js";

const rates = (schedule: Schedule, steps: number) =>
  Array.from({ length: steps }, (_, step) => schedule(step, []));

test("a schedule changes the rate that another one gives", () => {
  const halved = warmup(stepDecay(8, { every: 2, factor: 0.5 }), { steps: 4 });
  expect(rates(halved, 7)).toEqual([0, 2, 2, 3, 2, 2, 1]);
  expect(
    rates(
      stepDecay((step) => step, { every: 2, factor: 0.5 }),
      4,
    ),
  ).toEqual([0, 1, 1, 1.5]);
  expect(
    rates(
      cosineDecay((step) => 2 * step, { steps: 2, least: 1 }),
      4,
    ),
  ).toEqual([0, 1.5, 1, 1]);
});

test("schedules follow each other, each with steps of its own", () => {
  const schedule = inTurn(
    { steps: 2, rate: 5 },
    { steps: 3, rate: (step) => step },
    exponentialDecay(8, { factor: 0.5 }),
  );
  expect(rates(schedule, 8)).toEqual([5, 5, 0, 1, 2, 8, 4, 2]);
});

test("a schedule that falls stays where it has come to", () => {
  expect(rates(polynomialDecay(1, { steps: 2 }), 4)).toEqual([1, 0.5, 0, 0]);
  expect(cosineDecay(1, { steps: 3, least: 0.25 })(1000, [])).toBe(0.25);
  expect(oneCycle(1, { steps: 10 })(1000, [])).toBeCloseTo(4e-6, 12);
  expect(oneCycle(1, { steps: 1 })(0, [])).toBeCloseTo(4e-6, 12);
});

test("restarts of one length go on for ever", () => {
  const schedule = cosineDecay(1, { steps: 4, restarts: 1 });
  expect(rates(schedule, 12)).toEqual([...rates(schedule, 4), ...rates(schedule, 4), ...rates(schedule, 4)]);
  expect(schedule(0, [])).toBe(1);
});

describe("a plateau", () => {
  const falls = plateau(1, { factor: 0.5, patience: 1 });

  test("lowers the rate after more validations without a better one than it has patience", () => {
    expect(falls(0, [])).toBe(1);
    expect(falls(9, [3, 2, 2])).toBe(1);
    expect(falls(9, [3, 2, 2, 2])).toBe(0.5);
    expect(falls(9, [3, 2, 2, 2, 1, 1])).toBe(0.5);
    expect(falls(9, [3, 2, 2, 2, 1, 1, 1])).toBe(0.25);
  });

  test("lowers what a schedule within it gives, and raises nothing to its least", () => {
    const schedule = plateau((step) => step, { factor: 0.5, patience: 0, least: 3 });
    expect(schedule(8, [1, 1])).toBe(4);
    expect(schedule(4, [1, 1])).toBe(3);
    expect(schedule(2, [1, 1])).toBe(2);
  });

  test("takes a validation that is not a number for no better one", () => {
    expect(falls(9, [2, NaN, NaN])).toBe(0.5);
    expect(falls(9, [NaN, NaN, 2, 1, NaN])).toBe(0.5);
  });
});

test.each<[string, () => Schedule]>([
  ["a negative rate", () => warmup(-1, { steps: 2 })],
  ["no steps", () => stepDecay(1, { every: 0 })],
  ["half a step", () => milestoneDecay(1, { at: [1.5] })],
  ["a factor that is not a number", () => exponentialDecay(1, { factor: NaN })],
  ["restarts that grow shorter", () => cosineDecay(1, { steps: 4, restarts: 0.5 })],
  ["a negative exponent", () => polynomialDecay(1, { steps: 2, exponent: -1 })],
  [
    "three phases of which two take more than all",
    () => oneCycle(1, { steps: 9, rise: 0.6, threePhases: true }),
  ],
  ["negative patience", () => plateau(1, { patience: -1 })],
  ["a phase without steps", () => inTurn({ steps: 0, rate: 1 }, 1)],
])("%s is refused", (_, make) => {
  expect(make).toThrow(InputError);
});
