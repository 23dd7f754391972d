/** What a model reads, where it has one input or several: each checked, for as many rows. */
import { InputError } from "../errors.js";
import type { Input, Named } from "../layers/input.js";
import {
  type Data,
  type Expectation,
  isArrayLike,
  isTensor,
  type Lengths,
  type Samples,
  samples,
} from "./data.js";
import type { Size } from "./program.js";
import type { Others } from "./stream.js";

/** The inputs besides the model's own sequence. */
export function othersOf({ named = {} }: Input): [name: string, input: Input][] {
  return Object.entries(named).slice(1);
}

/** The data of every input, checked; InputError says where. `range`: between which bounds numbers must be. */
export function inputsOf(
  where: string,
  input: Input,
  data: Data | Named<Data>,
  lengths?: Lengths,
  range?: Expectation["range"],
): Samples {
  const { named } = input;
  const expected = ({ kind, width }: Input) => ({ kind, width, range });
  if (!named) return samples(where, data as Data, expected(input), lengths as ArrayLike<number> | undefined);
  const names = Object.keys(named);
  const each = eachOf(where, data, names) as Named<Data>;
  const ends = (lengths && eachOf(`${where} lengths`, lengths, names, true)) as
    | Named<ArrayLike<number>>
    | undefined;
  const read = names.map((name) =>
    samples(`${where}.${name}`, each[name]!, expected(named[name]!), ends?.[name]),
  );
  const [own] = read as [Samples];
  const odd = read.findIndex(({ batch }) => batch !== own.batch);
  if (odd >= 0) {
    throw new InputError({
      where: `${where}.${names[odd]}`,
      expected: `${own.batch} rows, as ${names[0]} has`,
      got: String(read[odd]!.batch),
    });
  }
  return { ...own, others: Object.fromEntries(names.slice(1).map((name, i) => [name, read[i + 1]!])) };
}

/**
 * The data of the inputs besides the model's own sequence, checked, for so many rows; each with lengths. InputError says where.
 */
export function othersAlone(
  where: string,
  input: Input,
  { others, lengths }: Others,
  rows: number,
): Named<Samples> {
  const expected = othersOf(input);
  const names = expected.map(([name]) => name);
  if (names.length === 0 && others === undefined) return {};
  const each = eachOf(`${where}.others`, others, names) as Named<Data>;
  const ends = (lengths && eachOf(`${where}.lengths`, lengths, names, true)) as Named<ArrayLike<number>>;
  return Object.fromEntries(
    expected.map(([name, { kind, width }]) => {
      const at = `${where}.others.${name}`;
      const read = samples(at, each[name]!, { kind, width }, ends?.[name]);
      if (read.batch !== rows) {
        throw new InputError({ where: at, expected: `${rows} rows`, got: String(read.batch) });
      }
      return [name, { ...read, lengths: read.lengths ?? new Uint32Array(rows).fill(read.steps) }];
    }),
  );
}

/** What a program is made for that is to hold these samples. */
export function sizeOf({ batch, steps, lengths, others }: Samples): Size {
  const size = { batch, steps, ragged: lengths !== undefined };
  if (!others) return size;
  const sizes = Object.entries(others).map(([name, { steps, lengths }]) => [
    name,
    { steps, ragged: lengths !== undefined },
  ]);
  return { ...size, others: Object.fromEntries(sizes) };
}

/** Throws unless there is something for every name, or, where names may be `missing`, for none that is not one. */
function eachOf(where: string, given: unknown, names: readonly string[], missing = false): object {
  const record = typeof given === "object" && given !== null && !isArrayLike(given) && !isTensor(given);
  const keys = record ? Object.keys(given) : [];
  const odd =
    keys.find((key) => !names.includes(key)) ?? names.find((name) => !missing && !keys.includes(name));
  if (record && odd === undefined) return given;
  throw new InputError({
    where,
    expected: `an object with ${names.join(", ")}, for each input`,
    got: record ? `one with ${keys.join(", ") || "nothing"}` : "something else",
  });
}
