/** What a model of Keras becomes on the way: nodes of a wiring with their parameters, as a chain of layers where they are one. */
import { FormatError } from "../errors.js";
import { flatten } from "../layers/flatten.js";
import { last } from "../layers/last.js";
import type { Layer } from "../layers/layer.js";
import type { Operation } from "../layers/operations.js";
import { type WiringNode, wiring } from "../layers/wiring.js";
import type { Parameters } from "./gates.js";

/** A tensor of Keras, and the node that gives its numbers. */
export interface Signal {
  readonly node: string;
  /**
   * `tokens`: indices below `width`, or of unknown range if that is 0. `mask`: which steps count, of the input; `nothing`: as if
   * none did, which Keras 3 joins to masks.
   */
  readonly kind: "numbers" | "tokens" | "mask" | "nothing";
  /** Numbers in a row. */
  readonly width: number;
  /** Whether it has steps; else it is one row for each sequence. */
  readonly sequence: boolean;
  /** How many steps it has, if that is fixed. */
  readonly steps: number | undefined;
  /** Whether Keras passes over the steps that a mask leaves out. */
  readonly masked: boolean;
  /** The input whose steps it has; undefined if it has none, or steps of its own. */
  readonly of: string | undefined;
}

/** Which steps do not count: those of this token, or of rows of nothing but this number. */
export interface Mask {
  readonly value: number;
}

/** How an input is read: how many symbols it has, if it is one of tokens, and which layers see its steps without a mask. */
interface Reads {
  readonly unmasked: string[];
  symbols: number | undefined;
  mask: Mask | undefined;
}

/** The longest name of a node, with room for a number behind it. */
const LONGEST = 100;

export class Wires {
  readonly #nodes: WiringNode[] = [];
  readonly #names = new Set(["input"]);
  readonly #parameters = new Map<string, Parameters>();
  readonly #first = new Map<Layer, string>();
  readonly #reads: ReadonlyMap<string, Reads>;

  /** `inputs`: their names; no node has one of them. */
  constructor(inputs: readonly string[]) {
    this.#reads = new Map(
      inputs.map((name) => [name, { unmasked: [], symbols: undefined, mask: undefined }]),
    );
    for (const name of inputs) this.#names.add(name);
  }

  /** A node for an operation; gives its name. */
  operation(name: string, of: Operation, ...inputs: readonly string[]): string {
    const node = { name: this.#free(name), of, inputs };
    this.#nodes.push(node);
    return node.name;
  }

  /** A node for a layer, which reads one node or several; the same layer again has the same parameters. */
  layer(
    name: string,
    of: Layer,
    input: string | readonly string[],
    parameters?: Parameters,
    initial?: readonly string[],
  ): string {
    const node = { name: this.#free(name), of, inputs: [input].flat(), ...(initial && { initial }) };
    this.#nodes.push(node);
    if (!this.#first.has(of)) {
      this.#first.set(of, node.name);
      if (parameters) this.#parameters.set(node.name, parameters);
    }
    return node.name;
  }

  /** How an input is read. */
  reads(input: string): Readonly<Reads> {
    return this.#reads.get(input)!;
  }

  /** A layer reads an input as tokens. */
  readTokens(where: string, input: string, symbols: number, masked: boolean): void {
    const reads = this.#reads.get(input)!;
    if (reads.symbols !== undefined && reads.symbols !== symbols) {
      refuse(where, `${reads.symbols} symbols, as another embedding has`, String(symbols));
    }
    reads.symbols = symbols;
    if (masked) reads.mask = { value: 0 };
    else reads.unmasked.push(where);
  }

  /** A layer leaves out rows of an input. */
  maskRows(where: string, input: string, value: number): void {
    const reads = this.#reads.get(input)!;
    if (reads.mask && reads.mask.value !== Math.fround(value)) {
      refuse(where, `the mask ${reads.mask.value}`, String(value));
    }
    reads.mask = { value: Math.fround(value) };
  }

  /** A layer goes over the steps of a sequence. */
  overSteps(where: string, { masked, of }: Signal): void {
    if (!masked && of !== undefined) this.#reads.get(of)!.unmasked.push(where);
  }

  /**
   * The layers of a model that ends in this node and goes along with this input, and the parameters by their paths. Inputs that
   * are `rows` have one step.
   */
  finish(
    output: string,
    first: string,
    rows: readonly string[],
  ): { layers: Layer[]; parameters: Parameters } {
    for (const { mask, unmasked } of this.#reads.values()) {
      if (mask && unmasked.length > 0) {
        refuse(unmasked[0]!, "the mask that another layer makes of the same input", "none");
      }
    }
    const own = (name: string) => (name === first ? "input" : name);
    const needed = this.#needed(output);
    const chain = chainOf(renamed(needed, own));
    const alone = new Map(rows.map((name) => [name, this.#free(`${name}_row`)]));
    const nodes = chain
      ? renamed(needed, own)
      : [
          ...[...alone].map(([input, name]) => ({ name, of: flatten(1), inputs: [own(input)] })),
          ...renamed(needed, (name) => alone.get(name) ?? own(name)),
        ];
    const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>();
    for (const [index, { name, of }] of nodes.entries()) {
      for (const [suffix, values] of this.#parameters.get(name) ?? []) {
        const path = chain ? `${index}.${(of as Layer).definition.layer}` : `0.wiring.${name}`;
        parameters.set(`${path}.${suffix}`, values);
      }
    }
    return { layers: chain ?? [wiring({ nodes, output })], parameters };
  }

  /** The nodes that the output is made of. */
  #needed(output: string): WiringNode[] {
    const needed = new Set([output]);
    const backwards = this.#nodes.toReversed().filter(({ name, inputs, initial = [] }) => {
      if (!needed.has(name)) return false;
      for (const source of [...inputs, ...initial]) needed.add(source);
      return true;
    });
    return backwards.toReversed();
  }

  #free(wanted: string): string {
    const base = wanted.replace(/[^\w-]/g, "_").slice(0, LONGEST) || "layer";
    let name = base;
    for (let number = 2; this.#names.has(name); number++) name = `${base}_${number}`;
    this.#names.add(name);
    return name;
  }
}

/** The same nodes with other names for what they read. */
function renamed(nodes: readonly WiringNode[], by: (name: string) => string): WiringNode[] {
  return nodes.map(({ inputs, initial, ...node }) => ({
    ...node,
    inputs: inputs.map(by),
    ...(initial && { initial: initial.map(by) }),
  }));
}

/** The nodes as layers one after another; undefined if they are no chain. */
function chainOf(nodes: readonly WiringNode[]): Layer[] | undefined {
  const layers: Layer[] = [];
  for (const [index, { of, inputs, initial }] of nodes.entries()) {
    const before = index === 0 ? "input" : nodes[index - 1]!.name;
    const made = typeof of === "function" ? of : of.op === "last" ? last() : undefined;
    if (!made || initial || inputs.length !== 1 || inputs[0] !== before || layers.includes(made))
      return undefined;
    layers.push(made);
  }
  return layers;
}

function refuse(where: string, expected: string, got: string): never {
  throw new FormatError({ where, expected, got });
}
