/** What is wrong with a training, in numbers and in words: a few steps are trained, looked at, and taken back. */
import type { Batch } from "../data/windows.js";
import { InputError } from "../errors.js";
import { addressOf, place, type Span } from "../graph/span.js";
import type { Example, Examples } from "../model/feed.js";
import { type Inspection, inspect } from "../model/inspect.js";
import type { Model } from "../model/model.js";
import type { Network } from "../model/network.js";
import { type Finding, judge } from "./findings.js";
import { rehearse } from "./rehearsal.js";
import { type TrainOptions, train } from "./train.js";

export interface DiagnoseOptions
  extends Pick<TrainOptions, "loss" | "optimiser" | "clip" | "groups" | "seed" | "signal"> {
  /** How many steps to train and to look at; default 5. */
  readonly steps?: number;
}

/** What a layer did in those steps; means over them. */
export interface LayerDiagnosis {
  /** For example `1.lstm`. */
  readonly path: string;
  /** Euclidean norm of the gradient of its parameters. */
  readonly gradientNorm: number;
  /** How far a step moves its parameters, over how large they are: about 0.001 is usual. */
  readonly updateRatio: number;
  /** The share of units that get no gradient at all: they learn nothing from these examples. */
  readonly dead: number;
  /** By gate, of a recurrent layer: the share of activations within a hundredth of their bounds. */
  readonly saturated: Readonly<Record<string, number>>;
  /** Of a recurrent layer, the norm of the gradient at the first steps of the sequences over that at the last; NaN if unknown. */
  readonly reach: number;
}

export interface Diagnosis {
  readonly layers: readonly LayerDiagnosis[];
  /** Of every step that was trained. */
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  /** What the numbers suggest, the gravest first; empty if nothing is conspicuous. */
  readonly findings: readonly Finding[];
}

/**
 * Trains a few steps with these options and looks at what they do in each layer. The model is afterwards as before. Say
 * `console.log(findings.map(({ text }) => text).join("\\n"))`.
 */
export async function diagnose(
  model: Model,
  examples: Examples,
  { steps = 5, ...options }: DiagnoseOptions,
): Promise<Diagnosis> {
  const { network } = model;
  const first = await firstOf(examples);
  const layers = new Map(layersOf(network).map((path) => [path, { norm: 0, ratio: 0, dead: 0 }]));
  const losses: number[] = [];
  const gradientNorms: number[] = [];
  let inspections: Inspection[] = [];
  const settings = { ...options, steps, divergence: "stop" } as const;
  await rehearse(network, async () => {
    inspections = await look(model, first, options);
    let before = read(network, "value");
    for await (const { loss, gradientNorm } of train(network, examples, settings)) {
      losses.push(loss);
      gradientNorms.push(gradientNorm);
      const after = read(network, "value");
      const gradients = read(network, "gradient");
      for (const [path, sums] of layers) {
        const of = (values: Map<string, Float32Array>) => [...values].filter(([name]) => isPart(name, path));
        sums.norm += norm(of(gradients));
        sums.ratio += norm(of(after), before) / norm(of(before));
        sums.dead += deadUnits(network, path, gradients);
      }
      before = after;
    }
  });
  const found = [...layers].map(([path, { norm, ratio, dead }]): LayerDiagnosis => {
    const inspection = inspections.find((inspection) => inspection.path === path);
    return {
      path,
      gradientNorm: norm / losses.length,
      updateRatio: ratio / losses.length,
      dead: dead / losses.length,
      saturated: inspection ? saturation(inspection) : {},
      reach: reachOf(inspection),
    };
  });
  const findings = judge({
    layers: found,
    losses,
    gradientNorms,
    steps,
    greatest: greatestOf(network, first),
  });
  return { layers: found, losses, gradientNorms, findings };
}

async function firstOf(examples: Examples): Promise<Example | Batch> {
  for await (const example of examples) return example;
  throw new InputError({ where: "diagnose", expected: "at least one batch", got: "none" });
}

