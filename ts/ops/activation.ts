/** Activation functions by name: what the kernels call them, their constants, and the op that applies one. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { countOf, inherited, requireNumbers } from "./values.js";

/** A constant of a function: its default, if it has one, and what it must be. */
interface Constant {
  readonly default?: number;
  readonly from?: "0" | "above 0" | "not 0";
}

interface Description {
  /** The function's number in assembly/activation.ts, where its formula stands. */
  readonly code: number;
  readonly alpha?: Constant;
  readonly beta?: Constant;
}

/**
 * Those whose derivative follows from the result, so that x need not be kept. Defaults are those of the ONNX operators;
 * scaledTanh, for which ONNX has none, is tanh by default.
 */
const ofResult = {
  identity: { code: 0 },
  tanh: { code: 1 },
  sigmoid: { code: 2 },
  relu: { code: 3 },
  affine: { code: 4, alpha: { default: 1 }, beta: { default: 0 } },
  leakyRelu: { code: 5, alpha: { default: 0.01, from: "0" } },
  thresholdedRelu: { code: 6, alpha: { default: 1, from: "0" } },
  scaledTanh: { code: 7, alpha: { default: 1, from: "not 0" }, beta: { default: 1 } },
  hardSigmoid: { code: 8, alpha: { default: 0.2 }, beta: { default: 0.5 } },
  elu: { code: 9, alpha: { default: 1, from: "0" } },
  softsign: { code: 10 },
  softplus: { code: 11 },
  clip: { code: 12, alpha: { from: "above 0" } },
} as const satisfies Record<string, Description>;

/** Those that fall and then rise: their derivative needs x, which recurrent cells do not keep. */
const ofInput = {
  silu: { code: 13 },
  gelu: { code: 14 },
  geluTanh: { code: 15 },
} as const satisfies Record<string, Description>;

/** Every function there is. */
export const everyActivation = { ...ofResult, ...ofInput };

/** A function that recurrent cells take. */
type CellActivationName = keyof typeof ofResult;

export type ActivationName = keyof typeof everyActivation;

/** The constants of those functions that have any; see each for its default. */
export interface ActivationOptions {
  readonly alpha?: number;
  readonly beta?: number;
}

/** Any function that a recurrent cell takes, by name, or with its constants. */
export type Activation = CellActivationName | (ActivationOptions & { readonly name: CellActivationName });

/** A function as the kernels take it. */
export interface ActivationCode {
  readonly code: number;
  readonly alpha: number;
  readonly beta: number;
  /** Whether its derivative needs x. */
  readonly ofInput: boolean;
}

/** InputError for a name that is not in the list, or a constant that the function does not take. */
export function activationCode<Name extends ActivationName = CellActivationName>(
  where: string,
  activation: Name | (ActivationOptions & { readonly name: Name }),
  list: Readonly<Record<Name, Description>> = ofResult as Readonly<Record<Name, Description>>,
): ActivationCode {
  const { name, alpha, beta }: { name: Name } & ActivationOptions =
    typeof activation === "object" ? activation : { name: activation };
  if (!Object.hasOwn(list, name)) {
    throw new InputError({
      where,
      expected: `one of ${Object.keys(list).join(", ")}`,
      got: String(name),
      ...(Object.hasOwn(ofInput, name) && {
        hint: `its derivative needs what a cell does not keep: put activation("${name}") behind a layer`,
      }),
    });
  }
  const description = list[name];
  return {
    code: description.code,
    ofInput: Object.hasOwn(ofInput, name),
    alpha: constantOf(`${where}.alpha`, description.alpha, alpha),
    beta: constantOf(`${where}.beta`, description.beta, beta),
  };
}

/** f(x) at every step: x and the result [steps][batch][width]. */
export function activate(x: Value, { code: activation, alpha, beta, ofInput }: ActivationCode): Value {
  requireNumbers("activation", [x]);
  const { graph, steps, batch, width, stride } = x;
  const output = graph.value({ steps, batch, width, ...inherited([x]) });
  return graph.apply({
    inputs: [x],
    output,
    forward(emit) {
      const rows = { width, stride, from: 0, to: steps * batch };
      emit("activationForward", { x: x.place, y: output.place, activation, alpha, beta, ...rows });
    },
    backward({ emit, dOutput, gradient }) {
      const dx = gradient(x, dOutput);
      if (!dx) return;
      emit("activationBackward", {
        kept: (ofInput ? x : output).place,
        dy: dOutput,
        dx,
        activation,
        alpha,
        beta,
        count: countOf(x),
      });
    },
  });
}

function constantOf(where: string, constant: Constant | undefined, given: number | undefined): number {
  if (!constant) {
    if (given === undefined) return 0;
    throw new InputError({ where, expected: "no such constant", got: String(given) });
  }
  const { from } = constant;
  const value = Math.fround((given ?? constant.default) as number);
  const allowed =
    from === "0" ? value >= 0 : from === "above 0" ? value > 0 : from !== "not 0" || value !== 0;
  if (!Number.isFinite(value) || !allowed) {
    const range = from === undefined ? "" : from === "0" ? " from 0" : ` ${from}`;
    throw new InputError({ where, expected: `a finite number${range}`, got: String(given) });
  }
  return value;
}
