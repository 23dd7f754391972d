/** The moving average of a model's parameters in place of the parameters themselves. */
import { InputError } from "../errors.js";
import type { Model } from "../model/model.js";

/**
 * Runs `use` while the model has the averages that its last training kept (its option `average`) as parameters: to evaluate,
 * predict, stream or save with them. Afterwards the model is as before. The model must not be trained meanwhile.
 * InputError if there is no average.
 *
 * `const bytes = await averaged(net, () => net.save());`
 */
export async function averaged<T>(model: Model, use: () => T | Promise<T>): Promise<T> {
  const { network } = model;
  if (!network.average) {
    throw new InputError({
      where: "averaged",
      expected: "a model that was trained with the option average",
      got: "one that was not",
    });
  }
  network.swapAverage();
  try {
    return await use();
  } finally {
    network.swapAverage();
  }
}
