/** The short examples as their users run them: programs of their own, each with a score to reach. */

import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 240_000 });

const program = fileURLToPath(new URL("../../examples/run.js", import.meta.url));
const names = [
  "hello",
  "name-and-city",
  "dinner",
  "childrens-book",
  "agreement",
  "adding",
  "vanishing",
  "clipping",
  "births",
  "digits",
  "names",
  "sounds",
  "tasks",
  "translate",
  "tagging",
  "spam",
  "vectors",
  "words",
  "search",
  "scores",
  "spam-vectors",
];

const run = (...options: string[]) =>
  spawnSync(process.execPath, [program, ...options], { encoding: "utf8" });

/** The one JSON object that an example prints; its report goes beside it, in plain lines. */
function scoreOf(name: string, ...options: string[]) {
  const { status, stdout, stderr } = run(name, ...options, "--json");
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/^100 % .*loss [\d.e-]+$/m);
  expect(stderr).not.toContain("\u001b");
  expect(stdout.trimEnd()).not.toContain("\n");
  const { example, seconds, ...score } = JSON.parse(stdout);
  expect(example).toBe(name);
  expect(seconds).toBeGreaterThan(0);
  return score;
}

test("writes hello from its first letter", () => {
  const { written, certainty } = scoreOf("hello");
  expect(written).toBe("hello");
  expect(certainty).toBeGreaterThan(0.95);
});

test("knows a name from a city, as the equations computed by hand do", () => {
  const { accuracy, difference } = scoreOf("name-and-city");
  expect(accuracy).toBe(1);
  expect(difference).toBeLessThan(1e-6);
});

test("rolls the dinners on through two weeks away", () => {
  expect(scoreOf("dinner")).toEqual({ accuracy: 1, away: 3 * 14, found: 3 * 14 });
});

test("writes 10,000 well-formed sentences of a children's book", () => {
  const { sentences, malformed, malformedAtOne } = scoreOf("childrens-book");
  expect(sentences).toBe(10_000);
  expect(malformed).toBe(0);
  expect(malformedAtOne).toBeLessThan(30);
});

test("agrees over 30 words with a GRU and an LSTM, and not with an Elman network", () => {
  const { Elman, GRU, LSTM } = scoreOf("agreement", "--networks", "2");
  expect(GRU).toBeGreaterThanOrEqual(0.99);
  expect(LSTM).toBeGreaterThanOrEqual(0.99);
  expect(Elman).toBeLessThan(0.8);
});

test("adds two of 100 numbers with a GRU and an LSTM, and not with an Elman network", () => {
  const { Elman, GRU, LSTM } = scoreOf("adding", "--length", "100");
  expect(GRU["100"]).toBeLessThan(0.01);
  expect(LSTM["100"]).toBeLessThan(0.01);
  expect(Elman["100"]).toBeGreaterThan(0.14);
  expect(Elman["100"]).toBeLessThan(0.19);
});

test("diverges as it comes and converges with clipped gradients, the same way each time", () => {
  const score = scoreOf("clipping");
  expect(score.free.diverged).toBe(true);
  expect(score.clipped).toMatchObject({ diverged: false, steps: 200 });
  expect(score.clipped.loss).toBeLessThan(0.01);
  expect(scoreOf("clipping")).toEqual(score);
});

test("shows gradients that vanish, and those of an LSTM that do not", () => {
  const { status, stdout } = run("vanishing", "--json");
  expect(status).toBe(0);
  const score = JSON.parse(stdout);
  expect(score.sigmoid.reach).toBeLessThanOrEqual(20);
  expect(score.tanh.reach).toBeLessThan(100);
  expect(score.LSTM.reach).toBe(100);
  expect(score["LSTM 5"].first).toBeGreaterThan(0.01);
});

test("foretells the births of the last year better than the same day last week", () => {
  const { mape, floor } = scoreOf("births");
  expect(floor).toBeCloseTo(4.19, 2);
  expect(mape).toBeLessThanOrEqual(3.5);
});

test("reads 97.5 % of handwritten digits in under four minutes", () => {
  const { accuracy, floor } = scoreOf("digits");
  expect(floor).toBeCloseTo(0.8203, 4);
  expect(accuracy).toBeGreaterThanOrEqual(0.975);
});

test("finds spam with an F1 of 0.93, in messages that it has not learnt from", () => {
  const { f1, floor } = scoreOf("spam", "--networks", "1");
  expect(floor).toBeGreaterThan(0.94);
  expect(f1).toBeGreaterThanOrEqual(0.93);
});

test("tells 84 % of names that it has not learnt", () => {
  const { accuracy, floor } = scoreOf("names");
  expect(floor).toBeGreaterThan(0.78);
  expect(accuracy).toBeGreaterThanOrEqual(0.84);
});

test("copies, reverses and reads dates, 99 % of them without an error; long ones only with attention", () => {
  const { copy, reverse, dates, without, far } = scoreOf("tasks");
  expect(Math.min(copy, reverse, dates)).toBeGreaterThanOrEqual(0.99);
  expect(without.all).toBeLessThan(0.7);
  expect(without.longest).toBeLessThan(10);
  expect(far.letters).toBe(120);
  expect(far.written).toBeGreaterThan(0);
  expect(far.written).toBeLessThanOrEqual(2 * 120 + 10);
});

test("finds the names of the notes' sentence, and more of others with a CRF than without", () => {
  const { notes, part, entity, impossible } = scoreOf("tagging");
  expect(notes).toBe("110110000");
  expect(part.words).toBeGreaterThanOrEqual(0.98);
  expect(part.crf).toBeGreaterThan(0.91);
  expect(entity.crf).toBeGreaterThan(Math.max(0.95, entity.softmax));
  expect(impossible.crf).toBe(0);
});

