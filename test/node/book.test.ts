/** The main job as its users run it: a program of its own that trains, saves, loads, writes and reports. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { load } from "../../ts/index.js";

vi.setConfig({ testTimeout: 30_000 });

const program = fileURLToPath(new URL("../../examples/book.js", import.meta.url));
const sentence = "Call me Ishmael. ";
const tiny = ["--units", "16", "--embedding", "8", "--batch", "4", "--steps", "16"];

let folder: string;
let text: string;
let out: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recurra-"));
  text = join(folder, "ishmael.txt");
  out = join(folder, "models", "book");
  await writeFile(text, sentence.repeat(600));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function start(...options: string[]) {
  const child = spawn(process.execPath, [program, ...options]);
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (part: string) => {
      output[name] += part;
    });
  }
  const end = once(child, "close").then(([code]) => ({ code: code as number | null, ...output }));
  return { child, output, end };
}

function run(...options: string[]) {
  return start("--text", text, "--out", out, ...tiny, ...options).end;
}

test("trains for the time given, saves a model that loads, and ends with one JSON object", async () => {
  const { code, stdout, stderr } = await run("--seconds", "1", "--json");
  expect(code, stderr).toBe(0);
  const result = JSON.parse(stdout);
  const file = join(out, "ishmael.safetensors");
  expect(result).toEqual({
    heldOut: expect.any(Number),
    seconds: expect.any(Number),
    characters: expect.any(Number),
    file,
  });
  expect(result.heldOut).toBeGreaterThan(0);
  expect(result.heldOut).toBeLessThan(Math.log(new Set(sentence).size));
  expect(result.seconds).toBeGreaterThanOrEqual(1);
  expect(result.characters % (4 * 16)).toBe(0);
  expect(stdout.trim()).not.toContain("\n");

  expect(await readdir(out)).toEqual(["ishmael.safetensors"]);
  const net = await load(await readFile(file));
  expect(net.vocabulary?.symbols).toEqual([...new Set(sentence)].sort());
  const { data } = await net.predict(net.vocabulary!.encode(sentence));
  expect(data.every(Number.isFinite)).toBe(true);
});

test("reports in plain lines, one for each tenth, where there is no terminal", async () => {
  const { code, stdout, stderr } = await run("--epochs", "20", "--prompt", "Ishmael");
  expect(code, stderr).toBe(0);
  expect(stderr).toBe("");
  expect(stdout).not.toContain("\u001b");
  expect(stdout).not.toContain("\r");
  const tenths = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
  expect(stdout.match(/^ *\d+ %/gm)?.map(Number.parseFloat)).toEqual(tenths);
  for (const line of [
    /ishmael: 10,200 characters, 10 different$/m,
    /the first 9,180 to train, the last 1,020 held out$/m,
    /^Before training:\n {2}│ Ishmael/m,
    /^After 25 %, held-out loss [\d.]+:\n {2}│ Ishmael/m,
    /^After 50 %, held-out loss [\d.]+:\n {2}│ Ishmael/m,
    /^held-out loss [\d.]+ on [\d,]+ characters\n {2}│ Ishmael/m,
    /loss in nats per character/,
    /┤.*●/,
    /the same bits on 256 held-out characters/,
    /writes the same, and on:\n\nIshmael/,
    /^[\d.]+ µs a character/m,
  ]) {
    expect(stdout).toMatch(line);
  }
});

test("makes the same file from the same seed and epochs, and another from another seed", async () => {
  const files: Buffer[] = [];
  for (const seed of ["3", "3", "4"]) {
    await run("--epochs", "1", "--layers", "2", "--seed", seed);
    files.push(await readFile(join(out, "ishmael.safetensors")));
  }
  expect(files[1]).toEqual(files[0]);
  expect(files[2]).not.toEqual(files[0]);
});

test("begins to write as the book begins when there is no prompt", async () => {
  await writeFile(text, "Ἄνδρα μοι ἔννεπε. ".repeat(200));
  const { code, stdout } = await run("--epochs", "1");
  expect(code).toBe(0);
  expect(stdout).toContain("  │ Ἄνδρα μοι ἔννεπε");
});

// Windows has no signals to send: there, only a console's Ctrl-C reaches the program.
test.skipIf(process.platform === "win32")("ends training at Ctrl-C, with the model saved", async () => {
  const { child, output, end } = start("--text", text, "--out", out, ...tiny, "--seconds", "20", "--json");
  await vi.waitFor(() => expect(output.stderr).toContain("\n 10 %"), 20_000);
  child.kill("SIGINT");
  child.kill("SIGINT"); // as npm does, which passes on what the terminal has sent to both
  const { code, stdout, stderr } = await end;
  expect(code, stderr).toBe(0);
  expect(stderr).toContain("Interrupted after");
  expect(stderr).not.toContain("100 %");
  const { heldOut, characters, file } = JSON.parse(stdout);
  expect(heldOut).toBeLessThan(Math.log(new Set(sentence).size));
  expect(characters).toBeGreaterThan(0);
  await load(await readFile(file));
});

test.each<[string, string[], RegExp]>([
  ["a missing text", ["--text", "missing.txt"], /--text missing\.txt: expected a file of text.* ENOENT/],
  ["a prompt outside the vocabulary", ["--prompt", "Ahab"], /--prompt: expected only the 10 symbols.* "A"/],
  ["an empty prompt", ["--prompt", ""], /--prompt/],
  ["no units", ["--units", "0"], /--units.*a whole number from 1/],
  ["more units than there is memory for", ["--units", "100000"], /parameters: expected at most 1024 MiB/],
  ["a text shorter than a window", ["--steps", "10000"], /windows\.batch: expected at least 40001 symbols/],
  ["half a batch", ["--batch", "0.5"], /--batch.*a whole number from 1/],
  ["a rate of zero", ["--rate", "0"], /--rate.*a number above 0/],
  ["a time that is no number", ["--seconds", "soon"], /--seconds.*a number above 0/],
  ["an unknown option", ["--colour", "9"], /unknown option .--colour./],
])("refuses %s in one line, before anything is written", async (_, options, message) => {
  const { code, stdout, stderr } = await run(...options);
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: [^\n]*\n$/);
  expect(await readdir(folder)).toEqual(["ishmael.txt"]);
});

test.each<[string, string | Buffer, RegExp]>([
  ["an empty text", "", /expected at least one symbol, got none/],
  ["a text in another encoding", Buffer.from("caf\u00e9", "latin1"), /expected a file of text in UTF-8/],
])("refuses %s", async (_, bytes, message) => {
  await writeFile(text, bytes);
  const { code, stderr } = await run();
  expect(code).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: --text [^\n]*\n$/);
});

test("refuses a folder that cannot be made", async () => {
  const { code, stderr } = await run("--out", join(text, "inside"));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: ENOTDIR[^\n]*\n$/);
});

test("explains itself with examples", async () => {
  const { code, stdout } = await start("--help").end;
  expect(code).toBe(0);
  expect(stdout).toContain("Usage: npm start -- [options]");
  expect(stdout).toContain("npm start -- --text notes.txt");
});
