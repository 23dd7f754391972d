/** What the command's words ask for. */
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import {
  contentsOf,
  formatNameFor,
  formatNames,
  readModel,
  type Sample,
  verify,
  writeModel,
} from "../convert/index.js";
import { FormatError, InputError } from "../errors.js";
import { saveFile } from "../platform/node.js";
import { contentsText, modelText, verificationText } from "./text.js";

const usage = `recurra convert IN OUT    read a model from a file and write it to another
recurra inspect FILE      say what is in a file, without running any of it

  --from FORMAT           the format of IN or FILE; default the one that recognises it
  --to FORMAT             the format of OUT; default by its extension
  --check SAMPLES         a JSON file, a list of { "inputs", "outputs" }: compare with what the model gives
  --tolerance NUMBER      the largest difference that passes, relative to 1 + the size of a number; default 1e-5
  --with FILE             a file that IN refers to; may be given again
  --help

Formats: ${formatNames.join(", ")}. Exit status 1: a check has failed; 2: a file or an option cannot be used.`;

const options = {
  from: { type: "string" },
  to: { type: "string" },
  check: { type: "string" },
  tolerance: { type: "string", default: "1e-5" },
  with: { type: "string", multiple: true, default: [] as string[] },
  help: { type: "boolean", default: false },
} as const;

/** What is to be printed, and whether every check has passed. */
export interface Outcome {
  readonly text: string;
  readonly sound: boolean;
}

/** Does what the words after the command's name say. InputError for words that say nothing, FormatError for bad files. */
export async function run(words: readonly string[]): Promise<Outcome> {
  const { values, positionals } = parsed(words);
  const [command, from, to, more] = positionals;
  if (values.help || command === undefined) return { text: usage, sound: true };
  if (command === "inspect" && from !== undefined && to === undefined) return await inspect(from, values);
  if (command === "convert" && to !== undefined && more === undefined)
    return await convert(from!, to, values);
  throw new InputError({
    where: "recurra",
    expected: "convert IN OUT or inspect FILE",
    got: positionals.join(" "),
    hint: "recurra --help lists all options",
  });
}

function parsed(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true });
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ where: "recurra", expected: "options that --help lists", got, cause });
  }
}

type Values = ReturnType<typeof parsed>["values"];

async function inspect(file: string, values: Values): Promise<Outcome> {
  const contents = await contentsOf(await bytesOf(file), {
    format: values.from,
    files: await filesOf(values),
  });
  return { text: contentsText(contents), sound: true };
}

async function convert(from: string, to: string, values: Values): Promise<Outcome> {
  const format = values.to ?? formatNameFor(to);
  if (format === undefined) {
    throw new InputError({
      where: "recurra convert",
      expected: `--to with one of ${formatNames.join(", ")}`,
      got: `${basename(to)} alone`,
    });
  }
  const tolerance = Number(values.tolerance);
  if (!(tolerance >= 0)) {
    throw new InputError({ where: "--tolerance", expected: "a number from 0", got: values.tolerance });
  }
  const samples = values.check === undefined ? undefined : await samplesOf(values.check);
  const model = await readModel(await bytesOf(from), { format: values.from, files: await filesOf(values) });
  const { bytes, files } = await writeModel(model, format);
  const checked = samples && (await verify(model, samples));
  // The file itself last: it never refers to one that is not there, and what it referred to before stays as it was.
  const all: [path: string, bytes: Uint8Array][] = [...files].map(([name, data]) => [
    join(dirname(to), name),
    data,
  ]);
  all.push([to, bytes]);
  for (const [path, data] of all) await saveFile(path, data);
  const sizes = all
    .toReversed()
    .map(([path, { length }]) => `${basename(path)}: ${format}, ${length.toLocaleString("en")} bytes`);
  const parts = [modelText(model), sizes.join("\n")];
  if (checked) parts.push(verificationText(checked, tolerance));
  return { text: parts.join("\n\n"), sound: !checked || checked.relative <= tolerance };
}

async function bytesOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new InputError({ where: file, expected: "a file that can be read", got, cause });
  }
}

/** The files that another refers to, by their names without folders. */
async function filesOf({ with: files }: Values): Promise<ReadonlyMap<string, Uint8Array>> {
  return new Map(
    await Promise.all(files.map(async (file) => [basename(file), await bytesOf(file)] as const)),
  );
}

async function samplesOf(file: string): Promise<Sample[]> {
  const bytes = await bytesOf(file);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError({ where: file, expected: "JSON in UTF-8", got: "something else", cause });
  }
}
