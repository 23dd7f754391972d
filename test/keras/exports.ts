/** Models of every kind that Keras has a form of, and what they are given: for the tests, and for the golden files. */

import { writeParameter } from "../../ts/graph/parameter.js";
import {
  activation,
  bidirectional,
  conv1d,
  dense,
  dropout,
  embedding,
  features,
  flatten,
  gru,
  type Input,
  inputs,
  last,
  layerNorm,
  logSoftmax,
  lstm,
  type Model,
  model,
  random,
  residual,
  rnn,
  softmax,
  sparseEmbedding,
  type Tensor,
  tensor,
  tokens,
  wiring,
} from "../../ts/index.js";

/** A model, and how many steps each of its inputs is given. */
export interface Export {
  readonly name: string;
  readonly steps: number;
  /** How many of them count in each row; the others are filled up with the symbol 0. */
  readonly lengths?: readonly number[];
  /** Whether its numbers are kept as they are there, and not two biases as their sum. */
  readonly exact?: boolean;
  /** Who has such a model. */
  readonly keras: boolean;
  readonly layers: boolean;
  make(): Promise<Model>;
}

const resetFirst = { resetAfter: false } as const;
const seed = { seed: 5 } as const;

type Entry = readonly [
  name: string,
  make: () => Promise<Model>,
  more?: Partial<Pick<Export, "steps" | "lengths" | "exact">>,
];

