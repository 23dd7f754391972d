// The race: libraries take turns on one workload, round after round, so that what slows the machine for a while slows all of
// them alike. Each is in a process of its own: none computes on the heap, the compiled code or the worker threads of another,
// and one that falls leaves the others running. Only one of them works at a time.

import { median, quantile } from "../measure.js";
import { Runner } from "./runner.js";

/** @typedef {import("./runner.js").Racer} Racer */

/**
 * Times in milliseconds, the median over the rounds; `ratios`: the median, over the rounds, of our time by the peer's.
 *
 * @typedef {{ id: string, ours: number, peers: Record<string, number>, ratios: Record<string, number> }} Result
 */

/**
 * Why a peer has no figure, or one that cannot be held against the others.
 *
 * @typedef {{ id: string, name: string, text: string }} Note
 */

/** Most that an output, or one of the first losses, may differ from ours. */
export const TOLERANCE = 1e-5;

/** Shortest turn, in milliseconds; at least one run. */
const TURN = 50;

/** @param {readonly number[]} values */
const p99 = (values) => quantile(values, 0.99);

/**
 * Rejects if the outputs or first losses of a peer are not ours. A stream has a second result, of what 99 % of its steps are not
 * slower than.
 *
 * @param {import("./data.js").Written} workload
 * @param {Racer} ours
 * @param {readonly Racer[]} peers
 * @param {{ rounds: number, warmUp?: number }} options `warmUp`: milliseconds that each runs before it is measured, for V8 to
 * compile it for speed
 * @returns {Promise<{ results: Result[], notes: Note[] }>}
 */
export async function race(workload, ours, peers, { rounds, warmUp = 500 }) {
  const { id, kind } = workload;
  /** @type {Note[]} */
  const notes = [];
  const started = [ours, ...peers].map((racer) => new Runner(racer, workload));
  let running = started;

  /**
   * All do something, one after another; a peer that fails leaves the race.
   *
   * @param {(runner: Runner) => Promise<unknown>} act
   */
  const all = async (act) => {
    for (const runner of running) {
      try {
        await act(runner);
      } catch (error) {
        const { name } = runner;
        const text = error instanceof Error ? error.message : String(error);
        if (runner === started[0]) throw new Error(`${id}: ${name} failed: ${text}`);
        notes.push({ id, name, text });
        running = running.filter((other) => other !== runner);
      }
    }
  };

  try {
    await all((runner) => runner.prepare());
    for (const { name, shown, note } of running) {
      if (note) notes.push({ id, name, text: note });
      else requireAgreement(`${id}: ${name} and ${ours.name}`, shown, started[0].shown);
    }
    await all((runner) => runner.turn(warmUp));
    for (let round = 0; round < rounds; round++) {
      await all(async (runner) => runner.turns.push(await runner.turn(TURN)));
    }
  } finally {
    for (const runner of started) runner.close();
  }
  const figures = kind === "stream" ? { "": median, "-p99": p99 } : { "": median };
  const results = Object.entries(figures).map(([suffix, figure]) =>
    resultOf(
      `${id}${suffix}`,
      running.map(({ name, turns }) => [name, turns.map(figure)]),
    ),
  );
  return { results, notes };
}

/**
 * @param {string} id
 * @param {[name: string, rounds: number[]][]} figures ours first
 * @returns {Result}
 */
function resultOf(id, [[, ours], ...peers]) {
  return {
    id,
    ours: median(ours),
    peers: Object.fromEntries(peers.map(([name, rounds]) => [name, median(rounds)])),
    ratios: Object.fromEntries(
      peers.map(([name, rounds]) => [name, median(rounds.map((each, round) => ours[round] / each))]),
    ),
  };
}

/**
 * @param {string} who
 * @param {Float32Array} shown
 * @param {Float32Array} expected
 */
function requireAgreement(who, shown, expected) {
  if (shown.length !== expected.length) {
    throw new Error(`${who} show ${shown.length} and ${expected.length} numbers.`);
  }
  const at = shown.findIndex((value, i) => !(Math.abs(value - expected[i]) <= TOLERANCE));
  if (at >= 0) {
    throw new Error(
      `${who} differ: ${shown[at]} is not ${expected[at]} (number ${at}, tolerance ${TOLERANCE}).`,
    );
  }
}
