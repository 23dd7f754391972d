/** Tables come out as they were written, and what is wrong with one is named with its row and column. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvOptions, parseCsv } from "../../ts/data/csv.js";
import { FormatError, InputError } from "../../ts/errors.js";

const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
const plain = (field: string, delimiter: string) =>
  !/["\r\n\ufeff]/.test(field) && !field.includes(delimiter);

/** A table of any texts, and a way to write it. */
const tables = fc
  .record({
    rows: fc.integer({ min: 1, max: 6 }),
    width: fc.integer({ min: 1, max: 4 }),
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    end: fc.constantFrom("\n", "\r\n", "\r"),
    final: fc.boolean(),
  })
  .chain(({ rows, width, ...how }) => {
    const field = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 6 }),
      fc.string({ unit: fc.constantFrom('"', ",", ";", "\n", "\r", "a", " "), maxLength: 6 }),
    );
    const row = fc.array(fc.tuple(field, fc.boolean()), { minLength: width, maxLength: width });
    return fc.record({ cells: fc.array(row, { minLength: rows, maxLength: rows }), how: fc.constant(how) });
  });

describe("a table", () => {
  test("of any texts comes out as it was written, quoted or not", () => {
    fc.assert(
      fc.property(tables, ({ cells, how: { delimiter, end, final } }) => {
        // All quoted in the last column: an empty last line is otherwise none.
        const write = ([field, quotes]: [string, boolean], column: number, { length }: { length: number }) =>
          quotes || column === length - 1 || !plain(field, delimiter) ? quoted(field) : field;
        const text = cells.map((row) => row.map(write).join(delimiter)).join(end) + (final ? end : "");
        const csv = parseCsv(text, { delimiter, header: false });
        expect(csv.length).toBe(cells.length);
        const columns = csv.names.map((name) => csv.texts(name));
        expect(columns).toEqual(cells[0].map((_, column) => cells.map((row) => row[column][0])));
      }),
      { numRuns: 500 },
    );
  });

  test("of any numbers too", () => {
    const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(numbers, (numbers) => {
        const csv = parseCsv(["x", ...numbers].map((x) => `${x}`).join("\n"));
        expect([...csv.numbers("x")]).toEqual(numbers.map((x) => x + 0));
      }),
    );
  });

  test("has the names of its header, or numbers, and its columns side by side", () => {
    const csv = parseCsv('a,"b, c"\r\n 1 ,2\r\n-3e-1,+.5\r\n');
    expect([csv.names, csv.length]).toEqual([["a", "b, c"], 2]);
    expect(csv.table()).toEqual({ shape: [2, 2], data: Float64Array.of(1, 2, -0.3, 0.5) });
    expect(csv.table(["b, c"])).toEqual({ shape: [2, 1], data: Float64Array.of(2, 0.5) });
    expect(parseCsv("1;2\n3;4", { header: false, delimiter: ";" }).numbers("2")).toEqual(
      Float64Array.of(2, 4),
    );
    expect(parseCsv("\ufeffa,b\n1,2").names).toEqual(["a", "b"]);
  });

  test("has something in place of what is missing, if it is said what", () => {
    const csv = parseCsv("day,x\n1,\n2,5\n3,NA\n4,7\n", { missing: ["", "NA"] });
    expect(csv.numbers("x", { missing: 0 })).toEqual(Float64Array.of(0, 5, 0, 7));
    expect(csv.table(["day", "x"], { missing: -1 }).data).toEqual(Float64Array.of(1, -1, 2, 5, 3, -1, 4, 7));
    expect(parseCsv("x\n1\n\n3\n").numbers("x", { missing: "previous" })).toEqual(Float64Array.of(1, 1, 3));
    expect(() => csv.numbers("x")).toThrow(
      'csv row 2, column "x": expected a number, got none — say what stands in',
    );
    expect(() => csv.numbers("x", { missing: "previous" })).toThrow('csv row 2, column "x"');
  });
});

describe("refused is", () => {
  test.each<[string, string, string, CsvOptions?]>([
    ["a row with fewer fields", "a,b\n1,2\n3\n", "csv row 3: expected 2 fields as in row 1, got 1"],
    ["a row with more fields", "a,b\n1,2,3\n", "csv row 2: expected 2 fields as in row 1, got 3"],
    ["an empty line", "a,b\n\n1,2\n", "csv row 2: expected 2 fields"],
    ["a ragged row after a field of two lines", 'a,b\n"1\n1",2\n3\n', "csv row 3"],
    ["a quote that does not close", 'a,b\n1,2\n"3,4\n', "csv row 3: expected fields in which a quote"],
    ["a quote that closes too early", 'a,b\n"1"1,2\n', "csv row 2: expected fields in which a quote"],
    [
      "a name that comes twice",
      "a,b,a\n1,2,3",
      'csv row 1, column 3: expected a name of its own, got "a" again',
    ],
    ["nothing", "", "csv: expected at least one row, got none"],
  ])("%s", (_, text, message) => {
    expect(() => parseCsv(text)).toThrow(FormatError);
    expect(() => parseCsv(text)).toThrow(message);
  });

  test.each(["x", "1,5", "0x10", "1e", "Infinity", "NaN", "1 2", "--1", ".", "1e999", "1_000"])(
    "%j for a number",
    (field) => {
      const csv = parseCsv(`n,m\n1,2\n${quoted(field)},3`);
      expect(() => csv.numbers("n")).toThrow(FormatError);
      expect(() => csv.numbers("n")).toThrow(
        `csv row 3, column "n": expected a number, got ${JSON.stringify(field)}`,
      );
      expect(csv.numbers("m")).toEqual(Float64Array.of(2, 3));
    },
  );

  test("a column or a delimiter that there is not", () => {
    expect(() => parseCsv("a,b\n1,2").texts("c")).toThrow('csv column: expected one of "a", "b", got "c"');
    for (const delimiter of ["", ", ", '"', "\n"])
      expect(() => parseCsv("a", { delimiter })).toThrow(InputError);
  });
});
