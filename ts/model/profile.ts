/** Where the time goes: each operation of a run, how long it takes, and how fast it computes. */
import { InputError } from "../errors.js";
import type { Named } from "../layers/input.js";
import type { Data } from "./data.js";
import { type Inspected, inspected } from "./feed.js";
import type { Model } from "./model.js";

export interface ProfileOptions extends Inspected {
  /** How often to run; default 20. */
  readonly rounds?: number;
}

/** A kernel call of a run. */
export interface ProfiledOperation {
  /** The layer and the kernel, for example `1.lstm lstmForward`. */
  readonly operation: string;
  /** The mean over the rounds. */
  readonly milliseconds: number;
  /** Its part of the whole run, from 0 to 1. */
  readonly share: number;
  /** Billions of multiplications and additions a second, for products; undefined for what hardly multiplies. */
  readonly gflops: number | undefined;
}

/** Multiplications under which a call is not a product that is worth a rate. */
const FEW = 1e4;

/**
 * Runs the data through a model on one thread, operation by operation, and gives the operations in the order of their time,
 * the longest first. Changes nothing. The clock is the host's: browsers may round it to a tenth of a millisecond.
 */
export async function profile(
  model: Model,
  data: Data | Named<Data>,
  options: ProfileOptions = {},
): Promise<ProfiledOperation[]> {
  const { rounds = 20 } = options;
  const { network } = model;
  if (!(Number.isInteger(rounds) && rounds >= 1)) {
    throw new InputError({ where: "profile.rounds", expected: "a whole number from 1", got: String(rounds) });
  }
  return await network.engine.alone(() => {
    const program = inspected("profile", network, data, options);
    try {
      const runs = Array.from({ length: rounds }, () => program.plan.profile(() => performance.now()));
      const [first] = runs as [(typeof runs)[number]];
      const times = first.map(
        (_, index) => runs.reduce((sum, run) => sum + run[index]!.milliseconds, 0) / rounds,
      );
      const total = times.reduce((sum, time) => sum + time, 0);
      return first
        .map(({ name, multiplications }, index): ProfiledOperation => {
          const milliseconds = times[index]!;
          const product = multiplications >= FEW && /matmul|Forward|Backward/.test(name);
          const gflops = product && milliseconds > 0 ? (2 * multiplications) / milliseconds / 1e6 : undefined;
          return { operation: name, milliseconds, share: total > 0 ? milliseconds / total : 0, gflops };
        })
        .sort((a, b) => b.milliseconds - a.milliseconds);
    } finally {
      program.plan.release();
    }
  });
}
