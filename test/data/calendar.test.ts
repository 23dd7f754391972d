/** Dates become columns as the Gregorian calendar has them. */

import { expect, test } from "vitest";
import { calendar, type DatePart } from "../../ts/data/calendar.js";
import { FormatError } from "../../ts/errors.js";

const parts = ["hour", "weekday", "day", "month", "yearday"] as const;

/** Which of the columns of a part is 1. */
function place(date: string, part: DatePart): number {
  const { data } = calendar([date], { oneHot: [part] });
  expect(data.reduce((a, b) => a + b)).toBe(1);
  return data.indexOf(1);
}

test.each([
  ["0001-01-01", [0, 0, 0, 0, 0]],
  ["1900-03-01", [0, 3, 0, 2, 59]],
  ["1970-01-01", [0, 3, 0, 0, 0]],
  ["2000-02-29T23:59", [23, 1, 28, 1, 59]],
  ["2000-12-31 07:00:00.5", [7, 6, 30, 11, 365]],
  ["2014-12-31", [0, 2, 30, 11, 364]],
])("knows %s", (date, expected) => {
  expect(parts.map((part) => place(date, part))).toEqual(expected);
});

test("goes on by one weekday and one day of the year each day, over leap years and centuries", () => {
  let weekday = 0; // 1 January 1899, a Sunday, follows
  for (const year of [1899, 1900, 1901, 1902, 1903, 1904, 1905]) {
    let yearday = -1;
    const lengths = [31, year === 1904 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if (year === 1899) weekday = 5;
    for (const [month, length] of lengths.entries()) {
      for (let day = 1; day <= length; day++) {
        const date = `${year}-${`${month + 1}`.padStart(2, "0")}-${`${day}`.padStart(2, "0")}`;
        weekday = (weekday + 1) % 7;
        expect([place(date, "weekday"), place(date, "yearday")]).toEqual([weekday, ++yearday]);
      }
    }
  }
});

test("puts what comes round on a circle", () => {
  const { shape, data } = calendar(["2024-01-01T00:00", "2024-01-01T06:00", "2024-01-01T18:00"], {
    cyclic: ["hour"],
  });
  expect(shape).toEqual([3, 2]);
  for (const [i, value] of [1, 0, 0, 1, 0, -1].entries()) expect(data[i]).toBeCloseTo(value, 15);
});

test("puts columns in the order in which they are asked for, those of one hot first", () => {
  const { shape, data } = calendar(["2024-02-03"], { cyclic: ["yearday"], oneHot: ["month", "weekday"] });
  expect(shape).toEqual([1, 12 + 7 + 2]);
  expect([...data.keys()].filter((column) => data[column] === 1)).toEqual([1, 12 + 5]);
});

test.each([
  "2014-02-29",
  "2014-13-01",
  "2014-00-01",
  "2014-04-31",
  "2014-1-1",
  "14-01-01",
  "2014-01-01T24:00",
  "2014-01-01T10:60",
  "31.12.2014",
  "",
])("refuses %j with its place", (date) => {
  expect(() => calendar(["2014-01-01", date], { oneHot: ["day"] })).toThrow(FormatError);
  expect(() => calendar(["2014-01-01", date], { oneHot: ["day"] })).toThrow(
    /^calendar\[1\]: expected a date/,
  );
});

test("needs dates and parts of them", () => {
  expect(() => calendar([], { oneHot: ["day"] })).toThrow("calendar: expected at least one date, got none");
  expect(() => calendar(["2014-01-01"], {})).toThrow(
    "calendar: expected at least one part of the dates, got none",
  );
});