const both: readonly Entry[] = [
  ["dense", () => model(features(3), dense(4), activation("tanh"), dense(2, { bias: false }), seed)],
  ["rnn", () => model(features(3), rnn(5), seed)],
  ["rnn without bias", () => model(features(3), rnn(5, { bias: false, activation: "relu" }), last(), seed)],
  ["lstm", () => model(features(3), lstm(4), dense(2), seed)],
  [
    "lstm with two biases",
    () => model(features(3), lstm(4, { biasHidden: true }), last(), seed),
    { exact: false },
  ],
  [
    "lstm of other activations",
    () =>
      model(
        features(3),
        lstm(4, {
          gateActivation: "relu",
          candidateActivation: "softsign",
          cellActivation: "softsign",
          recurrentDropout: 0.2,
        }),
        seed,
      ),
  ],
  ["gru with the reset first", () => model(features(3), gru(4, resetFirst), dense(2), seed)],
  ["gru without bias", () => model(features(3), gru(4, { ...resetFirst, bias: false }), last(), seed)],
  [
    "gru of Cho",
    () => model(features(3), gru(4, { ...resetFirst, update: "candidate" }), last(), seed),
    { exact: false },
  ],
  ["characters", () => model(tokens(9), embedding(3), lstm(4), dense(9), seed)],
  ["sparse table", () => model(tokens(9), sparseEmbedding(3), rnn(4), last(), dense(9), softmax(), seed)],
  [
    "stack",
    () => model(features(3), lstm(5), dropout(0.1), gru(4, resetFirst), rnn(3), last(), dense(2), seed),
  ],
  ["both ways", () => model(features(3), bidirectional(lstm(3)), dense(2), seed)],
  ["sum of both ways", () => model(features(3), bidirectional(rnn(4), { merge: "sum" }), seed)],
  ["product of both ways", () => model(features(3), bidirectional(lstm(4), { merge: "multiply" }), seed)],
  [
    "mean of both ways",
    () => model(features(3), bidirectional(gru(4, resetFirst), { merge: "average" }), seed),
  ],
  [
    "normalised",
    () => model(features(3), layerNorm(), dense(4), layerNorm({ affine: false, epsilon: 1e-3 }), seed),
  ],
  [
    "dropouts",
    () =>
      model(
        features(3),
        dropout(0.3, { perSequence: true }),
        lstm(3),
        last(),
        dropout(0.5, { perSequence: true }),
        seed,
      ),
  ],
  ["activations", () => model(features(3), ...elementwise(), logSoftmax(), seed)],
  [
    "activations of two functions",
    () =>
      model(
        features(3),
        activation("elu", { alpha: 1.6732632423543772 }), // selu
        activation("affine", { alpha: 1.0507009873554805 }),
        activation("hardSigmoid", { alpha: 1 / 6, beta: 0 }), // relu6
        activation("affine", { alpha: 6 }),
        activation("hardSigmoid", { alpha: 1 / 49, beta: 0 }), // ReLU with a bound
        activation("affine", { alpha: 49 }),
        seed,
      ),
  ],
  [
    "convolution",
    () =>
      model(
        features(3),
        conv1d(4, { size: 3, padding: "same" }),
        conv1d(2, { size: 2, padding: "same", dilation: 2 }),
        conv1d(3, { size: 2, padding: "valid", stride: 2, bias: false }),
        seed,
      ),
  ],
  [
    "convolution and all steps",
    () =>
      model(
        features(3),
        conv1d(4, { size: 3, padding: "valid" }),
        activation("relu"),
        flatten(5),
        dense(2),
        seed,
      ),
    { steps: 7 },
  ],
  ["residual", () => model(features(3), dense(4), residual(lstm(4), dense(4)), residual(dense(4)), seed)],
  [
    "a short way and a long one",
    () =>
      model(
        features(3),
        wiring({
          nodes: [
            { name: "first", of: dense(3), inputs: ["input"] },
            { name: "short", of: dense(3), inputs: ["first"] },
            { name: "second", of: dense(3), inputs: ["first"] },
            { name: "third", of: dense(3), inputs: ["second"] },
            { name: "fourth", of: dense(3), inputs: ["third"] },
            { name: "both", of: { op: "concat" }, inputs: ["short", "fourth"] },
          ],
        }),
        seed,
      ),
  ],
  [
    "one layer on a short way and a long one",
    () => {
      const shared = dense(3);
      return model(
        features(3),
        wiring({
          nodes: [
            { name: "short", of: shared, inputs: ["input"] },
            { name: "half", of: { op: "average" }, inputs: ["input", "short"] },
            { name: "long", of: shared, inputs: ["half"] },
            { name: "second", of: dense(3), inputs: ["long"] },
            { name: "third", of: dense(3), inputs: ["second"] },
            { name: "both", of: { op: "concat" }, inputs: ["short", "third"] },
          ],
        }),
        seed,
      );
    },
  ],
  [
    "one layer on two ways",
    () => {
      const shared = dense(3);
      return model(
        features(3),
        wiring({
          nodes: [
            { name: "short", of: shared, inputs: ["input"] },
            { name: "bent", of: activation("tanh"), inputs: ["input"] },
            { name: "long", of: shared, inputs: ["bent"] },
            { name: "second", of: dense(3), inputs: ["long"] },
            { name: "third", of: dense(3), inputs: ["second"] },
            { name: "both", of: { op: "concat" }, inputs: ["short", "third"] },
          ],
        }),
        seed,
      );
    },
  ],
  [
    "last step of layers behind",
    () =>
      model(
        features(3),
        lstm(4),
        layerNorm(),
        residual(dense(4), dropout(0.1, { perSequence: true })),
        activation("tanh"),
        last(),
        dense(2),
        seed,
      ),
  ],
  [
    "last step and all steps",
    () =>
      model(
        features(3),
        wiring({
          nodes: [
            { name: "reader", of: lstm(4), inputs: ["input"] },
            { name: "dense", of: dense(3), inputs: ["reader"] },
            { name: "twice", of: { op: "add" }, inputs: ["dense", "dense"] },
            { name: "end", of: { op: "last" }, inputs: ["twice"] },
            { name: "mean", of: { op: "mean" }, inputs: ["twice"] },
            { name: "both", of: { op: "concat" }, inputs: ["end", "mean"] },
          ],
        }),
        seed,
      ),
  ],
  [
    "graph",
    () =>
      model(
        features(3),
        wiring({
          nodes: [
            { name: "a", of: dense(4), inputs: ["input"] },
            { name: "b", of: dense(4), inputs: ["input"] },
            { name: "lower", of: { op: "minimum" }, inputs: ["b", "a"] },
            { name: "c", of: dense(4), inputs: ["lower"] },
            { name: "product", of: { op: "multiply" }, inputs: ["a", "c", "lower"] },
            { name: "side by side", of: { op: "concat" }, inputs: ["product", "b"] },
          ].map(({ name, ...node }) => ({ name: name.replaceAll(" ", "-"), ...node }) as never),
        }),
        seed,
      ),
  ],
  [
    "states",
    () =>
      model(
        features(3),
        wiring({
          nodes: [
            { name: "reader", of: lstm(4), inputs: ["input"] },
            { name: "hidden", of: { op: "state", index: 0 }, inputs: ["reader"] },
            { name: "cell", of: { op: "state", index: 1 }, inputs: ["reader"] },
            { name: "end", of: { op: "last" }, inputs: ["reader"] },
            { name: "writer", of: lstm(4), inputs: ["reader"], initial: ["hidden", "cell"] },
            { name: "backward", of: gru(4, { ...resetFirst, reverse: true }), inputs: ["writer"] },
            { name: "first", of: { op: "state", index: 0 }, inputs: ["backward"] },
            { name: "upper", of: { op: "maximum" }, inputs: ["first", "end"] },
          ],
        }),
        seed,
      ),
  ],
];

