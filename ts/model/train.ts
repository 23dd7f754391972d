/** The training loop: forward, loss, backward, clip, update, step after step. */

import type { Address } from "../engine/address.js";
import { DivergedError, InputError } from "../errors.js";
import { type Examples, feed, passOf } from "./feed.js";
import type { Loss } from "./losses.js";
import type { Network, Program } from "./network.js";
import type { Optimiser } from "./optimisers.js";
import { pause, TURN } from "./pause.js";
import { Programs } from "./programs.js";

export interface TrainOptions {
  readonly loss: Loss;
  readonly optimiser: Optimiser;
  /** How often to go through the examples; default 1, or without end if `steps` is given. */
  readonly epochs?: number;
  /** Stop after this many steps. */
  readonly steps?: number;
  /** Gradients whose norm over all parameters exceeds this are scaled down to it (Pascanu, Mikolov & Bengio 2013). */
  readonly clip?: number;
  /** Seeds what is random while training, which is dropout: from 0 to 2^32 - 1, default 0. */
  readonly seed?: number;
  /** Stops between steps; the loop then rejects with `signal.reason` and the model is as after its last whole step. */
  readonly signal?: AbortSignal;
}

/** What a step of training did. */
export interface Progress {
  /** Counted from 0. */
  readonly step: number;
  /** Counted from 0. */
  readonly epoch: number;
  /** Mean loss of the batch, before the update. */
  readonly loss: number;
  /** Euclidean norm of the gradient over all parameters, before clipping. */
  readonly gradientNorm: number;
  readonly rate: number;
}

/** Trains a network and yields after every step. The loop may be left at any step: the model stays usable. */
export async function* train(
  network: Network,
  examples: Examples,
  options: TrainOptions,
): AsyncGenerator<Progress, void, void> {
  const { loss, optimiser, clip = Infinity, seed = 0, signal } = options;
  const { steps = Infinity, epochs = options.steps === undefined ? 1 : Infinity } = options;
  requireCount("train.steps", steps);
  requireCount("train.epochs", epochs);
  if (!(clip > 0))
    throw new InputError({ where: "train.clip", expected: "a number above 0", got: String(clip) });
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
    throw new InputError({
      where: "train.seed",
      expected: "a whole number from 0 to 2^32 - 1",
      got: String(seed),
    });
  }
  signal?.throwIfAborted();

  const { engine, count, values } = network;
  const gradients = network.gradients();
  const slots = Array.from({ length: optimiser.slots }, () => engine.allocate(count * 4, optimiser.name));
  const programs = new Programs(network, loss, "train");
  const shift = (address: Address, floats: number) => (address + floats * 4) as Address;
  const ranges = network.groups.map(({ decays, offset, count }) => ({
    engine,
    value: shift(values.address, offset),
    gradient: shift(gradients.address, offset),
    slots: slots.map(({ address }) => shift(address, offset)),
    count,
    decays,
  }));

  try {
    let step = 0;
    let turn = performance.now();
    for (let epoch = 0; epoch < epochs; epoch++) {
      const stepsBefore = step;
      for await (const example of passOf(examples, epoch)) {
        yield await engine.alone(async () => {
          const { program } = feed(network, programs, example, `batch ${step}`);
          tick(network, program, seed, step);
          engine.call("zero", { to: gradients.address, count });
          await program.plan.run();
          const mean = network.lossOf(program);
          const gradientNorm = Math.sqrt(engine.call("squaredNorm", { x: gradients.address, count }));
          if (!Number.isFinite(mean) || !Number.isFinite(gradientNorm)) {
            engine.call("zero", { to: gradients.address, count });
            throw diverged(program, step, mean, gradientNorm);
          }
          const scale = gradientNorm > clip ? clip / (gradientNorm + 1e-6) : 1;
          const rate = rateAt(optimiser, step);
          for (const range of ranges) optimiser.update(range, step, rate, scale);
          program.plan.carry();
          return { step, epoch, loss: mean, gradientNorm, rate };
        });
        step++;
        if (step >= steps) return;
        if (performance.now() - turn >= TURN) {
          await pause();
          turn = performance.now();
        }
        signal?.throwIfAborted();
      }
      if (step === stepsBefore) {
        throw new InputError({
          where: `train epoch ${epoch}`,
          expected: "at least one batch",
          got: "none",
          hint:
            epoch > 0 ? "an iterator can be gone through once only: give an array or an iterable" : undefined,
        });
      }
    }
  } finally {
    programs.release();
    for (const block of slots) engine.release(block);
  }
}

function tick(network: Network, { graph }: Program, seed: number, step: number): void {
  if (graph.clock.address === undefined) return;
  network.engine.words.set([seed, step], graph.clock.address / 4);
}

function diverged({ plan }: Program, step: number, loss: number, gradientNorm: number): DivergedError {
  const operation = plan.firstNonFinite() ?? "none when run again";
  return new DivergedError({
    where: `train step ${step}`,
    expected: "a finite loss and gradient",
    got: `loss ${loss}, gradient norm ${gradientNorm}; the first that is not finite: ${operation}`,
    hint: "the step was not applied; lower the rate, set clip, or look for wrong numbers in the data",
    step,
    operation,
  });
}

function rateAt({ name, rate }: Optimiser, step: number): number {
  if (typeof rate === "number") return rate;
  const value = rate(step);
  if (!(value >= 0 && value < Infinity)) {
    throw new InputError({
      where: `${name}.rate(${step})`,
      expected: "a finite number from 0",
      got: String(value),
    });
  }
  return value;
}

function requireCount(where: string, value: number): void {
  if (!(value === Infinity || (Number.isSafeInteger(value) && value > 0))) {
    throw new InputError({ where, expected: "a whole number from 1", got: String(value) });
  }
}
