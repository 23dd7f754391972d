/** What is said about a training while it goes on. */
import { expect, test, vi } from "vitest";
import type { Progress } from "../../ts/index.js";
import { reporter } from "../../ts/progress/report.js";

const step: Progress = {
  step: 0,
  epoch: 0,
  last: false,
  total: 100,
  loss: 4,
  gradientNorm: 1,
  rate: 0.001,
  validation: undefined,
};

test("the speed and the time left are those of the steps so far", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(1000);
  try {
    const report = reporter();
    now.mockReturnValue(1500);
    report(step);
    now.mockReturnValue(3000);
    expect(report({ ...step, step: 1, loss: 2 })).toEqual({
      fraction: 0.02,
      seconds: 2,
      speed: 1,
      secondsLeft: 98,
      text: "loss 3.00  rate 0.001  1.00 steps/s  1:38 left",
    });
    now.mockReturnValue(4_000_000);
    const validation = { step: 2, loss: 123.4, metrics: {}, score: 123.4 };
    const { text, fraction } = report({ ...step, step: 2, total: undefined, validation });
    expect(fraction).toBe(undefined);
    expect(text).toBe("loss 3.33  validation 123  rate 0.001  0.000750 steps/s  1:06:39 so far");
    expect(report({ ...step, step: 3 }).text).toContain("validation 123");
  } finally {
    now.mockRestore();
  }
});

test("a training that is taken up counts its own steps only", () => {
  const now = vi.spyOn(performance, "now").mockReturnValue(0);
  try {
    const report = reporter();
    now.mockReturnValue(1000);
    const { speed, secondsLeft, fraction } = report({ ...step, step: 89 });
    expect({ speed, secondsLeft, fraction }).toEqual({ speed: 1, secondsLeft: 10, fraction: 0.9 });
  } finally {
    now.mockRestore();
  }
});
