/** One model of every kind that ONNX has a form of, with data for it. */
import {
  type Activation,
  activation,
  attention,
  bidirectional,
  dense,
  dropout,
  embedding,
  features,
  gru,
  type Input,
  type Layer,
  last,
  layerNorm,
  learned,
  logSoftmax,
  lstm,
  multiHeadAttention,
  type Operation,
  positions,
  residual,
  rnn,
  softmax,
  tokens,
  transformerDecoder,
  transformerEncoder,
  type WiringNode,
  wiring,
} from "../../ts/index.js";

const x = ["input"];

/** Every operation of wirings but `divide` by what may be 0, and every use of states. */
function everything(): Layer {
  const shared = dense(4);
  const node = (name: string, of: Layer | Operation, inputs = x, initial?: string[]): WiringNode => ({
    name,
    of,
    inputs,
    ...(initial && { initial }),
  });
  return wiring({
    nodes: [
      node("encoder", lstm(4)),
      node("hidden", { op: "state", index: 0 }, ["encoder"]),
      node("cell", { op: "state", index: 1 }, ["encoder"]),
      node("first", shared),
      node("decoder", lstm(4), ["first"], ["hidden", "cell"]),
      node("second", { op: "again", node: "first" }),
      node("both", bidirectional(gru(4)), ["decoder"], ["hidden", "cell"]),
      node("back", { op: "state", index: 1 }, ["both"]),
      node("repeated", { op: "repeat" }, ["back", "input"]),
      node("constant", { op: "constant", values: [1, 2, 3, 4] }),
      node("added", { op: "add" }, ["repeated", "constant", "second"]),
      node("subtracted", { op: "subtract" }, ["added", "decoder"]),
      node("divided", { op: "divide" }, ["subtracted", "constant"]),
      node("multiplied", { op: "multiply" }, ["divided", "constant", "decoder"]),
      node("maximum", { op: "maximum" }, ["multiplied", "first"]),
      node("minimum", { op: "minimum" }, ["maximum", "decoder"]),
      node("average", { op: "average" }, ["minimum", "added", "decoder"]),
      node("half", { op: "slice", from: 1, to: 5 }, ["both"]),
      node("reversed", { op: "reverse" }, ["half"]),
      node("at", { op: "at", step: 1 }, ["reversed"]),
      node("last", { op: "last" }, ["average"]),
      node("mean", { op: "mean" }, ["average"]),
      node("sum", { op: "sum" }, ["half"]),
      node("greatest", { op: "greatest" }, ["reversed"]),
      node("inner", wiring({ nodes: [node("deep", dense(4))] }), ["last"]),
      node("end", { op: "concat" }, ["at", "inner", "mean", "sum", "greatest", "back"]),
    ],
  });
}

/** Functions that recurrent operators of ONNX have, with constants that are not their defaults. */
export const cellActivations: readonly Activation[] = [
  "tanh",
  "sigmoid",
  "relu",
  "softsign",
  "softplus",
  { name: "affine", alpha: 0.7, beta: 0.1 },
  { name: "leakyRelu", alpha: 0.2 },
  { name: "thresholdedRelu", alpha: 0.3 },
  { name: "scaledTanh", alpha: 1.2, beta: 0.8 },
  { name: "hardSigmoid", alpha: 0.3, beta: 0.4 },
  { name: "elu", alpha: 0.6 },
];

const named = (activation: Activation) => (typeof activation === "string" ? activation : activation.name);

