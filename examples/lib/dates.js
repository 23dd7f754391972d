/** Dates as people write them, and as computers do. */

const months = "january february march april may june july august september october november december".split(
  " ",
);
const weekdays = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

/** @typedef {{ year: number, month: string, at: number, day: number, weekday: string }} Day `at`: the month as a number from 1. */

/** 1 January 1970 to 31 December 2069, so that "70" is 1970 and "69" is 2069. */
export const days = 36_525;

/**
 * The ways to write a date that a model shall know; the day comes before the month wherever both are numbers.
 *
 * @type {readonly ((date: Day) => string)[]}
 */
export const spellings = [
  ({ year, month, day }) => `${day} ${month} ${year}`,
  ({ year, month, day }) => `${month} ${day}, ${year}`,
  ({ year, month, day }) => `${ordinal(day)} of ${month} ${year}`,
  ({ year, month, day }) => `${month} ${ordinal(day)} ${year}`,
  ({ year, month, day }) => `the ${ordinal(day)} day of ${month}, ${year}`,
  ({ year, month, day, weekday }) => `${weekday}, ${day} ${month} ${year}`,
  ({ year, month, day, weekday }) => `${weekday.slice(0, 3)} ${month.slice(0, 3)} ${day} ${year}`,
  ({ year, month, day }) => `${day} ${month.slice(0, 3)} ${year}`,
  ({ year, month, day }) => `${two(day)}-${month.slice(0, 3)}-${two(year)}`,
  ({ year, month, day }) => `${year}, ${month} ${day}`,
  ({ year, at, day }) => `${day}.${at}.${year}`,
  ({ year, at, day }) => `${two(day)}/${two(at)}/${two(year)}`,
  ({ year, at, day }) => `${year}${two(at)}${two(day)}`,
];

/**
 * A day, in one of the spellings and as ISO 8601 writes it.
 *
 * @param {number} number Of the day, from 0.
 * @param {number} spelling
 */
export function dated(number, spelling) {
  const date = new Date(number * 86_400_000);
  const [year, at, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  const spell = spellings[spelling];
  const source = spell({ year, month: months[at - 1], at, day, weekday: weekdays[date.getUTCDay()] });
  return { source, target: `${year}-${two(at)}-${two(day)}` };
}

/** @param {number} number */
function two(number) {
  return `${number % 100}`.padStart(2, "0");
}

/** @param {number} day */
function ordinal(day) {
  const ending = day > 10 && day < 20 ? "th" : (["th", "st", "nd", "rd"][day % 10] ?? "th");
  return `${day}${ending}`;
}
