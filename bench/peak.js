/** The ceiling that the speed of kernels is compared with, measured turn by turn beside them. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { rateResult, repeat, takeTurns } from "./measure.js";

const source = "bench/ceiling.ts";
const wasm = "build/bench/ceiling.wasm";
/** Turns of the loop in one call: some 0.2 ms, short enough for V8 to change to its fast code soon. */
const TURNS = 100_000;

/** @type {Promise<{ flop: number, work: import("./measure.js").Work }> | undefined} */
let loaded;

async function load() {
  if (!existsSync(wasm) || statSync(wasm).mtimeMs < statSync(source).mtimeMs) compile();
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm));
  const { peak, operations } =
    /** @type {{ peak: (turns: number) => number, operations: WebAssembly.Global }} */ (
      /** @type {unknown} */ (instance.exports)
    );
  return { flop: operations.value * TURNS, work: repeat(() => peak(TURNS)) };
}

/** In a process of its own, like every compiler; from bench/, where asc finds no asconfig.json. */
function compile() {
  const options = ["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd"];
  const asc = ["node_modules/assemblyscript/bin/asc.js", "ceiling.ts", "--baseDir", "bench"];
  const { status } = spawnSync(process.execPath, [...asc, "--outFile", `../${wasm}`, ...options], {
    stdio: "inherit",
  });
  if (status !== 0) throw new Error(`asc could not compile ${source}.`);
}

/**
 * The speed of a work that does `flop` floating-point operations each time, in relation to the peak.
 *
 * @param {string} id
 * @param {number} flop
 * @param {import("./measure.js").Work} work
 * @param {number} rounds
 * @param {{ count: number, unit: string }} [counted] what the work makes each time, where that is what its speed is given in
 */
export async function againstPeak(id, flop, work, rounds, counted) {
  loaded ??= load();
  const peak = await loaded;
  const [ceiling, seconds] = await takeTurns([peak.work, work], rounds);
  const ratios = seconds.map((each, round) => ((flop / each) * ceiling[round]) / peak.flop);
  const { count, unit } = counted ?? { count: flop / 1e9, unit: "GFLOP/s" };
  return rateResult(
    id,
    seconds.map((each) => count / each),
    { ratios, of: "peak" },
    unit,
  );
}

/**
 * The peak itself.
 *
 * @param {number} rounds
 */
export async function peakItself(rounds) {
  loaded ??= load();
  const { flop, work } = await loaded;
  const [seconds] = await takeTurns([work], rounds);
  return rateResult(
    "peak",
    seconds.map((each) => flop / each / 1e9),
  );
}
