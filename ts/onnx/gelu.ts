/** The function gelu as graphs before version 20 have it: x (1 + erf(x / sqrt 2)) / 2, factor by factor. */
import { activation } from "../layers/activation.js";
import { Builder, type Call, refuse, signalAt } from "./builder.js";
import { uniform } from "./constants.js";
import type { Erf, Followed } from "./signal.js";

export function erfOf(call: Call): Erf {
  const { signal, scale } = call.builder.unscaled(signalAt(call, 0));
  if (Math.abs(scale * Math.SQRT2 - 1) > 1e-6) {
    refuse(call, "x / sqrt 2, as in a gelu", `${scale} x`);
  }
  return { kind: "erf", of: signal, plus: 0, factor: 1 };
}

/** Operators on an error function: 1 is added, and x times that is twice a gelu, which may be halved before. */
export const onErf: Readonly<Record<string, (call: Call) => Followed>> = {
  Add(call) {
    const [erf, other] = both(call);
    const plus = other?.kind === "known" ? uniform(call, other) : undefined;
    if (plus === undefined || erf.factor !== 1) return refuse(call, "1 + erf(x / sqrt 2)", "others");
    return { ...erf, plus: erf.plus + plus };
  },
  Mul(call) {
    const [erf, other] = both(call);
    const number = other?.kind === "known" ? uniform(call, other) : undefined;
    if (number !== undefined) return { ...erf, factor: erf.factor * number };
    const { builder, node } = call;
    const x = other?.kind === "signal" ? builder.unscaled(other) : undefined;
    if (!x || erf.plus !== 1 || x.signal.node !== erf.of.node) {
      return refuse(call, "x (1 + erf(x / sqrt 2))", "others");
    }
    const hint = Builder.hint(node);
    const gelu = builder.add(hint, activation("gelu"), [erf.of.node]);
    return builder.scaled(hint, { ...x.signal, node: gelu }, 2 * x.scale * erf.factor);
  },
};

function both({ inputs: [a, b] }: Call): [Erf, Followed | undefined] {
  return a?.kind === "erf" ? [a, b] : [b as Erf, a];
}
