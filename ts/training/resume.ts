/**
 * A training in progress as bytes, and back: besides the model the numbers of its optimiser, averages and best parameters, the
 * states that its next batch continues from, and how far it has come. Rates, dropped numbers and the order of the examples are
 * functions of that, so that a training which is taken up has the same bits as one that was never interrupted.
 */

import type { Address } from "../engine/address.js";
import type { Block } from "../engine/heap.js";
import { FormatError, InputError } from "../errors.js";
import { type Parameter, readParameter, writeParameter } from "../graph/parameter.js";
import { addressOf, type Span } from "../graph/span.js";
import type { Entry, Limits } from "../io/safetensors.js";
import {
  entryOf,
  readCheckpoint,
  restore,
  TRAINING,
  tensorOf,
  writeCheckpoint,
} from "../model/checkpoint.js";
import type { Model } from "../model/model.js";
import type { Network } from "../model/network.js";
import type { Size } from "../model/program.js";
import type { Cursor, Scored, Start, Training } from "./training.js";

/**
 * The model and all of its training, between two steps: to be called inside the loop of `net.train(...)`. The file is a model file
 * too: `load` reads it. InputError if the model is not being trained.
 */
export function checkpoint(model: Model): Uint8Array {
  const { network } = model;
  const { training } = network;
  if (!training || training.stepping) {
    throw new InputError({
      where: "checkpoint",
      expected: "a model in training, between two steps",
      got: training ? "one in the middle of a step" : "one that is not being trained",
      hint: "call it inside the loop of net.train(...)",
    });
  }
  const regions = [...regionsOf(training)].flatMap(([name, block]) =>
    network.parameters.map((parameter) => {
      const values = readParameter(network.engine, parameter, within(network, block, parameter));
      return [nameOf(name, parameter), entryOf(values, parameter.shape)] as const;
    }),
  );
  const { last } = training.programs;
  const states = (last?.program.graph.states ?? []).map(({ first, count }, index) => {
    const values = network.engine.view(addressOf(first), count).slice();
    return [`${TRAINING}state/${index}`, entryOf(values, [count])] as const;
  });
  const progress = {
    optimiser: training.options.optimiser.name,
    seed: training.seed,
    cursor: training.cursor,
    // As texts, because JSON has no word for what is not finite.
    validations: training.validations.map(({ step, score }) => [step, String(score)]),
    size: last?.size,
  };
  const addition = { tensors: [...regions, ...states], json: JSON.stringify(progress) };
  return writeCheckpoint(network, model.definition, addition);
}

/**
 * Reads what `checkpoint` wrote, for the option `start` of a training with the same layers, optimiser, seed and examples. Limits
 * of steps and epochs count from the beginning of the first training. FormatError if the bytes are anything else or damaged.
 */
export function resume(bytes: Uint8Array, limits?: Partial<Limits>): Start {
  const { tensors, training: json } = readCheckpoint(bytes, limits);
  if (json === undefined) {
    throw new FormatError({
      where: "checkpoint",
      expected: "a training in progress",
      got: "a model alone",
      hint: "save it with checkpoint(net) inside the loop, not with net.save()",
    });
  }
  const progress = parse(json);
  return { restore: (training) => take(training, tensors, progress) };
}

/** What a checkpoint says in words. */
interface Saved {
  readonly optimiser: string;
  readonly seed: number;
  readonly cursor: Cursor;
  readonly validations: readonly Scored[];
  readonly size: Size | undefined;
}

/** The regions of a training that are saved, by name. */
function regionsOf({ slots, network: { average }, best }: Training): Map<string, Block> {
  return new Map([
    ...[...slots].map(([slot, block]) => [`optimiser/${slot}`, block] as const),
    ...(average ? [["average", average] as const] : []),
    ...(best ? [["best", best] as const] : []),
  ]);
}

function nameOf(region: string, { path }: Parameter): string {
  return `${TRAINING}${region}/${path}`;
}

