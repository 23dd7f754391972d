// What a worker does with the options that a search gives it: trains, diverges, fails, or ends.

import { answerTrials, crossEntropy, DivergedError, dense, features, model, sgd } from "recurra";

answerTrials(async ({ what, rate }) => {
  if (what === "diverge")
    throw new DivergedError({
      where: "train",
      expected: "",
      got: "NaN",
      step: 7,
      operation: "dense",
      tensor: "y",
    });
  if (what === "fail") throw new Error("no data");
  if (what === "exit") process.exit(3);
  const net = await model(features(1), dense(2), { seed: 1, threads: 1 });
  const { loss } = await net.fit([{ inputs: [[[1]], [[-1]]], targets: [[0], [1]] }], {
    loss: crossEntropy(),
    optimiser: sgd(rate),
    epochs: 5,
  });
  return loss[4];
});
