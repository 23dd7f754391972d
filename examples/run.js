/** Runs one of the short examples: `npm run example -- NAME`. */

import { Command } from "commander";
import { RecurraError } from "recurra";
import * as adding from "./adding.js";
import * as agreement from "./agreement.js";
import * as births from "./births.js";
import * as childrensBook from "./childrens-book.js";
import * as clipping from "./clipping.js";
import * as digits from "./digits.js";
import * as dinner from "./dinner.js";
import * as hello from "./hello.js";
import { screenOf } from "./lib/terminal.js";
import * as nameAndCity from "./name-and-city.js";
import * as names from "./names.js";
import * as scores from "./scores.js";
import * as search from "./search.js";
import * as sounds from "./sounds.js";
import * as spam from "./spam.js";
import * as spamVectors from "./spam-vectors.js";
import * as tagging from "./tagging.js";
import * as tasks from "./tasks.js";
import * as translate from "./translate.js";
import * as vanishing from "./vanishing.js";
import * as vectors from "./vectors.js";
import * as words from "./words.js";

/** @import { Option } from "commander" */
/** @import { Screen } from "./lib/terminal.js" */

/**
 * @typedef {object} Example
 * @property {string} about
 * @property {readonly Option[]} [options]
 * @property {(screen: Screen, options: any) => Promise<object>} default Gives the score.
 */

/** @type {Record<string, Example>} */
const examples = {
  hello,
  "name-and-city": nameAndCity,
  dinner,
  "childrens-book": childrensBook,
  agreement,
  adding,
  vanishing,
  clipping,
  births,
  digits,
  names,
  sounds,
  tasks,
  translate,
  tagging,
  spam,
  vectors,
  words,
  search,
  scores,
  "spam-vectors": spamVectors,
};

const program = new Command("npm run example --")
  .description("Trains small networks in seconds and shows what they have learned.")
  .helpCommand(false);
for (const [name, { about, options = [], default: run }] of Object.entries(examples)) {
  const command = program.command(name).description(about);
  for (const option of options) command.addOption(option);
  command.option(
    "--json",
    "print the score as a JSON object on standard output, the report on standard error",
  );
  command.action(async ({ json, ...given }) => {
    const out = json ? process.stderr : process.stdout;
    out.on("error", () => process.exit(1)); // nobody reads any longer
    const began = performance.now();
    const score = await run(screenOf(out), given).catch((error) => {
      if (error instanceof RecurraError || error.code === "ENOENT") command.error(`error: ${error.message}`);
      throw error;
    });
    const seconds = (performance.now() - began) / 1000;
    out.write(`\n${seconds.toFixed(1)} s\n`);
    if (json) console.log(JSON.stringify({ example: name, ...score, seconds }));
  });
}
if (process.argv.length === 2) program.outputHelp();
else await program.parseAsync();
