/**
 * Layers in several places of a model, with the same parameters in all of them: in a file each place but the first says
 * `{ "again": n }`, where n counts the layers of the definition by the order in which they end.
 */
import { InputError } from "../errors.js";

/** Brackets inside each other: more than layers inside each other need. */
const DEEPEST = 256;

type Plain = { [key: string]: unknown };

/** The definitions of layers as plain data that a file can hold: a definition that comes again is named by its number. */
export function withNumbers(definitions: readonly object[]): unknown {
  const ended = new Map<object, number>();
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy);
    if (!isPlain(value)) return value;
    const number = ended.get(value);
    if (number !== undefined) return { again: number };
    const copied = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]));
    if (isLayer(value)) ended.set(value, ended.size);
    return copied;
  };
  return copy(definitions);
}

/**
 * The reverse, for data of unknown origin: each number becomes the very definition that it stands for, so that `layerOf` gives
 * the same layer. InputError for a number of no layer that has ended before.
 */
export function withoutNumbers(value: unknown): unknown {
  const ended: Plain[] = [];
  const resolve = (value: unknown, depth: number): unknown => {
    if (depth > DEEPEST) refuse(`at most ${DEEPEST} brackets inside each other`, "more");
    if (Array.isArray(value)) return value.map((each) => resolve(each, depth + 1));
    if (!isPlain(value)) return value;
    if (Object.hasOwn(value, "again")) {
      const { again } = value;
      const earlier = typeof again === "number" ? ended[again] : undefined;
      return earlier ?? refuse("the number of an earlier layer", String(again).slice(0, 80));
    }
    for (const [key, each] of Object.entries(value)) value[key] = resolve(each, depth + 1);
    if (isLayer(value)) ended.push(value);
    return value;
  };
  return resolve(value, 0);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLayer(value: Plain): boolean {
  return typeof value.layer === "string";
}

function refuse(expected: string, got: string): never {
  throw new InputError({ where: "again", expected, got });
}
