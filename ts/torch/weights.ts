/**
 * How the parameters of a layer and the tensors of a module become each other. PyTorch's gates are in our order (input,
 * forget, candidate, output; reset, update, candidate), its weights are [outputs, inputs], recurrent modules always have two
 * biases, and what attention makes of queries, keys and values is stacked where all are equally wide.
 */
import { FormatError, InputError } from "../errors.js";
import type { Parameter } from "../graph/parameter.js";
import { floatsOf } from "../io/numbers.js";
import type { Parameters } from "./layers.js";
import type { Kind, Tensors } from "./modules.js";

/** Numbers with their shape, row-major. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The tensor that a parameter is, but for the biases of recurrent layers. */
interface Counterpart {
  readonly tensor: string;
  readonly transposed?: true;
  /** Which third of the tensor it is. */
  readonly third?: 0 | 1 | 2;
}

type Counterparts = Readonly<Record<string, Counterpart>>;

const recurrent: Counterparts = {
  weightInput: { tensor: "weight_ih", transposed: true },
  weightHidden: { tensor: "weight_hh", transposed: true },
  weightProjection: { tensor: "weight_hr", transposed: true },
};

/** Of attention whose keys or values come from rows of another width. */
const attention: Counterparts = {
  weightQuery: { tensor: "q_proj_weight", transposed: true },
  weightKey: { tensor: "k_proj_weight", transposed: true },
  weightValue: { tensor: "v_proj_weight", transposed: true },
  biasQuery: { tensor: "in_proj_bias", third: 0 },
  biasKey: { tensor: "in_proj_bias", third: 1 },
  biasValue: { tensor: "in_proj_bias", third: 2 },
  weightOutput: { tensor: "out_proj.weight", transposed: true },
  biasOutput: { tensor: "out_proj.bias" },
};

const stackedAttention: Counterparts = {
  ...attention,
  weightQuery: { tensor: "in_proj_weight", transposed: true, third: 0 },
  weightKey: { tensor: "in_proj_weight", transposed: true, third: 1 },
  weightValue: { tensor: "in_proj_weight", transposed: true, third: 2 },
};

const counterparts: Readonly<Record<Exclude<Kind, "attention">, Counterparts>> = {
  embedding: { weight: { tensor: "weight" }, vectors: { tensor: "weight" } },
  linear: { weight: { tensor: "weight", transposed: true }, bias: { tensor: "bias" } },
  layerNorm: { gain: { tensor: "weight" }, shift: { tensor: "bias" } },
  rnn: recurrent,
  lstm: recurrent,
  gru: recurrent,
};

const order = [
  ...["weight", "bias", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"],
  ...["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_weight", "in_proj_bias"],
  ...["out_proj.weight", "out_proj.bias"],
];

const biases = { bias: "bias_ih", biasHidden: "bias_hh" } as const;
type Bias = keyof typeof biases;

function isBias(kind: Kind, name: string): name is Bias {
  return kind !== "attention" && counterparts[kind] === recurrent && Object.hasOwn(biases, name);
}

/** The shapes of the tensors that a module has for a layer with these parameters. InputError for a parameter that PyTorch's has not. */
export function shapesOf(kind: Kind, parameters: Parameters): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, parameter] of parameters) {
    if (isBias(kind, name)) {
      for (const tensor of Object.values(biases)) shapes.set(tensor, parameter.shape);
    } else {
      const { tensor, transposed, third } = counterpart(kind, name, parameters);
      const [rows, ...columns] = transposed ? parameter.shape.toReversed() : parameter.shape;
      shapes.set(tensor, [third === undefined ? rows! : 3 * rows!, ...columns]);
    }
  }
  return shapes;
}

