/** Recurrent layers as RNN, LSTM and GRU of ONNX, gates in its order. */
import { InputError } from "../errors.js";
import type { Definition } from "../layers/layer.js";
import type { Activation } from "../ops/activation.js";
import type { Writer, Written } from "./writer.js";

/** The gates of ONNX by their places in ours, and the functions that a layer has unless it is told others. */
const kinds = {
  rnn: { operator: "RNN", gates: [0], states: 1, functions: ["activation"], defaults: ["tanh"] },
  lstm: {
    operator: "LSTM",
    gates: [0, 3, 1, 2],
    states: 2,
    functions: ["gateActivation", "candidateActivation", "cellActivation"],
    defaults: ["sigmoid", "tanh", "tanh"],
  },
  gru: {
    operator: "GRU",
    gates: [1, 0, 2],
    states: 1,
    functions: ["gateActivation", "candidateActivation"],
    defaults: ["sigmoid", "tanh"],
  },
} as const;

/** Our functions by ONNX's names, with the constants that these take and their defaults. */
const functions: Readonly<
  Record<string, { readonly name: string; readonly alpha?: number; readonly beta?: number }>
> = {
  identity: { name: "Affine", alpha: 1, beta: 0 },
  tanh: { name: "Tanh" },
  sigmoid: { name: "Sigmoid" },
  relu: { name: "Relu" },
  affine: { name: "Affine", alpha: 1, beta: 0 },
  leakyRelu: { name: "LeakyRelu", alpha: 0.01 },
  thresholdedRelu: { name: "ThresholdedRelu", alpha: 1 },
  scaledTanh: { name: "ScaledTanh", alpha: 1, beta: 1 },
  hardSigmoid: { name: "HardSigmoid", alpha: 0.2, beta: 0.5 },
  elu: { name: "Elu", alpha: 1 },
  softsign: { name: "Softsign" },
  softplus: { name: "Softplus" },
};

/** What a recurrent layer gives: [steps, batch, width], and its states [1, batch, units], forward before backward. */
export interface WrittenRecurrence {
  readonly output: Written;
  readonly states: readonly Written[];
}

export function isRecurrent({ layer }: Definition): boolean {
  return Object.hasOwn(kinds, layer);
}

/** Options without a counterpart in ONNX that change what a layer predicts. */
const foreign = ["projection", "layerNorm", "zoneout", "zoneoutCell"] as const;

/** One layer, or both directions of a bidirectional one. `paths`: where the parameters of each direction are. */
export function writeRecurrent(
  writer: Writer,
  x: Written,
  definition: Definition,
  paths: readonly string[],
  merge: string,
  initial: readonly Written[] | undefined,
): WrittenRecurrence {
  const kind = kinds[definition.layer as keyof typeof kinds];
  const options = definition as Definition & Record<string, unknown>;
  const units = options.units as number;
  const refuse = (expected: string, got: string): never => {
    throw new InputError({ where: `toOnnx ${paths[0]}`, expected, got });
  };
  const strange = foreign.find(
    (name) => options[name] !== undefined && options[name] !== false && options[name] !== 0,
  );
  if (strange) refuse("a cell that ONNX has", strange);
  const given = kind.functions.map((name, i) => (options[name] ?? kind.defaults[i]) as Activation);
  const activations = given.map((activation) => activationOf(activation, refuse));
  const candidateUpdate = options.update === "candidate";
  if (candidateUpdate && activations[0]!.name !== "Sigmoid") {
    refuse(
      "a GRU whose update gate weights the state",
      `one that weights the candidate by ${activations[0]!.name}`,
    );
  }
  const resetFirst = definition.layer === "gru" && options.resetAfter === false;
  const block = { units, gates: kind.gates, negated: candidateUpdate ? 1 : -1 };
  const each = paths.map((path) => {
    const hidden = writer.parameter(`${path}.weightHidden`).data;
    const whole = resetFirst
      ? besides(hidden, writer.parameter(`${path}.weightCandidate`).data, units)
      : hidden;
    const vector = (name: string) =>
      writer.has(`${path}.${name}`) ? writer.parameter(`${path}.${name}`).data : undefined;
    return {
      input: rows(writer.parameter(`${path}.weightInput`).data, x.width, block),
      hidden: rows(whole, units, block),
      biases: [vector("bias"), vector("biasHidden")].map((values) => values && rows(values, 1, block)),
      peepholes: vector("peepholes"),
      learned: vector("initialHidden") && [vector("initialHidden")!, vector("initialCell")],
    };
  });
  const count = paths.length;
  const width = kind.gates.length * units;
  const tensor = (name: string, shape: readonly number[], parts: readonly ArrayLike<number>[]) =>
    writer.tensor(`${paths[0]}.${name}`, shape, joined(parts));
  const hasBias = each.some(({ biases }) => biases.some((values) => values));
  const inputs = [
    x.value,
    tensor(
      "W",
      [count, width, x.width],
      each.map(({ input }) => input),
    ),
    tensor(
      "R",
      [count, width, units],
      each.map(({ hidden }) => hidden),
    ),
    hasBias
      ? tensor(
          "B",
          [count, 2 * width],
          each.flatMap(({ biases }) => biases.map((values) => values ?? new Float32Array(width))),
        )
      : "",
    "", // sequence_lens
    ...Array.from({ length: kind.states }, (_, state) => {
      if (initial)
        return beside(
          writer,
          initial.filter((_, i) => i % kind.states === state),
        );
      if (!each[0]!.learned) return "";
      const rows = tensor(
        "initial",
        [count, 1, units],
        each.map(({ learned }) => learned![state]!),
      );
      const batch = writer.add("Slice", [writer.add("Shape", [x.value]), writer.whole(1), writer.whole(2)]);
      const shape = writer.add("Concat", [writer.whole(count), batch, writer.whole(units)], {
        integers: { axis: 0 },
      });
      return writer.add("Expand", [rows, shape]);
    }),
  ];
  if (each[0]!.peepholes) {
    inputs.push(
      tensor(
        "P",
        [count, 3 * units],
        each.map(({ peepholes }) => outputSecond(peepholes!, units)),
      ),
    );
  }
  while (inputs.at(-1) === "") inputs.pop();
  const clip = options.clip as number | undefined;
  const direction = count === 2 ? "bidirectional" : options.reverse ? "reverse" : "forward";
  const all = paths.flatMap(() => activations);
  const constants = (name: "alpha" | "beta") => all.flatMap((activation) => activation[name] ?? []);
  const [y, ...last] = writer.addMany(kind.operator, inputs, 1 + kind.states, {
    integers: {
      hidden_size: units,
      ...(definition.layer === "gru" && { linear_before_reset: resetFirst ? 0 : 1 }),
      ...(options.coupled === true && { input_forget: 1 }),
    },
    floats: {
      ...(clip && { clip }),
      ...(constants("alpha").length > 0 && { activation_alpha: constants("alpha") }),
      ...(constants("beta").length > 0 && { activation_beta: constants("beta") }),
    },
    texts: { direction, activations: all.map(({ name }) => name) },
  });
  const states = paths.flatMap((_, index) =>
    last.map((value) => ({
      value:
        count === 1
          ? value
          : writer.add("Slice", [value, writer.whole(index), writer.whole(index + 1), writer.whole(0)]),
      width: units,
    })),
  );
  return { output: mergedOf(writer, y!, units, count, merge), states };
}

