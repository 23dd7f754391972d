/** Training to learn something about a model, after which the model is as before. */
import type { Network } from "../model/network.js";

/** Runs `trial`, which may train, and gives the network back its parameters, its average and the training that it was in. */
export async function rehearse<T>(network: Network, trial: () => Promise<T>): Promise<T> {
  const { engine, values, count, average, training } = network;
  const before = network.region("copy of the parameters", values);
  network.average = undefined;
  try {
    return await trial();
  } finally {
    engine.call("copy", { from: before.address, to: values.address, count });
    engine.release(before);
    if (network.average) engine.release(network.average);
    network.average = average;
    network.training = training;
  }
}
