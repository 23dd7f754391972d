/**
 * How the benches measure: works take turns, round after round, so that what slows the machine for a while slows all of
 * them alike, and a work is compared with the one that ran right before it.
 */

/**
 * Does something so many times.
 *
 * @typedef {(times: number) => unknown} Work
 */

/**
 * What a bench says about one case. `p99`: what 99 % of the samples are not worse than. `ratio`: the median, over the
 * rounds, of the case in relation to `of`, which was measured in the same run or is a figure to reach.
 *
 * @typedef {{ id: string, unit: string, median: number, p99: number, ratio: number | null, of: string | null }} Result
 */

/**
 * Options of the command line, for a bench to take or leave.
 *
 * @typedef {{ rounds?: number, seconds?: number }} Options
 */

/** Seconds that every work runs before it is measured: V8 compiles it for speed meanwhile. */
const WARM_UP = 0.1;
/** Shortest turn, in seconds. */
const TURN = 0.005;

/**
 * The seconds that each work takes once, for every round. Turns last equally long, but for the `times` given.
 *
 * @param {readonly Work[]} works
 * @param {number} rounds
 * @param {readonly number[]} [times] how many times each work is done in a turn, without a warm-up
 * @returns {Promise<number[][]>}
 */
export async function takeTurns(works, rounds, times) {
  times ??= await equalTurns(works);
  /** @type {number[][]} */
  const seconds = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      seconds[index].push((await secondsOf(work, times[index])) / times[index]);
    }
  }
  return seconds;
}

/** @param {readonly Work[]} works */
async function equalTurns(works) {
  const seconds = [];
  for (const work of works) {
    let times = 0.5;
    let last = 0;
    for (let spent = 0; spent < WARM_UP; spent += last) {
      times *= 2;
      last = await secondsOf(work, times);
    }
    seconds.push(last / times);
  }
  const turn = Math.max(TURN, ...seconds);
  return seconds.map((each) => Math.max(1, Math.round(turn / each)));
}

/**
 * @param {Work} work
 * @param {number} times
 */
async function secondsOf(work, times) {
  const start = process.hrtime.bigint();
  await work(times);
  return Number(process.hrtime.bigint() - start) / 1e9;
}

/**
 * A work that calls a function again and again.
 *
 * @param {() => void} run
 * @returns {Work}
 */
export function repeat(run) {
  return (times) => {
    for (let i = 0; i < times; i++) run();
  };
}

/**
 * @param {readonly number[]} values
 * @param {number} fraction
 */
export function quantile(values, fraction) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = fraction * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/**
 * The result of a case of which less is better: a time or a size.
 *
 * @param {string} id
 * @param {string} unit
 * @param {readonly number[]} values one for each round
 * @param {{ ratios: readonly number[], of: string }} [compared]
 * @returns {Result}
 */
export function result(id, unit, values, compared) {
  return {
    id,
    unit,
    median: median(values),
    p99: quantile(values, 0.99),
    ratio: compared ? median(compared.ratios) : null,
    of: compared?.of ?? null,
  };
}

/**
 * The result of a case of which more is better: so many in a second.
 *
 * @param {string} id
 * @param {readonly number[]} rates one for each round
 * @param {{ ratios: readonly number[], of: string }} [compared]
 * @param {string} [unit]
 * @returns {Result}
 */
export function rateResult(id, rates, compared, unit = "GFLOP/s") {
  return { ...result(id, unit, rates, compared), p99: quantile(rates, 0.01) };
}
