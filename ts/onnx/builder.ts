/** What is made of an ONNX graph while its nodes are gone through: nodes of a wiring, weights by path, and what is known of values. */
import { FormatError } from "../errors.js";
import { activation } from "../layers/activation.js";
import type { Layer } from "../layers/layer.js";
import { learned as learnedRow } from "../layers/learned.js";
import type { Operation } from "../layers/operations.js";
import type { WiringNode } from "../layers/wiring.js";
import type { OnnxNode } from "./file.js";
import {
  type Factor,
  type Fixed,
  type Followed,
  type Known,
  type Part,
  partOf,
  partsOf,
  type Signal,
  type Tensor,
} from "./signal.js";

/** Weights of a layer by the names of its parameters. */
export type Weights = Readonly<Record<string, ArrayLike<number>>>;

/** Most nodes that are made of a file, as many as a wiring takes. */
const NODES = 4096;
/** Numbers that may be made besides as many as the file has bytes. */
const NUMBERS = 4_194_304;

export class Builder {
  readonly nodes: WiringNode[] = [];
  /** By path below the wiring, for example `lstm.weightHidden`. */
  readonly weights = new Map<string, ArrayLike<number>>();
  readonly warnings: string[] = [];
  fixed: Fixed;
  /** The input that holds how many steps of each row count; undefined while none is seen. */
  lengths: string | undefined;
  /** How many recurrent operators were given steps, rows and numbers in the order that they want. */
  sequences = 0;
  /** How many symbols inputs have, by their names, once a table is looked up by them. */
  readonly symbols = new Map<string, number>();
  readonly #names = new Set(["input"]);
  readonly #passed = new Set<string>();
  /** How many nodes read each value of the graph. */
  readonly #readers: ReadonlyMap<string, number>;
  #numbers: number;

  /** `bytes`: those of the file. */
  constructor(fixed: Fixed, readers: ReadonlyMap<string, number>, bytes: number) {
    this.fixed = fixed;
    this.#readers = readers;
    this.#numbers = NUMBERS + bytes;
  }

  /** Throws FormatError where more numbers are made than a file of this size has use for. */
  spend({ node: { where } }: Pick<Call, "node">, count: number): void {
    this.#numbers -= count;
    if (this.#numbers < 0 || Number.isNaN(count)) {
      throw new FormatError({ where, expected: "numbers by the size of the file", got: `${count} more` });
    }
  }

  /** Takes the file to have so many steps or rows, where it leaves that open. */
  assume({ node: { where } }: Pick<Call, "node">, factor: Exclude<Factor, Part>, length: number): void {
    const before = this.fixed[factor];
    if (before === length) return;
    if (before !== undefined) {
      throw new FormatError({ where, expected: `${before} ${factor}, as before`, got: String(length) });
    }
    this.fixed = { ...this.fixed, [factor]: length };
    this.warnings.push(`${where}: the file takes ${factor} to be ${length}, and this model any number`);
  }

  /** A value without the one number that it has been multiplied by, and this. */
  unscaled(signal: Signal): { readonly signal: Signal; readonly scale: number } {
    const made = this.nodes.find(({ name }) => name === signal.node);
    if (made && "definition" in made.of) {
      const { layer, name, alpha = 1, beta = 0 } = made.of.definition;
      if (layer === "activation" && name === "affine" && beta === 0) {
        this.#passed.add(signal.node);
        return { signal: { ...signal, node: made.inputs[0]! }, scale: alpha as number };
      }
    }
    return { signal, scale: 1 };
  }

  /** A value times a number, together with the one that it has been multiplied by. */
  scaled(hint: string, value: Signal, factor: number): Signal {
    const { signal, scale } = this.unscaled(value);
    const alpha = scale * factor;
    return alpha === 1
      ? signal
      : { ...signal, node: this.add(hint, activation("affine", { alpha }), [signal.node]) };
  }

