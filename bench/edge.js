/** A function on the edge, from nothing to its first answers: milliseconds of processor time in fresh Node processes. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { result } from "./measure.js";
import { runNode } from "./process.js";

const library = "./dist/inference/index.js";
const saved = "examples/edge/model.safetensors";

/** The figure to reach, of the first request. */
const LIMIT = 15;

/** Requests whose median is that of a later one. */
const LATER = 50;

// What the service tells its host on the way is not for us.
const program = `
  import { readFileSync } from "node:fs";
  import { service } from "./examples/edge/service.js";
  const print = console.log;
  console.log = () => {};
  const spent = async (work) => {
    const began = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
  const rows = Array.from({ length: 20 }, (_, step) => Array.from({ length: 8 }, (_, sensor) => ((step * sensor) % 7) / 7));
  const body = JSON.stringify({ rows: [rows] });
  let answer;
  const ask = async () => {
    const response = await answer(new Request("http://localhost/", { method: "POST", body }));
    const { next } = await response.json();
    if (next?.length !== 3) throw new Error("no answer");
  };
  await new Request("http://localhost/", { method: "POST", body }).json(); // the host's own first time
  const start = await spent(async () => {
    const { load } = await import("${library}");
    let loading;
    const bytes = readFileSync("${saved}");
    answer = service((given) => (loading = load(given)), bytes);
    await loading;
  });
  const first = await spent(ask);
  const later = [];
  for (let i = 0; i < ${LATER}; i++) later.push(await spent(ask));
  print(JSON.stringify({ start, first, later: later.sort((a, b) => a - b)[${LATER / 2}] }));`;

/** @param {import("./measure.js").Options} options */
export default async function edge({ rounds = 15 }) {
  if (!existsSync(library)) throw new Error(`There is no ${library}: run npm run build first.`);
  if (!existsSync(saved)) spawnSync(process.execPath, ["examples/edge/train.js"], { stdio: "ignore" });
  /** @type {Record<"start" | "first" | "later", number>[]} */
  const all = Array.from({ length: rounds }, () => JSON.parse(runNode(program)));
  const [start, first, later] = ["start", "first", "later"].map((name) =>
    all.map((each) => each[/** @type {keyof typeof each} */ (name)]),
  );
  return [
    result("import-and-load", "ms", start),
    result("first-request", "ms", first, { ratios: first.map((each) => each / LIMIT), of: "15 ms" }),
    result("later-request", "ms", later),
  ];
}