/** Y [steps, directions, batch, units] as one value. */
function mergedOf(writer: Writer, y: string, units: number, count: number, merge: string): Written {
  const axis = { integers: { axes: [1], keepdims: 0 } };
  if (count === 1) return { value: writer.add("Squeeze", [y, writer.whole(1)]), width: units };
  if (merge === "average") return { value: writer.add("ReduceMean", [y], axis), width: units };
  if (merge === "multiply") return { value: writer.add("ReduceProd", [y], axis), width: units };
  if (merge === "sum") {
    return {
      value: writer.add("ReduceSum", [y, writer.whole(1)], { integers: { keepdims: 0 } }),
      width: units,
    };
  }
  const sides = writer.add("Transpose", [y], { integers: { perm: [0, 2, 1, 3] } });
  return { value: writer.add("Reshape", [sides, writer.whole(0, 0, 2 * units)]), width: 2 * units };
}

function activationOf(
  activation: Activation,
  refuse: (expected: string, got: string) => never,
): { readonly name: string; readonly alpha?: number; readonly beta?: number } {
  const { name, alpha, beta } = typeof activation === "string" ? { name: activation } : activation;
  const known = functions[name];
  if (!known) return refuse("an activation that ONNX's recurrent operators have", name);
  return {
    ...known,
    ...(alpha !== undefined && { alpha: Math.fround(alpha) }),
    ...(beta !== undefined && { beta: Math.fround(beta) }),
  } as { name: string };
}

interface Block {
  readonly units: number;
  readonly gates: readonly number[];
  /** Our gate whose numbers change their sign, -1 for none: 1 - s(x) is s(-x). */
  readonly negated: number;
}

/** [inputs, gates units], gates in our order, as [gates units, inputs] in that of ONNX. */
function rows(values: ArrayLike<number>, inputs: number, { units, gates, negated }: Block): Float32Array {
  const width = gates.length * units;
  const made = new Float32Array(width * inputs);
  for (const [to, gate] of gates.entries()) {
    const sign = gate === negated ? -1 : 1;
    for (let unit = 0; unit < units; unit++) {
      for (let input = 0; input < inputs; input++) {
        made[(to * units + unit) * inputs + input] = sign * values[input * width + gate * units + unit]!;
      }
    }
  }
  return made;
}

/** [units, 2 units] and [units, units] side by side. */
function besides(pair: ArrayLike<number>, candidate: ArrayLike<number>, units: number): Float32Array {
  return Float32Array.from({ length: 3 * units * units }, (_, i) => {
    const [row, column] = [Math.floor(i / (3 * units)), i % (3 * units)];
    return column < 2 * units
      ? pair[row * 2 * units + column]!
      : candidate[row * units + column - 2 * units]!;
  });
}

/** Peepholes input, forget, output as input, output, forget. */
function outputSecond(values: ArrayLike<number>, units: number): Float32Array {
  return Float32Array.from({ length: 3 * units }, (_, i) => {
    const from = [0, 2, 1][Math.floor(i / units)]!;
    return values[from * units + (i % units)]!;
  });
}

function joined(parts: readonly ArrayLike<number>[]): Float32Array {
  const made = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/** The states of each direction one after another, [directions, batch, units]. */
function beside(writer: Writer, states: readonly Written[]): string {
  const values = states.map(({ value }) => value);
  return values.length === 1 ? values[0]! : writer.add("Concat", values, { integers: { axis: 0 } });
}
