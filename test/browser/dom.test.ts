/** The ready element of a page. */
import { expect, test } from "vitest";
import { adam, dense, features, model, squaredError } from "../../ts/index.js";
import { progressElement } from "../../ts/progress/dom.js";

const net = await model(features(1), dense(1));
const example = { inputs: [[1], [2]], targets: [[2], [4]] };
const options = { loss: squaredError(), optimiser: adam(0.1) };

test("the element says how far training is", async () => {
  const { element, show } = progressElement();
  document.body.append(element);
  const bar = element.querySelector("progress")!;
  const seen: number[] = [];
  for await (const _ of net.train([example], { ...options, steps: 20, show })) seen.push(bar.position);
  expect(seen[0]).toBeCloseTo(0.05, 6);
  expect(bar.value).toBe(1);
  expect(element.textContent).toMatch(/^loss \S+ {2}rate 0\.1 {2}\S+ steps\/s {2}0:00 left$/);
  element.remove();
});

test("while nobody knows how long training lasts, the bar is indeterminate", async () => {
  const { element, show } = progressElement();
  for await (const { step } of net.train([example], { ...options, epochs: Infinity, show })) {
    if (step === 3) break;
  }
  expect(element.querySelector("progress")!.position).toBe(-1);
  expect(element.textContent).toMatch(/so far$/);
});

test("the page stays responsive while a large model trains", async () => {
  const large = await model(features(128), dense(1024), dense(1024), dense(128));
  const inputs = Array.from({ length: 256 }, (_, row) => [
    Array.from({ length: 128 }, (_, i) => (row * i) % 3),
  ]);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  const counts: number[] = [];
  try {
    for await (const _ of large.train([{ inputs, targets: inputs }], { ...options, steps: 10 }))
      counts.push(turns);
  } finally {
    clearInterval(timer);
  }
  expect(counts.at(-1)!).toBeGreaterThan(9);
});
