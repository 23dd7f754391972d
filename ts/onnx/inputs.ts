/** What a model reads of the inputs of a graph, and what their axes can mean. */
import type { Tensor as Numbers } from "../data/tensor.js";
import { FormatError } from "../errors.js";
import type { OnnxFile, OnnxInput, OnnxNode } from "./file.js";
import { type Factor, type Fixed, type Part, partOf, partsOf, type Signal } from "./signal.js";

/** Numbers for inputs by name. */
export type Constants = Readonly<Record<string, Numbers<Float32Array | Float64Array>>>;

/** Most numbers of a row. */
export const WIDTH = 1_048_576;

/** The first input of numbers or indices, others of either, the one of lengths if there is one, and those that are initial states. */
export interface Inputs {
  readonly data: OnnxInput;
  readonly sources: readonly OnnxInput[];
  readonly lengths: string | undefined;
  readonly states: readonly InitialState[];
}

/** An input that recurrent operators begin with, as a value of one step: directions x units numbers a row. */
export interface InitialState {
  readonly name: string;
  readonly axes: readonly (readonly Factor[])[];
  readonly parts: readonly Part[];
}

export function inputsOf(file: OnnxFile, nodes: readonly OnnxNode[], constants: Constants): Inputs {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  const recurrent = nodes.filter(({ operator }) => ["RNN", "LSTM", "GRU"].includes(operator));
  const attending = nodes.filter(({ operator }) => operator === "Attention");
  const lengths = new Set([
    ...recurrent.map(({ inputs }) => inputs[4]),
    ...attending.map(({ inputs }) => inputs[6]),
  ]);
  const begins = new Map(
    recurrent.flatMap((node) => node.inputs.slice(5, 7).map((name) => [name, node] as const)),
  );
  const given = file.inputs.filter(({ name }) => read.has(name) && !Object.hasOwn(constants, name));
  const isState = ({ name, real }: OnnxInput) => real && begins.has(name);
  const [data, ...sources] = given.filter((input) => !lengths.has(input.name) && !isState(input));
  if (!data) throw new FormatError({ where: "ONNX inputs", expected: "one that a model reads", got: "none" });
  const [named, ...more] = given.filter(({ name }) => lengths.has(name));
  if (more.length > 0) {
    throw new FormatError({ where: "ONNX inputs", expected: "one of lengths", got: String(more.length + 1) });
  }
  const states = given.filter(isState).map((input) => stateOf(input, begins.get(input.name)!));
  return { data, sources, lengths: named?.name, states };
}

function stateOf({ name, shape }: OnnxInput, { attributes }: OnnxNode): InitialState {
  const batchFirst = attributes.integer("layout", 0) === 1;
  const [directions, units] = [shape?.[batchFirst ? 1 : 0], shape?.[2]];
  if (
    shape?.length !== 3 ||
    typeof directions !== "number" ||
    !(directions <= 2) ||
    typeof units !== "number"
  ) {
    throw new FormatError({
      where: `ONNX input ${JSON.stringify(name)}`,
      expected: "initial states of a fixed number of directions and units",
      got: shape ? `[${shape.map((length) => length ?? "?")}]` : "no shape",
    });
  }
  if (name === "input" || units > WIDTH) {
    throw new FormatError({
      where: `ONNX input ${JSON.stringify(name)}`,
      expected: "another name or size",
      got: `${units}`,
    });
  }
  const [outer, inner] = [partOf(directions), partOf(units)];
  return {
    name,
    axes: batchFirst ? [["batch"], outer, inner] : [outer, ["batch"], inner],
    parts: [...outer, ...inner],
  };
}

/** What the axes of the inputs mean. */
export interface Meaning {
  readonly begin: Signal;
  readonly fixed: Fixed;
  readonly sources: readonly Signal[];
}

type Role = "batch" | "steps" | "numbers";

/** By the number of axes what each can be, likelier first. */
const numbers: Readonly<Record<number, readonly (readonly Role[])[]>> = {
  1: [["numbers"]],
  2: [
    ["batch", "numbers"],
    ["steps", "numbers"],
  ],
  3: [
    ["batch", "steps", "numbers"],
    ["steps", "batch", "numbers"],
  ],
  4: [["batch", "numbers", "steps", "numbers"]],
};
const indices: typeof numbers = {
  1: [["steps"]],
  2: [
    ["batch", "steps"],
    ["steps", "batch"],
  ],
};

/** What the axes of the inputs can mean, likelier first. */
export function meanings({ data, sources }: Inputs): Meaning[] {
  const found = rolesOf(data).map((roles, index) => {
    let fixed: Fixed = lengthsOf(data, roles, "steps");
    const lengths = [lengthIn(data, roles)];
    const others = sources.map((source) => {
      const each = rolesOf(source);
      const own = each[index] ?? each[0]!;
      const length = lengthIn(source, own);
      const alike = length === undefined ? -1 : lengths.indexOf(length);
      if (alike < 0) lengths.push(length);
      const number = alike < 0 ? lengths.length : alike + 1;
      const steps = number === 1 ? "steps" : (`steps${number}` as const);
      fixed = { ...lengthsOf(source, own, steps), ...fixed };
      return signalOf(source, own, source.name, steps);
    });
    return { begin: signalOf(data, roles, "input", "steps"), fixed, sources: others };
  });
  return found;
}

/** The roles that the axes of an input can have, of those whose numbers are of a fixed length. */
function rolesOf({ name, real, shape }: OnnxInput): readonly (readonly Role[])[] {
  const good = ((real ? numbers : indices)[shape?.length ?? -1] ?? []).filter((roles) =>
    roles.every((role, axis) => {
      const length = shape![axis];
      return role !== "numbers" || (typeof length === "number" && length <= WIDTH);
    }),
  );
  if (good.length > 0) return good;
  throw new FormatError({
    where: `ONNX input ${JSON.stringify(name)}`,
    expected: real ? "1 to 4 axes, those of numbers of a fixed length" : "1 or 2 axes of indices",
    got: shape ? `[${shape.map((length) => length ?? "?")}]` : "no shape",
  });
}

/** How many steps there are, or what that is called. */
function lengthIn({ shape }: OnnxInput, roles: readonly Role[]): number | string | undefined {
  return shape?.[roles.indexOf("steps")];
}

function lengthsOf({ shape }: OnnxInput, roles: readonly Role[], steps: "steps" | `steps${number}`): Fixed {
  const lengths = roles.flatMap((role, axis) => {
    const length = shape![axis];
    return role !== "numbers" && typeof length === "number"
      ? [[role === "steps" ? steps : role, length]]
      : [];
  });
  return Object.fromEntries(lengths);
}

function signalOf(
  { real, shape }: OnnxInput,
  roles: readonly Role[],
  node: string,
  steps: "steps" | `steps${number}`,
): Signal {
  const axes = roles.map((role, axis): Factor[] =>
    role === "numbers" ? partOf(shape![axis] as number) : [role === "steps" ? steps : role],
  );
  return { kind: "signal", node, tokens: !real, axes, parts: axes.flatMap(partsOf) };
}
