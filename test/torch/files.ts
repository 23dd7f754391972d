/** What the tests of recurra/torch share: the golden files as bytes, and models that fit them. */
import {
  bidirectional,
  dense,
  embedding,
  features,
  gru,
  type Layer,
  layerNorm,
  lstm,
  type Model,
  model,
  rnn,
  tensor,
  tokens,
} from "../../ts/index.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { writeZip } from "../../ts/io/zip.js";
import checkpoints from "../golden/torch/checkpoints.json" with { type: "json" };

export const decode = (base64: string) =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

export type GoldenModel = (typeof checkpoints.models)[number];

/** The golden models, each with the bytes of its state_dict. */
export const goldens = checkpoints.models.map((golden) => ({ ...golden, bytes: decode(golden.file) }));

/** A model of the same layers, with parameters of its own. */
export async function modelFor({ name, layers, x }: GoldenModel, seed = 1): Promise<Model> {
  const options = name.includes("without bias") ? { bias: false } : { biasHidden: true };
  const both = (layer: Layer) => (name.includes("both directions") ? bidirectional(layer as never) : layer);
  const made: Record<string, () => Layer> = {
    rnn: () => both(rnn(5, { ...options, activation: name.includes("relu") ? "relu" : "tanh" })),
    lstm: () => both(lstm(5, name.includes("projection") ? { ...options, projection: 2 } : options)),
    gru: () => both(gru(5, options)),
    embedding: () => embedding(3),
    layerNorm: () => layerNorm(),
    linear: () => (name === "characters" ? dense(7) : dense(2, { bias: false })),
  };
  const input = x.shape.length === 2 ? tokens(7) : features(3);
  return await model(input, ...layers.map((layer) => made[layer]!()), { seed });
}

/** What a golden model reads. */
export function inputsOf({ x: { shape, data } }: GoldenModel) {
  return shape.length === 2 ? tensor(Uint32Array.from(data), shape) : tensor(Float32Array.from(data), shape);
}

/** The bytes of a text of ASCII letters. */
export const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** A tensor as a pickle places it in the one storage of a file. */
export interface PlacedInFile {
  readonly name: string;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A file of torch.save whose tensors lie in one storage of float32. */
export function placedFile(storage: Float32Array, tensors: readonly PlacedInFile[]): Uint8Array {
  const text = (value: string) => `X${word(value.length)}${value}`;
  const word = (value: number) =>
    String.fromCharCode(value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24);
  const whole = (value: number) => `J${word(value)}`;
  const items = tensors.map(({ name, offset = 0, shape, strides }) => {
    const id = `(${text("storage")}ctorch\nFloatStorage\n${text("0")}${text("cpu")}${whole(storage.length)}tQ`;
    const place = `${whole(offset)}(${shape.map(whole).join("")}t(${strides.map(whole).join("")}t`;
    return `${text(name)}ctorch._utils\n_rebuild_tensor_v2\n(${id}${place}\x89NtR`;
  });
  return writeZip(
    new Map([
      ["archive/data.pkl", ascii(`\x80\x02}(${items.join("")}u.`)],
      ["archive/data/0", new Uint8Array(storage.buffer)],
    ]),
  );
}

/** Tensors of float32 as a safetensors file, by name and shape; their numbers count up in 256ths. */
export function stateOf(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  return writeSafetensors(
    Object.entries(shapes).map(([name, shape], i) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const data = Float32Array.from({ length }, (_, j) => (((i + 1) * 7 + j * 5) % 101) / 256);
      return [name, { dtype: "F32", shape, bytes: new Uint8Array(data.buffer) }] as const;
    }),
  );
}

/** The shapes of a module of PyTorch's, by the names of its tensors. */
export const shapes = {
  recurrent(gates: number, inputs: number, units: number, suffix = "_l0"): Record<string, number[]> {
    return {
      [`weight_ih${suffix}`]: [gates * units, inputs],
      [`weight_hh${suffix}`]: [gates * units, units],
      [`bias_ih${suffix}`]: [gates * units],
      [`bias_hh${suffix}`]: [gates * units],
    };
  },
  linear: (inputs: number, outputs: number) => ({ weight: [outputs, inputs], bias: [outputs] }),
  norm: (width: number) => ({ weight: [width], bias: [width] }),
};

/** Modules as a state_dict: their tensors' names behind those of the modules. */
export function modules(named: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>) {
  return Object.fromEntries(
    Object.entries(named).flatMap(([module, tensors]) =>
      Object.entries(tensors).map(([name, shape]) => [module ? `${module}.${name}` : name, shape] as const),
    ),
  );
}
