/** A host that does not load what threads need: a policy, a lost connection, a file that was not deployed. */
import { expect, test, vi } from "vitest";
import { adam, crossEntropy, dense, embedding, lstm, model, tokens } from "../../ts/index.js";

vi.mock("../../ts/engine/threads.js", () => {
  throw new Error("not loaded");
});

test("training goes on with one thread, and says why", async () => {
  const make = (threads: number) =>
    model(tokens(50), embedding(32), lstm(96), dense(50), { seed: 1, threads });
  const inputs = Array.from({ length: 16 }, (_, row) =>
    Array.from({ length: 16 }, (_, step) => (row + 3 * step) % 50),
  );
  const options = { loss: crossEntropy(), optimiser: adam(0.01), epochs: 2 };
  const [one, two] = [await make(1), await make(2)];
  for (const net of [one, two]) await net.fit([{ inputs, targets: inputs }], options);
  expect(two.threads).toEqual({ count: 1, reason: "no-workers" });
  expect(two.save()).toEqual(one.save());
});
