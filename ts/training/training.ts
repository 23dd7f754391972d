/** A training in progress: all that one step hands on to the next, and the parts that a step is made of. */
import type { Address } from "../engine/address.js";
import type { Block } from "../engine/heap.js";
import { DivergedError, InputError } from "../errors.js";
import type { Turns } from "../graph/plan.js";
import { type Example, feed } from "../model/feed.js";
import type { Loss } from "../model/losses.js";
import type { Network } from "../model/network.js";
import type { Program } from "../model/program.js";
import { Programs } from "../model/programs.js";
import { type Clip, clipNorm } from "../optimisers/clip.js";
import { type Optimiser, rateAt, requireNumber } from "../optimisers/optimiser.js";
import { StepGradients } from "./gradients.js";
import { type Group, rangesOf, type Trained } from "./groups.js";
import type { Validated, Validation } from "./validation.js";

export interface TrainingOptions {
  readonly loss: Loss;
  readonly optimiser: Optimiser;
  /** A bound for the gradient: the norm over all parameters to which it is scaled down, or another way to clip. */
  readonly clip?: number | Clip;
  /**
   * Penalty on the sum of the absolute weights of matrices, which makes many of them nearly zero (Tibshirani 1996): its
   * gradient, `l1` times the sign of each weight, is part of what is clipped; the loss that is told is without it. Default 0.
   */
  readonly l1?: number;
  /** Parameters that are trained otherwise than the rest: with rates of their own, or not at all. */
  readonly groups?: readonly Group[];
  /**
   * Keeps a moving average of the parameters, average = keep average + (1 - keep) parameters after every step, which
   * `averaged` uses in their place: 0.999 is usual (Polyak & Juditsky 1992). Default: none.
   */
  readonly average?: number;
  /** Seeds what is random while training, which is dropout: from 0 to 2^32 - 1, default 0. */
  readonly seed?: number;
  /** Takes up a training where its checkpoint was made: `start: resume(bytes)`. Steps and epochs count from its beginning. */
  readonly start?: Start;
  /** Looks at held-out examples on the way, and may end training: made by the function of this name. */
  readonly validation?: Validation;
}

/** What the parts of a step have given. */
export interface StepResult {
  /** Mean loss over the targets of the step, before the update. */
  readonly loss: number;
  /** Euclidean norm of the gradient over all parameters that are trained, before clipping. */
  readonly gradientNorm: number;
  readonly rate: number;
}

/** Numbers from here on have squares that float32 cannot hold. */
const HUGE = 1.8446744073709552e19;

/** How far a training has come. */
export interface Cursor {
  /** Steps done. */
  step: number;
  /** The epoch, and the examples of it that are done. */
  epoch: number;
  examples: number;
  /** All batches done, for which dropout has a mask each. */
  batches: number;
}

/** What is kept of a validation. */
export type Scored = Pick<Validated, "step" | "score">;

/** Where a training begins, if not at its beginning: made by `resume`. */
export interface Start {
  /** Brings a training that has just been made to where it was. */
  restore(training: Training): void;
}

export class Training {
  readonly network: Network;
  readonly options: TrainingOptions;
  seed: number;
  readonly cursor: Cursor = { step: 0, epoch: 0, examples: 0, batches: 0 };
  readonly validations: Scored[] = [];
  readonly programs: Programs;
  /** The optimiser's numbers by the names of its slots: regions like that of the parameters. */
  readonly slots = new Map<string, Block>();
  /** The parameters of the best validation so far, where they are to be given back. */
  best: Block | undefined;
  /** Whether it is in the middle of a step. */
  stepping = false;
  readonly #gradients: StepGradients;
  readonly #clip: Clip | undefined;
  readonly #trained: readonly Trained[];
  readonly #frozen: readonly Trained[];
  readonly #turns: Turns;
  #scores: readonly number[] = [];
  #loss = 0;
  #norm = 0;
  /** How many targets count in the batches of this step, and in the last of them. */
  #counted = 0;
  #last = 0;