/** Where a parameter's numbers lie in a region. */
function within({ offsets }: Network, { address }: Block, parameter: Parameter): Span {
  return { ...parameter.value, address: (address + offsets.get(parameter)! * 4) as Address };
}

/** Checks everything before it changes anything. */
function take(training: Training, tensors: ReadonlyMap<string, Entry>, saved: Saved): void {
  const { network, options } = training;
  const { engine, parameters } = network;
  requireSame("optimiser", saved.optimiser, options.optimiser.name);
  if (options.seed !== undefined) requireSame("seed", saved.seed, options.seed);
  const first = parameters[0];
  const has = (region: string) => first !== undefined && tensors.has(nameOf(region, first));
  if (options.validation?.restore && has("best")) training.best = network.region("best parameters");
  const regions = regionsOf(training);
  if (!has("average")) regions.delete("average");
  const read = [...regions].flatMap(([name, block]) =>
    parameters.map((parameter) => ({
      parameter,
      to: within(network, block, parameter),
      values: tensorOf(tensors, nameOf(name, parameter), parameter.shape),
    })),
  );
  const program = saved.size && training.programs.of(saved.size, false, "checkpoint");
  const states = (program?.graph.states ?? []).map(({ first, count }, index) => ({
    at: addressOf(first),
    values: tensorOf(tensors, `${TRAINING}state/${index}`, [count]),
  }));
  restore(network, tensors);
  for (const { parameter, to, values } of read) writeParameter(engine, parameter, values, to);
  if (!has("average") && network.average) {
    engine.call("copy", { from: network.values.address, to: network.average.address, count: network.count });
  }
  for (const { at, values } of states) engine.view(at, values.length).set(values);
  training.seed = saved.seed;
  Object.assign(training.cursor, saved.cursor);
  training.validations.push(...saved.validations);
}

function requireSame(what: string, saved: string | number, given: string | number): void {
  if (saved === given) return;
  throw new InputError({
    where: `train.${what}`,
    expected: `${saved}, as in the checkpoint`,
    got: String(given),
  });
}

function parse(json: string): Saved {
  const refuse = (where: string): never => {
    throw new FormatError({
      where: `checkpoint training${where}`,
      expected: "what checkpoint(net) writes",
      got: "something else",
    });
  };
  const record = (where: string, value: unknown): Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : refuse(where);
  const whole = (where: string, value: unknown, least = 0): number =>
    Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : refuse(where);
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch {
    return refuse("");
  }
  const { optimiser, seed, cursor, validations, size } = record("", document);
  const { step, epoch, examples, batches } = record(".cursor", cursor);
  return {
    optimiser: typeof optimiser === "string" ? optimiser : refuse(".optimiser"),
    seed: whole(".seed", seed),
    cursor: {
      step: whole(".cursor.step", step),
      epoch: whole(".cursor.epoch", epoch),
      examples: whole(".cursor.examples", examples),
      batches: whole(".cursor.batches", batches),
    },
    validations: (Array.isArray(validations) ? validations : refuse(".validations")).map((entry) => {
      const [step, score] = Array.isArray(entry) ? entry : refuse(".validations");
      return { step: whole(".validations", step), score: Number(score) };
    }),
    size: size === undefined ? undefined : sizeOf(record(".size", size)),
  };

  /** All its fields are whole numbers or truths, but for the sizes of other inputs. */
  function sizeOf({ others, ...fields }: Record<string, unknown>): Size {
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value !== "boolean") whole(`.size.${name}`, value);
    }
    const { batch, steps } = fields;
    const size = { ...fields, batch: whole(".size.batch", batch, 1), steps: whole(".size.steps", steps, 1) };
    if (others === undefined) return size;
    const each = Object.entries(record(".size.others", others)).map(([name, value]) => {
      const { steps, ragged } = record(`.size.others.${name}`, value);
      return [name, { steps: whole(`.size.others.${name}`, steps, 1), ragged: ragged === true }];
    });
    return { ...size, others: Object.fromEntries(each) };
  }
}
