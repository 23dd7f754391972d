/**
 * How the parameters of a layer and the tensors of a module become each other. PyTorch's gates are in our order (input,
 * forget, candidate, output; reset, update, candidate), its weights are [outputs, inputs], and it always has two biases.
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
}

const recurrent: Readonly<Record<string, Counterpart>> = {
  weightInput: { tensor: "weight_ih", transposed: true },
  weightHidden: { tensor: "weight_hh", transposed: true },
  weightProjection: { tensor: "weight_hr", transposed: true },
};

const counterparts: Readonly<Record<Kind, Readonly<Record<string, Counterpart>>>> = {
  embedding: { weight: { tensor: "weight" } },
  linear: { weight: { tensor: "weight", transposed: true }, bias: { tensor: "bias" } },
  layerNorm: { gain: { tensor: "weight" }, shift: { tensor: "bias" } },
  rnn: recurrent,
  lstm: recurrent,
  gru: recurrent,
};

const order = ["weight", "bias", "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];

const biases = { bias: "bias_ih", biasHidden: "bias_hh" } as const;
type Bias = keyof typeof biases;

function isBias(kind: Kind, name: string): name is Bias {
  return counterparts[kind] === recurrent && Object.hasOwn(biases, name);
}

/** The shapes of the tensors that a module has for a layer with these parameters. InputError for a parameter that PyTorch's has not. */
export function shapesOf(kind: Kind, parameters: Parameters): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, parameter] of parameters) {
    if (isBias(kind, name)) {
      for (const tensor of Object.values(biases)) shapes.set(tensor, parameter.shape);
    } else {
      const { tensor, transposed } = counterpart(kind, name, parameter);
      shapes.set(tensor, transposed ? parameter.shape.toReversed() : parameter.shape);
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
      const { tensor, transposed } = counterpart(kind, name, parameter);
      const data = floats(tensor);
      values.set(name, transposed ? transpose(data, tensors.get(tensor)!.shape) : data);
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
      const { tensor, transposed } = counterpart(kind, name, parameter);
      tensors.set(
        tensor,
        transposed ? { shape: shape.toReversed(), data: transpose(data, shape) } : { shape, data },
      );
    }
  }
  return new Map([...tensors].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)));
}

function counterpart(kind: Kind, name: string, { path }: Parameter): Counterpart {
  const known = counterparts[kind];
  if (Object.hasOwn(known, name)) return known[name]!;
  throw new InputError({ where: path, expected: "a parameter that PyTorch's module has", got: name });
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
