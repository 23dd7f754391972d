/** The ready bar on a terminal, and where there is none. */
import { expect, test } from "vitest";
import { adam, dense, features, model, squaredError } from "../../ts/index.js";
import { bar } from "../../ts/progress/terminal.js";

const net = await model(features(1), dense(1));
const example = { inputs: [[1], [2]], targets: [[2], [4]] };
const options = { loss: squaredError(), optimiser: adam(0.1) };

/** What a stream is told, as one text. */
function output(isTTY: boolean) {
  let told = "";
  const stream = {
    isTTY,
    columns: 100,
    on() {},
    removeListener() {},
    write(text: string) {
      told += text;
    },
  };
  return { stream, told: () => told };
}

test("where there is no terminal, every tenth is a line without control codes", async () => {
  const { stream, told } = output(false);
  const { loss } = await net.fit([example], { ...options, steps: 30, show: bar(stream) });
  expect(loss.length).toBe(30);
  const lines = told().trimEnd().split("\n");
  expect(lines.length).toBe(10);
  expect(lines[9]).toMatch(/^100 % {2}loss \S+ {2}rate 0\.1 {2}\S+ steps\/s {2}0:00 left$/);
  expect(told()).not.toContain("\u001b");
});

test("leaving the loop leaves the bar too, and the training", async () => {
  const { stream, told } = output(true);
  const training = net.train([example], { ...options, steps: 1000, show: bar(stream) });
  for await (const { step } of training) if (step === 3) break;
  expect(told()).toMatch(/[█░]+ .*loss/);
  expect(told().endsWith("\n")).toBe(true);
  expect((await training.next()).done).toBe(true);
});

test("an error of the training passes through", async () => {
  const { stream } = output(true);
  const wrong = { inputs: [[1]], targets: [[2], [3]] };
  await expect(net.fit([wrong], { ...options, show: bar(stream) })).rejects.toThrow("batch 0.targets");
});

test("the built package has it in a module of its own", async () => {
  const { bar, plotHistory, status } = await import("recurra/terminal");
  expect([typeof bar, typeof plotHistory, typeof status]).toEqual(["function", "function", "function"]);
});
