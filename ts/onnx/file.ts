/** An ONNX file as nodes, tensors, inputs and outputs, checked as far as each is by itself. */
import { FormatError } from "../errors.js";
import {
  type AttributeProto,
  type ModelProto,
  model,
  type NodeProto,
  type ValueInfoProto,
} from "./schema.js";
import { type Numbers, numbersOf } from "./tensor.js";
import { decode, type WireLimits } from "./wire.js";

/** How much a file may ask for; the rest are those of its encoding. */
export interface OnnxLimits extends WireLimits {
  /** Nodes of the graph (default 16,384). */
  readonly nodes: number;
}

/** One operation. */
export interface OnnxNode {
  /** For messages: operator and name. */
  readonly where: string;
  readonly name: string;
  readonly operator: string;
  /** Names of values; empty where an optional one is not given. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** What a graph is given: names of axes are strings, lengths numbers, and what is neither undefined. */
export interface OnnxInput {
  readonly name: string;
  /** Whether it holds floating-point numbers. */
  readonly real: boolean;
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

export interface OnnxFile {
  /** How many bytes it has. */
  readonly bytes: number;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly tensors: ReadonlyMap<string, () => Numbers>;
  readonly inputs: readonly OnnxInput[];
  readonly outputs: readonly string[];
}

const OLDEST = 7;
const NEWEST = 28;
const NODES = 16_384;

/** A file as it is encoded. FormatError for anything that is no model of operators of ONNX, versions 7 to 28. */
export function readGraph(bytes: Uint8Array, limits: Partial<OnnxLimits> = {}) {
  const where = "ONNX file";
  const { graph, opsetImport, producerName: producer } = decode(where, bytes, model, limits) as ModelProto;
  const refuse = (expected: string, got: string): never => {
    throw new FormatError({ where, expected, got });
  };
  if (!graph) return refuse("a graph", "none");
  const opset = opsetImport.find(({ domain = "" }) => isStandard(domain))?.version ?? 0;
  if (!(opset >= OLDEST && opset <= NEWEST)) {
    refuse(`operators of version ${OLDEST} to ${NEWEST}`, `version ${opset}`);
  }
  const { nodes: most = NODES } = limits;
  if (graph.node.length > most) refuse(`at most ${most} nodes`, String(graph.node.length));
  return { opset, producer, graph };
}

/** The same with everything in it checked. */
export function readOnnx(bytes: Uint8Array, limits: Partial<OnnxLimits> = {}): OnnxFile {
  const { opset, graph } = readGraph(bytes, limits);
  const tensors = new Map<string, () => Numbers>();
  for (const tensor of graph.initializer) {
    const { name = "" } = tensor;
    if (tensors.has(name)) {
      const got = `${JSON.stringify(name)} again`;
      throw new FormatError({ where: "ONNX file", expected: "every tensor once", got });
    }
    tensors.set(name, () => numbersOf(`ONNX tensor ${JSON.stringify(name)}`, tensor));
  }
  return {
    bytes: bytes.length,
    opset,
    nodes: graph.node.map(nodeOf),
    tensors,
    inputs: graph.input.filter(({ name = "" }) => !tensors.has(name)).map(inputOf),
    outputs: graph.output.map(({ name = "" }) => name),
  };
}

function isStandard(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

function nodeOf(
  { name = "", opType: operator = "", input, output, attribute, domain = "" }: NodeProto,
  index: number,
): OnnxNode {
  const where = `ONNX node ${name ? `${JSON.stringify(name)} ` : `${index} `}(${operator})`;
  if (!isStandard(domain)) {
    throw new FormatError({
      where,
      expected: "an operator of ONNX itself",
      got: `one of ${JSON.stringify(domain)}`,
    });
  }
  return {
    where,
    name,
    operator,
    inputs: input,
    outputs: output,
    attributes: new Attributes(where, attribute),
  };
}

function inputOf({ name = "", type }: ValueInfoProto): OnnxInput {
  const { elemType = 1, shape } = type?.tensorType ?? {};
  return {
    name,
    real: [1, 10, 11, 16].includes(elemType),
    shape: shape?.dim.map(({ value, param }) =>
      value !== undefined && value > 0 ? value : param || undefined,
    ),
  };
}

/** The attributes of a node by name. All that are asked for are remembered, so that one that nobody knows is refused. */
export class Attributes {
  readonly #where: string;
  readonly #byName = new Map<string, AttributeProto>();
  readonly #unread: Set<string>;

  constructor(where: string, attributes: readonly AttributeProto[]) {
    this.#where = where;
    for (const attribute of attributes) {
      const { name = "" } = attribute;
      if (this.#byName.has(name)) {
        throw new FormatError({
          where,
          expected: "every attribute once",
          got: `${JSON.stringify(name)} again`,
        });
      }
      this.#byName.set(name, attribute);
    }
    this.#unread = new Set(this.#byName.keys());
  }

  #get(name: string): AttributeProto | undefined {
    this.#unread.delete(name);
    return this.#byName.get(name);
  }

  integer(name: string): number | undefined;
  integer(name: string, otherwise: number): number;
  integer(name: string, otherwise?: number): number | undefined {
    const found = this.#get(name);
    return found ? (found.i ?? 0) : otherwise;
  }

  float(name: string): number | undefined;
  float(name: string, otherwise: number): number;
  float(name: string, otherwise?: number): number | undefined {
    const found = this.#get(name);
    return found ? (found.f ?? 0) : otherwise;
  }

  integers(name: string): readonly number[] | undefined {
    return this.#get(name)?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    const found = this.#get(name);
    return found?.floats?.flatMap((part) =>
      typeof part === "number" ? [part] : [...numbersOf(this.#where, packed(part)).values],
    );
  }

  text(name: string, otherwise: string): string {
    const found = this.#get(name);
    return found?.s ? this.#decode(found.s) : otherwise;
  }

  texts(name: string): readonly string[] | undefined {
    return this.#get(name)?.strings?.map((bytes) => this.#decode(bytes));
  }

  tensor(name: string): Numbers | undefined {
    const found = this.#get(name)?.t;
    return found && numbersOf(this.#where, found);
  }

  /** Throws FormatError for the first attribute that nobody has asked for. */
  requireAllRead(): void {
    for (const name of this.#unread) {
      throw new FormatError({ where: this.#where, expected: "no such attribute", got: JSON.stringify(name) });
    }
  }

  #decode(bytes: Uint8Array): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(bytes));
    } catch (cause) {
      throw new FormatError({ where: this.#where, expected: "UTF-8", got: "bytes that are not", cause });
    }
  }
}

function packed(bytes: Uint8Array) {
  return { dims: [Math.floor(bytes.length / 4)], dataType: 1, rawData: bytes };
}