/** What a layer's parameters are for the tensors of a module, which have the shapes of `shapesOf`. FormatError for tensors of integers. */
export function fromTensors(
  kind: Kind,
  parameters: Parameters,
  tensors: Tensors,
  where: string,
): Map<string, Float32Array> {
  const floats = (tensor: string) => floatsOf(tensors.get(tensor)!, `state_dict ${where} ${tensor}`);
  const values = new Map<string, Float32Array>();
  for (const [name, parameter] of parameters) {
    if (isBias(kind, name)) {
      const own = floats(biases[name]);
      const other = otherBias(name);
      values.set(name, parameters.has(other) ? own : sum(kind, own, floats(biases[other]), where));
    } else {
      const { tensor, transposed, third } = counterpart(kind, name, parameters);
      const whole = floats(tensor);
      const size = whole.length / 3;
      const data = third === undefined ? whole : whole.slice(third * size, (third + 1) * size);
      values.set(name, transposed ? transpose(data, parameter.shape.toReversed()) : data);
    }
  }
  return values;
}

/** The tensors of a module for a layer whose parameters `read` gives, in PyTorch's order. */
export function toTensors(
  kind: Kind,
  parameters: Parameters,
  read: (parameter: Parameter) => Float32Array,
): Map<string, Weights> {
  const tensors = new Map<string, Weights>();
  for (const [name, parameter] of parameters) {
    const { shape } = parameter;
    const data = read(parameter);
    if (isBias(kind, name)) {
      tensors.set(biases[name], { shape, data });
      const other = otherBias(name);
      if (!parameters.has(other)) tensors.set(biases[other], { shape, data: new Float32Array(data.length) });
    } else {
      const { tensor, transposed, third } = counterpart(kind, name, parameters);
      const part = transposed ? { shape: shape.toReversed(), data: transpose(data, shape) } : { shape, data };
      tensors.set(tensor, third === undefined ? part : stacked(tensors.get(tensor), part, third));
    }
  }
  return new Map([...tensors].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

function counterpart(kind: Kind, name: string, parameters: Parameters): Counterpart {
  const known = kind === "attention" ? attentionOf(parameters) : counterparts[kind];
  if (Object.hasOwn(known, name)) return known[name]!;
  const { path } = parameters.get(name)!;
  throw new InputError({ where: path, expected: "a parameter that PyTorch's module has", got: name });
}

/** InputError where queries are not as wide as what comes out: PyTorch has one width for both. */
function attentionOf(parameters: Parameters): Counterparts {
  const [query, key, value] = ["weightQuery", "weightKey", "weightValue"].map(
    (name) => parameters.get(name)!,
  );
  const [width, units] = query!.shape as [number, number];
  const [, outputs] = parameters.get("weightOutput")!.shape;
  if (width !== units || outputs !== units) {
    throw new InputError({
      where: query!.path,
      expected: `queries and outputs of ${units} numbers, as PyTorch's MultiheadAttention has`,
      got: `${width} and ${outputs}`,
    });
  }
  return key!.shape[0] === units && value!.shape[0] === units ? stackedAttention : attention;
}

/** Three equal tensors as one, of which some may be there already. */
function stacked(before: Weights | undefined, { shape, data }: Weights, third: number): Weights {
  const [rows, ...columns] = shape as [number];
  const whole = before ?? { shape: [3 * rows, ...columns], data: new Float32Array(3 * data.length) };
  whole.data.set(data, third * data.length);
  return whole;
}

function otherBias(name: Bias): Bias {
  return name === "bias" ? "biasHidden" : "bias";
}

/** Two biases as one. A GRU's candidate has the second inside of what the reset gate scales: there it must be zero. */
function sum(kind: Kind, own: Float32Array, other: Float32Array, where: string): Float32Array {
  const candidate = kind === "gru" ? (own.length / 3) * 2 : own.length;
  if (other.subarray(candidate).some((value) => value !== 0)) {
    throw new FormatError({
      where: `state_dict ${where}`,
      expected: "one bias for the candidate",
      got: "two",
      hint: "give the layer both: gru(units, { bias: true, biasHidden: true })",
    });
  }
  return own.map((value, i) => value + other[i]!);
}

function transpose(data: Float32Array, [rows = 0, columns = 0]: readonly number[]): Float32Array {
  const transposed = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = data[row * columns + column]!;
    }
  }
  return transposed;
}
