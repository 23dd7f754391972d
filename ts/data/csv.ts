/** Tables written as comma-separated values (RFC 4180): `recurra/csv`. Papa Parse takes them apart; this file says what is wrong with them. */

import papaparse from "papaparse";
import { FormatError, InputError } from "../errors.js";
import type { Tensor } from "./tensor.js";

export interface CsvOptions {
  /** What separates fields; default a comma. */
  readonly delimiter?: string;
  /** Whether the first row names the columns; default true. Without it they are named 1, 2, 3, and so on. */
  readonly header?: boolean;
  /** Fields that mean that there is none; default only the empty one. */
  readonly missing?: readonly string[];
}

/** What stands in for a missing number: a number, or the last one before it in its column. Without it, none may be missing. */
export interface NumberOptions {
  readonly missing?: number | "previous";
}

export interface Csv {
  readonly names: readonly string[];
  /** Rows, without the header. */
  readonly length: number;
  /** A column as it is written. InputError for a name that no column has. */
  texts(name: string): string[];
  /** A column of numbers. FormatError, with row and column, for what is not a decimal number. */
  numbers(name: string, options?: NumberOptions): Float64Array;
  /** Columns of numbers side by side, [rows, columns]: those named, or all. */
  table(names?: readonly string[], options?: NumberOptions): Tensor<Float64Array>;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads a whole table. Rows are counted from 1 with the header, as in a spreadsheet. FormatError, with row and column, for a row
 * with another number of fields, quotes that do not close or are in the wrong place, and a column named twice.
 */
export function parseCsv(text: string, options: CsvOptions = {}): Csv {
  const { delimiter = ",", header = true, missing = [""] } = options;
  if (delimiter.length !== 1 || /["\r\n\ufeff]/.test(delimiter))
    throw new InputError({
      where: "parseCsv.delimiter",
      expected: "one character, not a quote or an end of line",
      got: JSON.stringify(delimiter),
    });
  const { data, errors } = papaparse.parse<string[]>(text, { delimiter });
  const [error] = errors;
  if (error)
    throw new FormatError({
      where: `csv row ${(error.row ?? 0) + 1}`,
      expected: "fields in which a quote is doubled, and around which quotes close",
      got: error.message,
    });
  if (/(?:^|[\r\n])$/.test(text)) data.pop(); // what follows the last end of line
  if (data.length === 0) throw new FormatError({ where: "csv", expected: "at least one row", got: "none" });
  const ragged = data.findIndex((fields) => fields.length !== data[0].length);
  if (ragged >= 0)
    throw new FormatError({
      where: `csv row ${ragged + 1}`,
      expected: `${data[0].length} fields as in row 1`,
      got: `${data[ragged].length}`,
    });
  const names = header ? data.shift()! : data[0].map((_, column) => `${column + 1}`);
  const twice = names.findIndex((name, column) => names.indexOf(name) < column);
  if (twice >= 0)
    throw new FormatError({
      where: `csv row 1, column ${twice + 1}`,
      expected: "a name of its own",
      got: `${JSON.stringify(names[twice])} again`,
    });
  const rowsBefore = header ? 2 : 1;

  function columnOf(name: string): number {
    const column = names.indexOf(name);
    if (column < 0)
      throw new InputError({
        where: "csv column",
        expected: `one of ${names.map((known) => JSON.stringify(known)).join(", ")}`,
        got: JSON.stringify(name),
      });
    return column;
  }

  function readNumber(
    row: number,
    column: number,
    before: number | undefined,
    { missing: stand }: NumberOptions,
  ) {
    const field = data[row][column].trim();
    const none = missing.includes(field);
    if (none && typeof stand === "number") return stand;
    if (none && stand === "previous" && before !== undefined) return before;
    const value = decimal.test(field) && !none ? Number(field) : NaN;
    if (Number.isFinite(value)) return value;
    throw new FormatError({
      where: `csv row ${row + rowsBefore}, column ${JSON.stringify(names[column])}`,
      expected: "a number",
      got: none ? "none" : JSON.stringify(data[row][column]),
      hint: none ? "say what stands in for it with the option `missing`" : undefined,
    });
  }

  function table(chosen = names, options: NumberOptions = {}): Tensor<Float64Array> {
    const columns = chosen.map(columnOf);
    const width = columns.length;
    const numbers = new Float64Array(data.length * width);
    for (let i = 0; i < numbers.length; i++)
      numbers[i] = readNumber(Math.floor(i / width), columns[i % width], numbers[i - width], options);
    return { shape: [data.length, width], data: numbers };
  }

  return {
    names,
    length: data.length,
    texts(name) {
      const column = columnOf(name);
      return data.map((fields) => fields[column]);
    },
    numbers: (name, options) => table([name], options).data,
    table,
  };
}