  /** Leaves out the products in whose place all read what comes before them. */
  prune(output: string): void {
    const read = new Set([
      output,
      ...this.nodes.flatMap(({ inputs, initial = [] }) => [...inputs, ...initial]),
    ]);
    const kept = this.nodes.filter(({ name }) => read.has(name) || !this.#passed.has(name));
    this.nodes.splice(0, this.nodes.length, ...kept);
  }

  /** Whether a value of the graph is read by one node only. */
  isReadOnce(value: string): boolean {
    return this.#readers.get(value) === 1;
  }

  /** Adds a node and gives its name, which is like `hint`. */
  add(
    hint: string,
    of: Layer | Operation,
    inputs: readonly string[],
    weights: Weights = {},
    initial?: readonly string[],
  ): string {
    if (this.nodes.length === NODES) {
      throw new FormatError({ where: "ONNX file", expected: `at most ${NODES} operations`, got: "more" });
    }
    const base =
      hint
        .slice(0, 100)
        .replace(/[^\w-]+/g, "_")
        .replace(/^_+|_+$/g, "") || "node";
    let name = base;
    for (let i = 2; this.#names.has(name); i++) name = `${base}_${i}`;
    this.#names.add(name);
    this.nodes.push({ name, of, inputs, ...(initial && { initial }) });
    for (const [parameter, values] of Object.entries(weights))
      this.weights.set(`${name}.${parameter}`, values);
    return name;
  }

  /** Numbers for every step or row of the batch as a value; undefined where they are for none. */
  computed({ shape, values, real, learned }: Known): Signal | undefined {
    const steps = shape.includes("steps");
    if (!real || !(steps || shape.includes("batch"))) return undefined;
    if (shape.some((extent) => typeof extent === "string" && extent !== "steps" && extent !== "batch"))
      return undefined;
    const axes = shape.map((extent): Factor[] =>
      typeof extent === "number" ? partOf(extent) : [extent as "steps" | "batch"],
    );
    const like = steps ? "input" : this.add("step", { op: "at", step: -1 }, ["input"]);
    const row = Array.from(values as ArrayLike<number>);
    const node = learned
      ? this.add("learned", learnedRow(row.length), [like], { vector: row })
      : this.add("constant", { op: "constant", values: row }, [like]);
    return { kind: "signal", node, tokens: false, axes, parts: axes.flatMap(partsOf) };
  }

  /** Puts another layer in the place of a node's. */
  replace(name: string, of: Layer, weights: Weights): void {
    const index = this.nodes.findIndex((node) => node.name === name);
    this.nodes[index] = { ...this.nodes[index]!, of };
    for (const [parameter, values] of Object.entries(weights))
      this.weights.set(`${name}.${parameter}`, values);
  }

  /** What a node says in messages: its operator, as a layer's name would begin. */
  static hint({ name, operator }: OnnxNode): string {
    return name || operator.toLowerCase();
  }
}

/** One node to be imported, with what it is given. */
export interface Call {
  readonly node: OnnxNode;
  readonly inputs: readonly (Followed | undefined)[];
  readonly builder: Builder;
}

/** Throws FormatError that names the node. */
export function refuse({ node: { where } }: Call, expected: string, got: string, hint?: string): never {
  throw new FormatError({ where, expected, got, hint });
}

const names = {
  scores: "scores or weights of attention",
  triangle: "a mask",
  series: "positions",
  erf: "an error function",
} as const;

/** An input that may be left out. */
export function optional(call: Call, index: number): Tensor | undefined {
  return call.inputs[index] && required(call, index);
}

/** An input that must be there. */
export function required(call: Call, index: number): Tensor {
  const tensor = call.inputs[index] ?? refuse(call, `an input ${index}`, "none");
  if (tensor.kind === "known" || tensor.kind === "signal") return tensor;
  return refuse(call, `numbers as input ${index}`, names[tensor.kind]);
}

/** An input that must be there and known. */
export function knownAt(call: Call, index: number): Known {
  const tensor = required(call, index);
  if (tensor.kind !== "known") {
    return refuse(
      call,
      `numbers of the file as input ${index}`,
      "a value that is computed from the model's input",
    );
  }
  return tensor;
}

/** An input that must be there, computed, and no tokens. */
export function signalAt(call: Call, index: number): Signal {
  const tensor = required(call, index);
  if (tensor.kind !== "signal") {
    return (
      call.builder.computed(tensor) ??
      refuse(call, `a computed value as input ${index}`, "numbers of the file")
    );
  }
  if (tensor.tokens) return refuse(call, "rows of numbers", "indices");
  return tensor;
}

/** Whole numbers of an attribute or, in later versions of the operator, of an input. */
export function integersOf(call: Call, attribute: string, index: number): number[] | undefined {
  const given = call.node.attributes.integers(attribute);
  if (given) return [...given];
  if (!call.inputs[index]) return undefined;
  return Array.from(knownAt(call, index).values, (value) =>
    typeof value === "number" ? value : refuse(call, "numbers", `the length ${value}`),
  );
}
