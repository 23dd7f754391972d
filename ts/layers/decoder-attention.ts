/** How a decoder looks at what its encoder wrote: before its steps, after them, or after them and so that the next step knows. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { glorotUniform, zeros } from "../graph/initialisers.js";
import { type Initialiser, matrixParameter, vectorParameter } from "../graph/parameter.js";
import { activate, activationCode } from "../ops/activation.js";
import { attendTo } from "../ops/attend.js";
import type { Attentional } from "../ops/attentional.js";
import { concat } from "../ops/concat.js";
import type { Enter } from "../ops/enter.js";
import { linear } from "../ops/linear.js";
import type { Memory } from "../ops/look.js";
import { type AttentionOptions, attention } from "./attention.js";

export interface DecoderAttention
  extends Omit<AttentionOptions, "causal" | "longest" | "projected" | "dropout"> {
  /**
   * When the decoder looks at the source. `before` (default): its first recurrent layer, before each step; what it finds enters
   * the step, and is part of the output (Bahdanau et al. 2015). `after`: the outputs h of its last layer, which become
   * tanh([c h] W + b) with what they find, c (Luong et al. 2015). Before a step, scores are additive or general and windows aligned.
   */
  readonly look?: "before" | "after";
  /**
   * With `look: "after"`: whether each such vector enters the decoder's next step beside its input (input feeding, Luong et al. 2015,
   * section 3.3), so that it knows where it looked; default false. The decoder's layers from the first recurrent one on are then all
   * recurrent, scores are additive, dot or general and windows aligned.
   */
  readonly feed?: boolean;
}

/** What each step of a recurrence looks at before it comes: parameters under a name of their own. */
export function attentionBefore(options: AttentionOptions): (values: Value, hidden: number) => Enter {
  const recorded = {};
  return (values, hidden) =>
    values.graph.scope(recorded, "attention", () => attendTo(memoryOf(options, values, hidden)));
}

/** The attentional vectors of outputs: Luong et al. 2015, equation 5. */
export function attentionAfter(options: AttentionOptions): (output: Value, memory: Value) => Value {
  const [attend, recorded] = [attention(options), {}];
  return (output, memory) =>
    output.graph.scope(recorded, "attentional", () => {
      const both = concat(attend.over(output, memory), output);
      const { weight, bias } = combining(both, both.width, output.width);
      return activate(linear(both, weight, bias), activationCode("attentional", "tanh"));
    });
}

/** What makes the same vectors step by step. */
export function attentionFed(options: AttentionOptions): (values: Value, hidden: number) => Attentional {
  const [looking, recorded] = [{}, {}];
  return (values, hidden) => {
    const { graph, width } = values;
    return graph.scope(recorded, "attentional", () => {
      const memory = graph.scope(looking, "attention", () =>
        memoryOf({ units: width, ...options }, values, hidden),
      );
      return { memory, ...combining(values, width + hidden, hidden) };
    });
  };
}

/** W and b. */
function combining({ graph }: Value, rows: number, units: number) {
  return {
    weight: graph.parameter("weight", matrixParameter(rows, 1, units, glorotUniform())),
    bias: graph.parameter("bias", vectorParameter(1, units, zeros)),
  };
}

/** Default as many units as the hidden state that looks. */
function memoryOf(options: AttentionOptions, values: Value, hidden: number): Memory {
  const { score = "additive", units = hidden, coverage = false, scaled = false, window } = options;
  const { graph, width } = values;
  const additive = score === "additive";
  const inner = additive ? units : width;
  const weight = (name: string, rows: number) =>
    graph.parameter(name, matrixParameter(rows, 1, inner, glorotUniform()));
  const vector = (name: string, initialise: Initialiser) =>
    graph.parameter(name, vectorParameter(1, inner, initialise));
  return {
    keys: additive ? linear(values, weight("weightKey", width), vector("bias", zeros)) : values,
    values,
    score: additive ? "additive" : "dot",
    weightQuery: score === "dot" ? undefined : weight("weightQuery", hidden),
    energy: additive ? vector("energy", glorotUniform()) : undefined,
    weightCoverage: coverage ? vector("weightCoverage", zeros) : undefined,
    scale: scaled ? 1 / Math.sqrt(inner) : 1,
    window,
  };
}

/** Throws for what no attention takes, or not the one that is asked for. */
export function requireAttention(where: string, given: DecoderAttention): void {
  const { look = "before", feed = false, score = "additive", centre = "aligned", ...rest } = given;
  const refuse = (option: string, expected: string, got: unknown): never => {
    throw new InputError({ where: `${where}.${option}`, expected, got: String(got) });
  };
  if (look !== "before" && look !== "after") refuse("look", '"before" or "after"', look);
  if (typeof feed !== "boolean") refuse("feed", "true or false", feed);
  if (feed && look !== "after") refuse("feed", 'look: "after" beside it', look);
  for (const option of ["causal", "longest", "projected", "dropout"]) {
    if (option in rest) refuse(option, "only options of a decoder's attention", option);
  }
  attention({ score, ...(given.centre && { centre }), ...rest }); // refuses what it does not take
  if (look === "after" && !feed) return;
  const when = feed ? "with input feeding" : "before a step";
  const scores = ["additive", "general", ...(feed ? ["dot"] : [])];
  if (!scores.includes(score))
    refuse("score", `${scores.map((name) => `"${name}"`).join(" or ")} ${when}`, score);
  if (centre !== "aligned") refuse("centre", `"aligned" ${when}`, centre);
  if ((rest.heads ?? 1) !== 1) refuse("heads", `one ${when}`, rest.heads);
}
