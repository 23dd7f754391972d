/** Dates as numbers that a model can read. */

import { FormatError } from "../errors.js";
import { cos } from "../numeric.js";
import { requireSome } from "./checks.js";
import type { Tensor } from "./tensor.js";

/** Parts of a date that come round again, and after how many of them. */
const cycles = { hour: 24, weekday: 7, day: 31, month: 12, yearday: 366 };

export type DatePart = keyof typeof cycles;

export interface CalendarOptions {
  /** Each in as many columns as it has values, of which one is 1. */
  readonly oneHot?: readonly DatePart[];
  /** Each in two columns, cosine and sine of its turn: the last hour of a day is beside the first. */
  readonly cyclic?: readonly DatePart[];
}

/**
 * Columns for dates of the Gregorian calendar, written as ISO 8601 has them: "2014-12-31", "2014-12-31T23:59", local to
 * whoever wrote them. Weekdays count from Monday, all parts from 0. FormatError, with its place, for what is no date.
 */
export function calendar(dates: readonly string[], options: CalendarOptions): Tensor<Float64Array> {
  const { oneHot = [], cyclic = [] } = options;
  requireSome("calendar", dates, "date");
  requireSome("calendar", [...oneHot, ...cyclic], "part of the dates");
  const width = oneHot.reduce((sum, part) => sum + cycles[part], 0) + 2 * cyclic.length;
  const data = new Float64Array(dates.length * width);
  let at = 0;
  for (const [index, text] of dates.entries()) {
    const date = dateParts(text, `calendar[${index}]`);
    for (const part of oneHot) {
      data[at + date[part]] = 1;
      at += cycles[part];
    }
    for (const part of cyclic) {
      const turn = date[part] / cycles[part];
      data[at++] = cos(2 * Math.PI * turn);
      data[at++] = cos(2 * Math.PI * (turn - 1 / 4));
    }
  }
  return { shape: [dates.length, width], data };
}

const iso = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]([01]\d|2[0-3])(?::[0-5]\d){0,2}(?:\.\d+)?)?$/;

function dateParts(text: string, where: string): Record<DatePart, number> {
  const [year, month, day, hour] =
    iso
      .exec(text)
      ?.slice(1)
      .map((digits) => Number(digits ?? 0)) ?? [];
  const lengths = [31, year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28, 31, 30, 31, 30];
  lengths.push(31, 31, 30, 31, 30, 31);
  if (!(day >= 1 && day <= lengths[month - 1]))
    throw new FormatError({
      where,
      expected: "a date such as 2014-12-31 or 2014-12-31T23:59",
      got: JSON.stringify(text),
    });
  const yearday = lengths.slice(0, month - 1).reduce((sum, length) => sum + length, day - 1);
  const before = year + 399; // full years since a 1 January 400 years or a multiple before year 1, which was a Monday
  const days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  return { hour, weekday: (days + yearday) % 7, day: day - 1, month: month - 1, yearday };
}