export const models: Readonly<Record<string, () => readonly [Input, ...Layer[]]>> = {
  "an LSTM over symbols": () => [tokens(9), embedding(5), lstm(6), dropout(0.2), dense(9)],
  "two LSTMs with all biases and the last step": () => [
    features(3),
    lstm(5, { biasHidden: true }),
    lstm(4, { bias: false }),
    last(),
    dense(2, { bias: false }),
    softmax(),
  ],
  "an LSTM with peepholes, coupled and clipped": () => [
    features(3),
    lstm(5, { peepholes: true }),
    lstm(5, { coupled: true }),
    lstm(5, { clip: 0.3 }),
  ],
  "learned first states, and the other direction": () => [
    features(3),
    lstm(5, { initial: "learned" }),
    gru(4, { initial: "learned", reverse: true }),
    rnn(3, { reverse: true, initial: "learned" }),
  ],
  "every form of the GRU": () => [
    features(3),
    gru(5),
    gru(5, { resetAfter: false }),
    gru(5, { biasHidden: false }),
    gru(5, { update: "candidate" }),
    gru(5, { resetAfter: false, biasHidden: true, update: "candidate", clip: 0.5 }),
    gru(5, { bias: false }),
  ],
  "every merge of two directions": () => [
    features(3),
    bidirectional(lstm(4, { initial: "learned" })),
    bidirectional(gru(3), { merge: "sum" }),
    bidirectional(rnn(3), { merge: "multiply" }),
    bidirectional(gru(3, { resetAfter: false }), { merge: "average" }),
  ],
  "normalised and residual layers": () => [
    features(4),
    layerNorm(),
    residual(dense(4), lstm(4)),
    layerNorm({ affine: false, epsilon: 1e-3 }),
    learned(3),
    logSoftmax(),
  ],
  "every activation": () => [
    features(4),
    dense(4),
    activation("silu"),
    activation("gelu"),
    activation("geluTanh"),
    activation("affine", { alpha: 2, beta: -0.25 }),
    activation("scaledTanh", { alpha: 1.5, beta: 0.5 }),
    activation("clip", { alpha: 0.9 }),
    activation("elu", { alpha: 0.5 }),
    activation("softplus"),
    activation("leakyRelu"),
    activation("hardSigmoid"),
    activation("softsign"),
    activation("identity"),
    activation("thresholdedRelu", { alpha: 0.1 }),
    activation("relu"),
    activation("sigmoid"),
  ],
  "multi-head attention": () => [
    features(6),
    multiHeadAttention(6, { heads: 3 }),
    multiHeadAttention(8, { heads: 2, width: 5, causal: true, bias: false }),
    multiHeadAttention(4),
  ],
  "attention by products": () => [
    features(4),
    lstm(6),
    attention({ score: "dot" }),
    attention({ score: "dot", heads: 2, scaled: true, causal: true }),
    attention({ score: "general", heads: 3, scaled: true }),
  ],
  "a language model": () => [
    tokens(7),
    embedding(6),
    positions(20),
    transformerEncoder(6, { heads: 2, blocks: 2, causal: true, norm: "before", activation: "gelu" }),
    layerNorm(),
    dense(7),
  ],
  "a transformer that knows its steps by sines": () => [
    features(3),
    dense(6),
    positions(20, { kind: "sinusoidal" }),
    transformerEncoder(6, { heads: 3, hidden: 9 }),
  ],
  "a wiring of everything": () => [features(4), everything()],
  ...Object.fromEntries(
    cellActivations.map((chosen) => [
      `cells with ${named(chosen)}`,
      (): readonly [Input, ...Layer[]] => [
        features(3),
        rnn(5, { activation: chosen }),
        gru(5, { candidateActivation: chosen }),
        bidirectional(lstm(4, { candidateActivation: chosen, cellActivation: chosen })),
      ],
    ]),
  ),
};

/** Models that have a form in ONNX which is not read back. */
export const oneWay: typeof models = {
  "attention by sums": () => [
    features(4),
    attention({ units: 3 }),
    attention({ projected: false, causal: true }),
    attention({ score: "location", longest: 30 }),
  ],
  "steps put together": () => [
    features(4),
    wiring({
      nodes: [
        { name: "first", of: { op: "at", step: 0 }, inputs: x },
        { name: "end", of: { op: "last" }, inputs: x },
        { name: "both", of: { op: "stack" }, inputs: ["end", "first", "end"] },
      ],
    }),
  ],
  "attention in windows": () => [
    features(4),
    attention({ score: "dot", window: 2 }),
    multiHeadAttention(4, { heads: 2, window: 1, causal: true }),
  ],
};

/** Models of two inputs, `input` of 4 numbers and `other` of 3. */
export const ofTwo: Readonly<Record<string, () => Layer>> = {
  "attention to another sequence": () =>
    wiring({
      nodes: [
        { name: "query", of: dense(6), inputs: ["input"] },
        { name: "look", of: multiHeadAttention(6, { heads: 2 }), inputs: ["query", "other"] },
        { name: "keys", of: dense(6), inputs: ["other"] },
        { name: "again", of: attention({ score: "dot", scaled: true }), inputs: ["look", "keys", "other"] },
      ],
    }),
  "an encoder and a decoder": () =>
    wiring({
      nodes: [
        { name: "written", of: dense(6), inputs: ["input"] },
        { name: "read", of: dense(6), inputs: ["other"] },
        { name: "memory", of: transformerEncoder(6, { heads: 3 }), inputs: ["read"] },
        {
          name: "decoder",
          of: transformerDecoder(6, { heads: 2, blocks: 2 }),
          inputs: ["written", "memory"],
        },
      ],
    }),
};
