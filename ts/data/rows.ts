/** Rows: what a set of examples consists of, before batches are made of them. */

import { InputError } from "../errors.js";
import { requireSome } from "./checks.js";
import { readSeries, type Series, type Table } from "./series.js";

/** One sequence, and what a model shall give for it. */
export interface Row {
  /** An index for each step, or a row of numbers for each step. */
  readonly inputs: Series;
  /** One index for the whole, or indices or rows of numbers: one for the whole, or one for each step. */
  readonly targets: number | Series;
  /** How much the row counts, from 0; default 1. */
  readonly weight?: number;
}

/** A set of rows: an array, or anything that gives each of its rows when asked for it. */
export interface Rows<R = Row> {
  readonly length: number;
  at(index: number): R | undefined;
}

/** What a step consists of: an index, or numbers. */
export type Kind = Pick<Table, "flat" | "width">;

/** What all rows of a set have in common, and the steps of each. */
export interface Form {
  readonly inputs: Kind;
  /** `steps`: of all rows; undefined if each row has as many as its inputs. */
  readonly targets: Kind & { readonly steps: number | undefined };
  readonly lengths: Uint32Array;
  /** Whether the rows differ in length. */
  readonly ragged: boolean;
  readonly weighted: boolean;
}

/** A row as it can be copied. */
export interface ReadRow {
  readonly inputs: Table;
  readonly targets: Table;
  readonly weight: number;
}

/** Row `index` of a set of which the first is called row `called`; InputError where it is not one. */
export function readRow(rows: Rows, index: number, called: number): ReadRow {
  const row = rows.at(index);
  const where = `rows[${called + index}]`;
  if (typeof row !== "object" || row === null)
    throw new InputError({ where, expected: "a row of inputs and targets", got: String(row) });
  const { inputs, targets, weight = 1 } = row;
  if (!(weight >= 0 && weight < Infinity))
    throw new InputError({ where: `${where}.weight`, expected: "a finite number from 0", got: `${weight}` });
  return {
    inputs: readSeries(`${where}.inputs`, inputs),
    targets: readSeries(`${where}.targets`, typeof targets === "number" ? [targets] : targets),
    weight,
  };
}

/**
 * Looks at every number of every row, of which the first is called row `called`. InputError names the first row that does not
 * fit those before it, or the first number that is none.
 */
export function formOf(rows: Rows, called: number): Form {
  requireSome("rows", rows, "row");
  const lengths = new Uint32Array(rows.length);
  const first = readRow(rows, 0, called);
  let [same, each, weighted] = [true, true, false];
  let scratch = { indices: new Uint32Array(), numbers: new Float32Array() };

  function check(where: string, table: Table, like: Kind): void {
    if (describe(table) !== describe(like))
      throw new InputError({
        where,
        expected: `${describe(like)} as in row ${called}`,
        got: describe(table),
      });
    requireSome(where, { length: table.rows }, "step");
    const count = table.rows * table.width;
    if (scratch.numbers.length < count)
      scratch = { indices: new Uint32Array(count), numbers: new Float32Array(count) };
    table.copyTo(table.flat ? scratch.indices : scratch.numbers, 0);
  }

  for (let index = 0; index < rows.length; index++) {
    const { inputs, targets, weight } = readRow(rows, index, called);
    const where = `rows[${called + index}]`;
    check(`${where}.inputs`, inputs, first.inputs);
    check(`${where}.targets`, targets, first.targets);
    lengths[index] = inputs.rows;
    same &&= targets.rows === first.targets.rows;
    each &&= targets.rows === inputs.rows;
    weighted ||= weight !== 1;
    if (!same && !each)
      throw new InputError({
        where: `${where}.targets`,
        expected: `${first.targets.rows} steps as in row ${called}, or as many as the inputs`,
        got: `${targets.rows} of ${inputs.rows}`,
      });
  }
  return {
    inputs: first.inputs,
    targets: {
      flat: first.targets.flat,
      width: first.targets.width,
      steps: each ? undefined : first.targets.rows,
    },
    lengths,
    ragged: lengths.some((length) => length !== lengths[0]),
    weighted,
  };
}

function describe({ flat, width }: Kind): string {
  return flat ? "indices" : `rows of ${width} numbers`;
}