test("reads the notes' table: the queen, what boy and girl differ by, three groups", () => {
  const { status, stdout } = run("vectors", "--json");
  expect(status).toBe(0);
  const { answer, children, royals, cosine, groups } = JSON.parse(stdout);
  expect(answer).toBe("queen");
  expect(children[0]).toBeCloseTo(-2, 6);
  expect(royals[0]).toBeCloseTo(-1.85, 6);
  expect(cosine).toBeGreaterThan(0.99);
  expect(groups).toEqual(
    expect.arrayContaining([
      ["boy", "king"],
      ["girl", "queen"],
      ["apple", "mango"],
    ]),
  );
});

describe("with files", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "recurra-"));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  test("learns words of a real text, and nothing from its words in random order; saves a map", async () => {
    const map = join(folder, "words.svg");
    const score = scoreOf("words", "--words", "1000000", "--epochs", "4", "--map", map);
    expect(score.loss.lastEpoch).toBeLessThan(score.loss.firstEpoch - 0.01);
    expect(score.correlation.text).toBeGreaterThan(0.6);
    expect(Math.abs(score.correlation.shuffled)).toBeLessThan(0.35);
    expect(Object.keys(score.neighbours).length).toBe(10);
    expect(score.neighbours.three).toContain("four");
    expect(score.neighbours.law).toContain("laws");
    const svg = await readFile(map, "utf8");
    expect(svg.match(/<text /g)).toHaveLength(200);
  });

  test("writes sounds in little time, by length, with attention and without", () => {
    const options = ["--minutes", "0.05", "--units", "16", "--beams", "2", "--words", "3000", "--without"];
    const score = scoreOf("sounds", ...options);
    for (const share of [score.words, score.sounds, score.without]) expect(share).toBeGreaterThan(0);
    expect(Math.max(score.words, score.without)).toBeLessThanOrEqual(1);
  });

  test("translates messages in little time, by length, and draws where it looked", async () => {
    const picture = join(folder, "attention.svg");
    const options = ["--minutes", "0.05", "--units", "16", "--beams", "2", "--picture", picture];
    const { without, attention, groups } = scoreOf("translate", ...options);
    expect(Math.min(without, attention)).toBeGreaterThanOrEqual(0);
    expect(groups.map(({ from }: { from: number }) => from)).toEqual([1, 6, 11, 16, 21]);
    const counts = groups.map(({ sentences }: { sentences: number }) => sentences);
    expect(counts.reduce((sum: number, count: number) => sum + count)).toBe(294);
    expect(await readFile(picture, "utf8")).toContain("fill-opacity");
  });

  test("scores word vectors of a file by pairs and analogies of files", async () => {
    const file = (name: string) => join(folder, name);
    await writeFile(file("vec"), "boy -1 0.1\ngirl 1 0.1\nking -1 0.9\nqueen 1 0.9\n");
    await writeFile(file("pairs"), "boy\tking\t9\nboy\tgirl\t1\nboy\tqueen\t2\nboy\tship\t1\n");
    await writeFile(file("analogies"), ": family\nboy girl king queen\n");
    const files = ["--vectors", file("vec"), "--pairs", file("pairs"), "--analogies", file("analogies")];
    const { status, stdout } = run("scores", ...files, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      correlation: 1,
      pairs: 3,
      missing: 1,
      sections: [{ name: "family", right: 1, asked: 1 }],
    });
  });
});

test("finds the chapters on the law of property by what they mean", () => {
  const { chapters } = scoreOf("search");
  expect(chapters).toHaveLength(8);
  expect(chapters.slice(0, 2)).toEqual(expect.arrayContaining(["89. Fast-Fish and Loose-Fish"]));
});

test("tells spam by counted words and by an LSTM on word vectors, both better than by guessing", () => {
  const { linear, lstm } = scoreOf("spam-vectors", "--epochs", "3");
  expect(linear.f1).toBeGreaterThan(0.9);
  expect(lstm.f1).toBeGreaterThan(0.85);
  expect(Math.min(linear.mcc, lstm.mcc)).toBeGreaterThan(0.8);
});

test("reports on standard output: what it does, how far it is, a plot and the error", () => {
  const { status, stdout, stderr } = run("clipping");
  expect(status).toBe(0);
  expect(stderr).toBe("");
  for (const line of [
    /^Model {5}embedding 16, Elman 32 with relu/,
    /^ 10 % {2}as it comes/,
    /^ {2}│ train step \d+: expected a finite loss and gradient/,
    /^100 % {2}clipped to norm 1/,
    /loss {3}● as it comes {3}○ clipped to norm 1$/,
    /┤.*●/,
    /┤.*○/,
    /^ {2}clipped to norm 1 +200/,
    /^[\d.]+ s$/,
  ]) {
    expect(stdout).toMatch(new RegExp(line, "m"));
  }
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("lists the examples, one line each, when none is named", () => {
  const { status, stdout } = run();
  expect(status).toBe(0);
  expect([...stdout.matchAll(/^ {2}([\w-]+) \[options\] +\w.{20,}$/gm)].map(([, name]) => name)).toEqual(
    names,
  );
});

test.each([
  [["goodbye"], /^error: unknown command 'goodbye'/],
  [["adding", "--length", "1"], /--length.*a whole number from 2/],
  [["agreement", "--networks", "0"], /--networks.*a whole number from 1/],
  [["scores", "--vectors", "package.json"], /word vectors, line 1: expected at least one word/],
  [["scores", "--vectors", "no such file"], /ENOENT/],
])("refuses %j in one line", (options, message) => {
  const { status, stdout, stderr } = run(...options);
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^error: [^\n]*\n$/);
});