function look(model: Model, example: Example | Batch, { loss }: DiagnoseOptions): Promise<Inspection[]> {
  const { inputs, targets, lengths, weights } = example as Example;
  return inspect(model, inputs, {
    loss,
    targets,
    ...(lengths && { lengths }),
    ...(weights && { weights }),
  });
}

/** The size of the greatest input that is a number and not an index. */
function greatestOf(network: Network, { inputs, lengths }: Example): number {
  if (network.input.kind === "tokens") return 0;
  let greatest = 0;
  const { values } = network.inputs("diagnose", inputs, lengths);
  for (let i = 0; i < values.length; i++) greatest = Math.max(greatest, Math.abs(values[i]!));
  return greatest;
}

/** The paths of the layers that have parameters. */
function layersOf({ parameters }: Network): string[] {
  return [...new Set(parameters.map(({ path }) => path.slice(0, path.lastIndexOf("."))))];
}

function isPart(parameter: string, layer: string): boolean {
  return parameter.slice(0, parameter.lastIndexOf(".")) === layer;
}

/** Copies of all values or gradients as they lie in memory, by path. */
function read({ engine, parameters }: Network, what: "value" | "gradient"): Map<string, Float32Array> {
  const copy = (span: Span) => engine.view(addressOf(place(span)), span.count).slice();
  return new Map(parameters.map((parameter) => [parameter.path, copy(parameter[what])]));
}

/** Euclidean norm, of the differences where there is something to differ from. */
function norm(values: [string, Float32Array][], from?: Map<string, Float32Array>): number {
  let sum = 0;
  for (const [path, data] of values) {
    const other = from?.get(path);
    for (let i = 0; i < data.length; i++) {
      const difference = data[i]! - (other ? other[i]! : 0);
      sum += difference * difference;
    }
  }
  return Math.sqrt(sum);
}

/** The share of a layer's columns that have no gradient in any of its matrices; a table of rows has none to speak of. */
function deadUnits({ parameters }: Network, layer: string, gradients: Map<string, Float32Array>): number {
  const matrices = parameters.filter(({ path, decays }) => decays && isPart(path, layer));
  const alive = new Set<number>();
  let columns = 0;
  for (const { path, layout } of matrices) {
    const gradient = gradients.get(path)!;
    columns = Math.max(columns, layout.columns);
    for (let column = 0; column < layout.columns; column++) {
      const start = layout.start(column);
      for (let row = 0; row < layout.rows; row++) {
        if (gradient[start + row * layout.stride] !== 0) alive.add(column);
      }
    }
  }
  return columns === 0 ? 0 : 1 - alive.size / columns;
}

/** A network without gates has its state for one. */
function saturation({ gates, states }: Inspection): Record<string, number> {
  const looked = Object.keys(gates).length > 0 ? gates : { hidden: states.hidden! };
  return Object.fromEntries(
    Object.entries(looked).flatMap(([name, { data }]) => {
      const least = data.reduce((a, b) => Math.min(a, b), Infinity);
      const greatest = data.reduce((a, b) => Math.max(a, b), -Infinity);
      if (least < -1 || greatest > 1) return []; // an activation without bounds
      const atBound = (x: number) => (least < 0 ? Math.abs(x) > 0.99 : x < 0.01 || x > 0.99);
      return [[name, data.reduce((count, x) => count + Number(atBound(x)), 0) / data.length]];
    }),
  );
}

/** Over a quarter of the steps at each end. */
function reachOf(inspection: Inspection | undefined): number {
  const norms = inspection?.gradients?.norms;
  if (!norms || norms.length < 8) return NaN;
  const quarter = Math.floor(norms.length / 4);
  const mean = (values: Float32Array) => values.reduce((a, b) => a + b) / values.length;
  return mean(norms.subarray(0, quarter)) / mean(norms.subarray(norms.length - quarter));
}
