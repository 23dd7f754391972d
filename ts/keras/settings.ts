/** What a definition of Keras says about one thing, read key by key, so that no key that matters is passed over. */
import { FormatError } from "../errors.js";

/** Keys that change no number that a model gives; what they stand for is lost on the way, without a word. */
const harmless = new Set([
  ...["name", "trainable", "seed", "implementation", "unroll", "unit_forget_bias", "zero_output_for_mask"],
  ...[
    "batch_shape",
    "batch_input_shape",
    "batch_size",
    "input_dtype",
    "input_length",
    "optional",
    "supports_masking",
  ],
  ...["kernel_initializer", "recurrent_initializer", "bias_initializer", "embeddings_initializer"],
  ...["beta_initializer", "gamma_initializer", "registered_name", "autocast", "build_input_shape"],
]);

/** Keys that act in training only: what they do there is not taken over, and that is said. */
const training = new Set([
  ...["kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "embeddings_regularizer"],
  ...[
    "activity_regularizer",
    "beta_regularizer",
    "gamma_regularizer",
    "kernel_constraint",
    "recurrent_constraint",
  ],
  ...["bias_constraint", "embeddings_constraint", "beta_constraint", "gamma_constraint"],
]);

/** Keys that must say nothing: what they turn on would change the numbers. */
const off = new Set([
  "sparse",
  "ragged",
  "time_major",
  "quantization_config",
  "lora_rank",
  "lora_alpha",
  "use_cudnn",
]);

export type Warn = (warning: string) => void;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export class Settings {
  /** What is described, for messages: for example `LSTM "encoder"`. */
  readonly where: string;
  readonly #record: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();

  constructor(where: string, record: unknown) {
    this.where = where;
    if (!isRecord(record)) this.refuse("", "an object", typeof record);
    this.#record = record as Readonly<Record<string, unknown>>;
  }

  /** The value under a key as it is; undefined if there is none. */
  value(key: string): unknown {
    this.#read.add(key);
    return Object.hasOwn(this.#record, key) ? this.#record[key] : undefined;
  }

  /** The same, of the first of several names of a thing that has one. */
  any(...keys: readonly string[]): unknown {
    return keys.map((key) => this.value(key)).find((value) => value !== undefined);
  }

  flag(key: string, otherwise: boolean): boolean {
    const value = this.value(key) ?? otherwise;
    if (typeof value !== "boolean") this.refuse(key, "true or false", value);
    return value as boolean;
  }

  number(key: string, otherwise?: number): number {
    const value = this.value(key) ?? otherwise;
    if (typeof value !== "number" || !Number.isFinite(Math.fround(value)))
      this.refuse(key, "a number", value);
    return value as number;
  }

  /** A whole number from 1, which is a width. */
  width(key: string): number {
    const value = this.value(key);
    if (!(Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 1048576)) {
      this.refuse(key, "a whole number from 1 to 1048576", value);
    }
    return value as number;
  }

  /** A share of numbers that are dropped. */
  rate(key: string, otherwise?: number): number {
    const value = this.number(key, otherwise);
    if (!(value >= 0 && value < 1)) this.refuse(key, "a number from 0 up to, not including, 1", value);
    return value;
  }

  text(key: string, otherwise?: string): string {
    const value = this.value(key) ?? otherwise;
    if (typeof value !== "string") this.refuse(key, "a text", value);
    return value as string;
  }

  list(key: string): readonly unknown[] {
    const value = this.value(key);
    if (!Array.isArray(value)) this.refuse(key, "a list", value);
    return value as readonly unknown[];
  }

  /** Throws FormatError for a key that has not been read, unless it is in the list of those that change no numbers. */
  finish(warn: Warn): void {
    for (const [key, value] of Object.entries(this.#record)) {
      if (this.#read.has(key) || harmless.has(key)) continue;
      const silent = value === null || value === undefined || value === false;
      if (training.has(key)) {
        if (!silent) warn(`${this.where}: ${key} acts in training and is not taken over`);
      } else if (key === "stateful") {
        if (value) warn(`${this.where}: stateful: streams and windows carry the state, predict begins anew`);
      } else if (key === "dtype") this.#finishDtype(value, warn);
      else if (!off.has(key) || (!silent && value !== "auto")) {
        this.refuse(key, off.has(key) ? "nothing" : "only options that are known here", value);
      }
    }
    if (this.#record.trainable === false && !this.#read.has("trainable")) {
      warn(`${this.where}: trainable is false; freeze it by a group of training with rate 0`);
    }
  }

  refuse(key: string, expected: string, got: unknown): never {
    const text = typeof got === "object" ? JSON.stringify(got) : String(got);
    throw new FormatError({
      where: key === "" ? this.where : `${this.where} ${key}`,
      expected,
      got: text === undefined || text.length > 80 ? `${text?.slice(0, 80)}...` : text,
    });
  }

  #finishDtype(value: unknown, warn: Warn): void {
    const policy = isRecord(value) && isRecord(value.config) ? value.config.name : value;
    if (policy === "float32" || policy === null || policy === "int32" || policy === "int64") return;
    const known = ["float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"];
    if (typeof policy !== "string" || !known.includes(policy))
      this.refuse("dtype", "a type of floats", value);
    warn(`${this.where}: ${policy} is computed in float32`);
  }
}
