/** From nothing to the first output: what a fresh Node process takes longer than one that does nothing, in milliseconds. */
import { existsSync, writeFileSync } from "node:fs";
import { features, lstm, model } from "../ts/index.js";
import { result, takeTurns } from "./measure.js";
import { runNode } from "./process.js";

const library = "./dist/index.js";
const saved = "build/bench/lstm.safetensors";

const UNITS = 64;
const STEPS = 16;

const predict = `await model.predict({ shape: [1, ${STEPS}, ${UNITS}], data: new Float32Array(${STEPS * UNITS}) });`;

const programs = {
  empty: "",
  lstm: `
    import { features, lstm, model as make } from "${library}";
    const model = await make(features(${UNITS}), lstm(${UNITS}));
    ${predict}`,
  "lstm-load": `
    import { readFileSync } from "node:fs";
    import { load } from "${library}";
    const model = await load(readFileSync("${saved}"));
    ${predict}`,
};

/** @param {import("./measure.js").Options} options */
export default async function cold({ rounds = 25 }) {
  if (!existsSync(library)) throw new Error(`There is no ${library}: run npm run build first.`);
  writeFileSync(saved, (await model(features(UNITS), lstm(UNITS))).save());
  const works = Object.values(programs).map((program) => () => runNode(program));
  const once = works.map(() => 1);
  await takeTurns(works, 2, once); // brings the files into the system's cache
  const [empty, ...others] = await takeTurns(works, rounds, once);

  const [, ...ids] = Object.keys(programs);
  const milliseconds = (/** @type {number[]} */ seconds) => seconds.map((each) => each * 1e3);
  return [
    result("empty", "ms", milliseconds(empty)),
    ...others.map((seconds, index) => {
      const over = seconds.map((each, round) => each - empty[round]);
      const ratios = over.map((each, round) => each / empty[round]);
      return result(ids[index], "ms", milliseconds(over), { ratios, of: "empty" });
    }),
  ];
}