/** What only Keras 3 has. */
const alone: readonly Entry[] = [
  ["gru", () => model(features(3), gru(4), dense(2), seed)],
  [
    "gru with one bias",
    () => model(features(3), gru(4, { biasHidden: false }), last(), seed),
    { exact: false },
  ],
  ["gru both ways", () => model(features(3), bidirectional(gru(3)), dense(2), seed)],
  [
    "causal convolution",
    () => model(features(3), conv1d(4, { size: 3 }), conv1d(2, { size: 2, dilation: 3 }), seed),
  ],
  [
    "hard gates",
    () =>
      model(
        features(3),
        gru(4, { gateActivation: { name: "hardSigmoid", alpha: 1 / 6 } }),
        activation("silu"),
        activation("elu", { alpha: 0.7 }),
        seed,
      ),
  ],
  [
    "padding",
    () =>
      model(
        tokens(6),
        embedding(3, { padding: 0 }),
        lstm(4),
        residual(gru(4)),
        gru(4),
        last(),
        dense(2),
        seed,
      ),
    { lengths: [6, 4, 1] },
  ],
  [
    "padded tags",
    () =>
      model(
        tokens(6),
        embedding(3, { padding: 0 }),
        bidirectional(lstm(4)),
        layerNorm(),
        dense(3),
        softmax(),
        seed,
      ),
    { lengths: [5, 6, 2] },
  ],
  [
    "both orders of the steps",
    () =>
      model(
        features(3),
        wiring({
          nodes: [
            { name: "backward", of: gru(3, { reverse: true }), inputs: ["input"] },
            { name: "turned", of: { op: "reverse" }, inputs: ["backward"] },
            { name: "forward", of: bidirectional(lstm(3), { merge: "average" }), inputs: ["input"] },
            { name: "cell", of: { op: "state", index: 3 }, inputs: ["forward"] },
            { name: "hidden", of: { op: "state", index: 0 }, inputs: ["forward"] },
            { name: "writer", of: lstm(3), inputs: ["turned"], initial: ["hidden", "cell"] },
            { name: "difference", of: { op: "subtract" }, inputs: ["writer", "forward"] },
          ],
        }),
        seed,
      ),
  ],
  [
    "two inputs and a shared layer",
    () => {
      const shared = lstm(3);
      return model(
        inputs({ first: features(3), second: features(3) }),
        wiring({
          nodes: [
            { name: "one", of: shared, inputs: ["input"] },
            { name: "other", of: shared, inputs: ["second"] },
            { name: "means", of: { op: "mean" }, inputs: ["one"] },
            { name: "greatest", of: { op: "greatest" }, inputs: ["other"] },
            { name: "both", of: { op: "average" }, inputs: ["means", "greatest"] },
            { name: "again", of: { op: "repeat", steps: 3 }, inputs: ["both"] },
          ],
        }),
        seed,
      );
    },
  ],
];

/** What only TensorFlow.js has, which computes hard_sigmoid as Keras 2 did. */
const older: readonly Entry[] = [
  ["hard gates", () => model(features(3), lstm(4, { gateActivation: "hardSigmoid" }), seed)],
];

export const exported: readonly Export[] = [
  ...both.map(([name, make, more]) => ({ name, make, steps: 6, ...more, keras: true, layers: true })),
  ...alone.map(([name, make, more]) => ({ name, make, steps: 6, ...more, keras: true, layers: false })),
  ...older.map(([name, make, more]) => ({ name, make, steps: 6, ...more, keras: false, layers: true })),
];

/** What the inputs of a model are given: three rows, by the names of the inputs in their order. */
export function given(
  net: Model,
  { steps, lengths = [steps, steps, steps] }: Export,
): ReadonlyMap<string, Tensor<Float32Array | Uint32Array>> {
  const { input } = net.network;
  const tensorFor = ({ kind, width }: Input, place: number): Tensor<Float32Array | Uint32Array> => {
    if (kind === "features") {
      const numbers = Float32Array.from(
        { length: 3 * steps * width },
        (_, i) => ((i * 29 + place * 5) % 23) / 8 - 1.4,
      );
      return tensor(numbers, [3, steps, width]);
    }
    const ids = Uint32Array.from({ length: 3 * steps }, (_, i) =>
      i % steps < lengths[Math.floor(i / steps)]! ? 1 + ((i * 7 + place) % (width - 1)) : 0,
    );
    return tensor(ids, [3, steps]);
  };
  const inputs = Object.entries(input.named ?? { input });
  return new Map(inputs.map(([name, own], place) => [name, tensorFor(own, place)]));
}

/** What a model gives for this. */
export async function outputsOf(net: Model, each: Export): Promise<Tensor> {
  const data = given(net, each);
  const named = net.network.input.named ? Object.fromEntries(data) : [...data.values()][0]!;
  return await net.predict(named, { lengths: each.lengths });
}

/** Parameters drawn anew, so that no bias is zero. */
export async function settled({ make }: Export): Promise<Model> {
  const net = await make();
  const draw = random(3);
  for (const parameter of net.network.parameters) {
    const { rows, columns } = parameter.layout;
    const values = Float32Array.from({ length: rows * columns }, () => draw.uniform() - 0.5);
    writeParameter(net.network.engine, parameter, values);
  }
  return net;
}

function elementwise() {
  return [
    ...(["identity", "sigmoid", "relu", "softplus", "softsign", "elu", "gelu"] as const).map((name) =>
      activation(name),
    ),
    activation("leakyRelu", { alpha: 0.1 }),
  ];
}