  /** InputError for an option that cannot be. */
  constructor(network: Network, options: TrainingOptions, turns: Turns) {
    const { loss, optimiser, clip, groups = [], average, seed = 0, l1 = 0, start } = options;
    if (!(l1 >= 0 && l1 < Infinity)) {
      throw new InputError({ where: "train.l1", expected: "a finite number from 0", got: String(l1) });
    }
    if (!(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
      throw new InputError({
        where: "train.seed",
        expected: "a whole number from 0 to 2^32 - 1",
        got: String(seed),
      });
    }
    if (average !== undefined) requireNumber("train.average", average, 0, 1);
    this.#clip = typeof clip === "number" ? clipNorm(clip) : clip;
    const { engine, count, values, parameters } = network;
    const plain = { engine, value: values.address, gradient: 0 as Address, slots: [] };
    rangesOf(parameters, groups, plain); // for its errors, before there is anything to give back
    if (optimiser.kernels) network.engine.link(optimiser.kernels);
    this.network = network;
    this.options = options;
    this.seed = seed;
    this.#turns = turns;
    this.#gradients = new StepGradients(network);
    this.programs = new Programs(network, loss, "train");
    try {
      for (const slot of optimiser.slots) this.slots.set(slot, network.region(`${optimiser.name} ${slot}`));
      if (network.average) engine.release(network.average);
      network.average = undefined;
      if (average !== undefined) network.average = network.region("average", values);
      for (const { address } of this.slots.values()) engine.view(address, count).fill(optimiser.initial ?? 0);
      start?.restore(this);
    } catch (error) {
      this.release();
      throw error;
    }
    const slots = [...this.slots.values()].map(({ address }) => address);
    const ranges = rangesOf(parameters, groups, { ...plain, gradient: network.gradients().address, slots });
    this.#trained = ranges.filter(({ rate }) => rate > 0);
    this.#frozen = ranges.filter(({ rate }) => rate === 0);
    this.#scores = this.validations.map(({ score }) => score);
    network.training = this;
  }

  /**
   * A step, undisturbed by others who use the engine: forward, loss and backward for each of its batches, then clipping and the
   * update. DivergedError, and no update, if a number is not finite.
   */
  run(batches: readonly Example[]): Promise<StepResult> {
    return this.network.engine.alone(() => this.#step(batches));
  }

  async #step(batches: readonly Example[]): Promise<StepResult> {
    this.stepping = true;
    try {
      this.#gradients.zero();
      this.#loss = 0;
      this.#counted = 0;
      this.#last = 0;
      for (const batch of batches) await this.#add(batch);
      return this.#update();
    } finally {
      this.stepping = false;
    }
  }

  /** Runs a batch forward and backward, and adds its loss and gradient to those of the step. */
  async #add(example: Example): Promise<void> {
    const network = this.network;
    const { engine } = network;
    const { program, counted } = feed(network, this.programs, example, `batch ${this.cursor.batches}`);
    this.#tick(program);
    // The gradient so far is in units of what the last batch counted: usually they all count alike, and this does nothing.
    if (this.#last > 0 && this.#last !== counted) this.#gradients.scale(this.#last / counted);
    await program.plan.run(this.#turns);
    const loss = network.lossOf(program);
    for (const { gradient, count, touched } of this.#frozen) {
      if (touched) touched.clear();
      else engine.call("zero", { to: gradient, count });
    }
    this.#norm = this.#gradients.norm;
    if (!Number.isFinite(loss) || !Number.isFinite(this.#norm)) {
      this.#gradients.zero();
      throw diverged(program, this.cursor.step, loss, this.#norm);
    }
    this.#loss += loss * counted;
    this.#counted += counted;
    this.#last = counted;
    this.cursor.batches++;
    program.plan.carry();
  }

  /** Clips the gradient and moves the parameters, unless that would take them out of float32. */
  #update(): StepResult {
    const { engine, count, values, average } = this.network;
    const { optimiser, average: keep, l1 = 0 } = this.options;
    const { step } = this.cursor;
    const share = this.#last / this.#counted;
    if (share < 1) this.#gradients.scale(share);
    if (l1 > 0) this.#penalise(l1);
    const gradientNorm = l1 > 0 ? this.#gradients.norm : this.#norm * share;
    const rate = rateAt(`${optimiser.name}.rate`, optimiser.rate, step, this.#scores);
    const { ranges, parameters } = this.#gradients;
    const scale = this.#clip?.({ engine, ranges, parameters, norm: gradientNorm }) ?? 1;
    this.#requireMove(rate, gradientNorm * scale);
    this.#each((range) => optimiser.update(range, step, rate * range.rate, scale));
    if (average && keep !== undefined) {
      engine.call("follow", { x: values.address, average: average.address, count, keep });
    }
    this.cursor.step++;
    return { loss: this.#loss / this.#counted, gradientNorm, rate };
  }

  #penalise(amount: number): void {
    this.#each(({ engine, value, gradient, count, decays }) => {
      if (decays) engine.call("lasso", { x: value, gradient, count, amount });
    });
  }

  /** What is trained, range by range; of a sparse table the rows that were touched, brought together. */
  #each(use: (range: Trained) => void): void {
    for (const range of this.#trained) {
      if (range.touched) range.touched.each(range, use);
      else use(range);
    }
  }

  /** Validates the parameters, or their average if there is one; keeps a copy of the best if it is to be given back. */
  async validate(validation: Validation, signal: AbortSignal | undefined): Promise<Validated> {
    const { network } = this;
    const { engine, count, values, average } = network;
    if (average) network.swapAverage();
    try {
      const measured = await validation.measure(network, this.options.loss, signal);
      const validated = { step: this.cursor.step - 1, ...measured };
      this.validations.push(validated);
      this.#scores = [...this.#scores, validated.score];
      if (validation.restore && validation.improved(this.#scores)) {
        this.best ??= network.region("best parameters");
        engine.call("copy", { from: values.address, to: this.best.address, count });
      }
      return validated;
    } finally {
      if (average) network.swapAverage();
    }
  }

  /** Whether the validations so far are reason to stop. */
  exhausted(validation: Validation | undefined): boolean {
    return validation?.exhausted(this.#scores) ?? false;
  }

  /** Gives the model the parameters of the best validation, if they were kept. */
  restore(): void {
    const { engine, count, values, average } = this.network;
    if (!this.best) return;
    for (const { address: to } of average ? [values, average] : [values]) {
      engine.call("copy", { from: this.best.address, to, count });
    }
  }

  /** Gives all memory back but the average's. */
  release(): void {
    const { network } = this;
    this.programs.release();
    for (const block of this.slots.values()) network.engine.release(block);
    if (this.best) network.engine.release(this.best);
    if (network.training === this) network.training = undefined;
  }

  #tick({ graph: { clock } }: Program): void {
    if (clock.address === undefined) return;
    this.network.engine.words.set([this.seed, this.cursor.batches], clock.address / 4);
  }

  /** Before anything has moved. `norm`: of the gradient as clipped, or greater. */
  #requireMove(rate: number, norm: number): void {
    const greatest = rate * Math.max(...this.#trained.map((range) => range.rate), 0);
    if (greatest * Math.max(1, norm) < HUGE) return;
    throw new DivergedError({
      where: `train step ${this.cursor.step}`,
      expected: "a move of the parameters that float32 can hold",
      got: `rate ${greatest}, gradient norm ${norm}`,
      hint: "the step was not applied; lower the rate or set clip",
      step: this.cursor.step,
      operation: `${this.options.optimiser.name} update`,
      tensor: "parameters",
    });
  }
}

function diverged({ plan }: Program, step: number, loss: number, gradientNorm: number): DivergedError {
  const again = "none when run again";
  const { operation, tensor } = plan.firstNonFinite() ?? { operation: again, tensor: again };
  return new DivergedError({
    where: `train step ${step}`,
    expected: "a finite loss and gradient",
    got: `loss ${loss}, gradient norm ${gradientNorm}; the first that is not finite: ${tensor}${tensor === operation ? "" : `, by ${operation}`}`,
    hint: "the step was not applied; lower the rate, set clip, or look for wrong numbers in the data",
    step,
    operation,
    tensor,
  });
}
