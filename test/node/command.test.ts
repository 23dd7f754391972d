/** The command `recurra`, as it is run: files in, files and tables out, and an exit status that says whether checks passed. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../../ts/command/run.js";
import { modelText } from "../../ts/command/text.js";
import { dense, FormatError, features, InputError, load, lstm, model } from "../../ts/index.js";
import { writeSafetensors } from "../../ts/io/safetensors.js";
import { toKerasLayers } from "../../ts/keras/index.js";
import { readTorch, toTorch } from "../../ts/torch/index.js";
import checkpoints from "../golden/torch/checkpoints.json" with { type: "json" };
import { decode } from "../torch/files.js";

const folder = mkdtempSync(join(tmpdir(), "command-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => join(folder, name);
const written = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(at(name), bytes);
  return at(name);
};

const golden = checkpoints.models.find(({ name }) => name === "LSTM")!;
const torchFile = written("lstm.pt", decode(golden.file));
const nested = ({ shape: [rows, steps, width], data }: { shape: number[]; data: number[] }) =>
  Array.from({ length: rows! }, (_, row) =>
    Array.from({ length: steps! }, (_, step) => {
      const from = (row * steps! + step) * width!;
      return data.slice(from, from + width!);
    }),
  );
const sample = { inputs: nested(golden.x), outputs: nested(golden.output) };
const samples = written("samples.json", JSON.stringify([sample]));

describe("convert", () => {
  test("writes the model, and says what it has and how far it is from the samples", async () => {
    const { text, sound } = await run(["convert", torchFile, at("lstm.safetensors"), "--check", samples]);
    expect(sound).toBe(true);
    expect(text.split("\n").slice(0, 5)).toEqual([
      "layer  kind      options                   parameters",
      "-----  --------  ------------------------  ----------",
      "input  features  width 3",
      "0      lstm      units 5, biasHidden true  200",
      "all                                        200",
    ]);
    expect(text).toMatch(/^lstm\.safetensors: recurra, 1,\d+ bytes$/m);
    expect(text).toMatch(
      /^largest difference \S+e-\d at sample 0, row \d, step \d, unit \d, of 40 numbers: within 0\.00001$/m,
    );
    const net = await load(readFileSync(at("lstm.safetensors")));
    expect(net.size).toBe(200);
  });

  test("a difference that is too large is said", async () => {
    const wrong = structuredClone(sample);
    wrong.outputs[1]![2]![3]! += 0.01;
    const file = written("wrong.json", JSON.stringify([sample, wrong]));
    const words = ["convert", torchFile, at("again.pt"), "--check", file];
    const { text, sound } = await run(words);
    expect(sound).toBe(false);
    expect(text).toContain(
      "largest difference 0.0100 at sample 1, row 1, step 2, unit 3, of 80 numbers: not within 0.00001",
    );
    expect((await run([...words, "--tolerance", "0.01"])).sound).toBe(true);
  });

  test("by the format that is asked for, the same bytes as by the library", async () => {
    const net = await model(features(3), lstm(4), dense(2), { seed: 1 });
    const own = written("own.safetensors", net.save());
    await run(["convert", own, at("torch.safetensors"), "--to", "safetensors"]);
    expect(new Uint8Array(readFileSync(at("torch.safetensors")))).toEqual(toTorch(net));
    await run(["convert", at("torch.safetensors"), at("back.bin"), "--from", "safetensors", "--to", "pt"]);
    expect(readTorch(readFileSync(at("back.bin")))).toEqual(
      readTorch(toTorch(await load(net.save()), { file: "pt" })),
    );
  });

  test("a model for Keras, and back", async () => {
    const { text, sound } = await run(["convert", torchFile, at("model.keras"), "--check", samples]);
    expect(sound).toBe(true);
    expect(text).toMatch(/^model\.keras: keras, [\d,]+ bytes$/m);
    const again = await run(["convert", at("model.keras"), at("again.safetensors"), "--check", samples]);
    expect(again.sound).toBe(true);
  });

  test("a model for TensorFlow.js, as a file and what it refers to, or not at all", async () => {
    const { text } = await run(["convert", torchFile, at("model.json"), "--check", samples]);
    const [, weights] = /^(weights-\w{8}\.bin): tfjs, [\d,]+ bytes$/m.exec(text)!;
    expect(text).toMatch(/^model\.json: tfjs, [\d,]+ bytes$/m);
    const words = ["convert", at("model.json"), at("again.safetensors"), "--check", samples];
    expect((await run([...words, "--with", at(weights!)])).sound).toBe(true);

    const before = readFileSync(at("model.json"));
    const other = written("other.safetensors", (await model(features(3), dense(2), { seed: 1 })).save());
    const { files } = toKerasLayers(await load(readFileSync(other)));
    for (const name of files.keys()) mkdirSync(at(name)); // where the weights should be
    await expect(run(["convert", other, at("model.json")])).rejects.toThrow(InputError);
    expect(readFileSync(at("model.json"))).toEqual(before);
    expect((await run([...words, "--with", at(weights!)])).sound).toBe(true);
  });

  test("a model with a function of the caller's is named by its parameters", async () => {
    const net = await model(features(3), (x) => dense(2)(dense(1000)(x)));
    expect(modelText(net).split("\n").slice(2)).toEqual([
      "0.dense                 4,000",
      "1.dense                 2,002",
      "all                     6,002",
    ]);
  });
});

describe("inspect", () => {
  test("says what is in a file", async () => {
    const { text, sound } = await run(["inspect", torchFile]);
    expect(sound).toBe(true);
    expect(text.split("\n")).toEqual([
      "PyTorch file",
      "",
      "layer  kind  options",
      "-----  ----  -------",
      "rnn    lstm",
      "",
      "tensor            numbers  shape",
      "----------------  -------  -------",
      "rnn.weight_ih_l0  F32      [20, 3]",
      "rnn.weight_hh_l0  F32      [20, 5]",
      "rnn.bias_ih_l0    F32      [20]",
      "rnn.bias_hh_l0    F32      [20]",
    ]);
  });

  test("prints nothing that moves the cursor of a terminal", async () => {
    const name = "a\u001b[2J\u202e\nb".padEnd(300, "x");
    const file = written(
      "odd.safetensors",
      writeSafetensors([[name, { dtype: "U8", shape: [], bytes: new Uint8Array(1) }]]),
    );
    const { text } = await run(["inspect", file]);
    expect(text).toContain("a\ufffd[2J\ufffd\ufffdbxxx");
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(150);
  });

  test("an index with the files that are given", async () => {
    const shard = written("part.safetensors", toTorch(await model(features(3), dense(2))));
    const map = { "0.weight": "part.safetensors", "0.bias": "part.safetensors" };
    const index = written("index.json", JSON.stringify({ weight_map: map }));
    expect((await run(["inspect", index, "--with", shard])).text).toContain("linear");
    await expect(run(["inspect", index])).rejects.toThrow("expected one of the files given");
  });
});

describe("is refused:", () => {
  test.each<[string, string[], typeof InputError | typeof FormatError, string]>([
    ["another command", ["train"], InputError, "expected convert IN OUT or inspect FILE, got train"],
    ["a missing file", ["convert", "a"], InputError, "got convert a"],
    ["a file too many", ["inspect", "a", "b"], InputError, "got inspect a b"],
    ["an unknown option", ["inspect", "a", "--run"], InputError, "'--run'"],
    ["a file that is not there", ["inspect", at("nothing")], InputError, "ENOENT"],
    ["a file of no format", ["inspect", samples], FormatError, "expected one of recurra, pt"],
    ["no format to write", ["convert", torchFile, at("x.bin")], InputError, "--to with one of recurra"],
    [
      "an unknown format",
      ["convert", torchFile, at("x.bin"), "--to", "bin"],
      InputError,
      "format: expected recurra",
    ],
    [
      "a tolerance that is none",
      ["convert", torchFile, at("x.pt"), "--tolerance", "much"],
      InputError,
      "--tolerance: expected a number",
    ],
    [
      "samples that are no JSON",
      ["convert", torchFile, at("x.pt"), "--check", torchFile],
      FormatError,
      "expected JSON in UTF-8",
    ],
    [
      "samples of another model",
      [
        "convert",
        torchFile,
        at("never.pt"),
        "--check",
        written("other.json", '[{"inputs":[[1]],"outputs":[[1]]}]'),
      ],
      InputError,
      "predict",
    ],
  ])("%s", async (_, words, kind, message) => {
    await expect(run(words)).rejects.toThrow(kind);
    await expect(run(words)).rejects.toThrow(message);
    expect(readdirSync(folder)).not.toContain("never.pt");
  });
});

describe("as a program", () => {
  const command = (...words: string[]) =>
    spawnSync(process.execPath, ["dist/recurra.js", ...words], { encoding: "utf8" });

  test("lists its options", () => {
    const { status, stdout } = command();
    expect(status).toBe(0);
    expect(stdout).toContain("recurra convert IN OUT");
    expect(command("--help").stdout).toBe(stdout);
  });

  test("its status says whether it could, and whether the check passed", () => {
    expect(command("inspect", torchFile)).toMatchObject({ status: 0, stderr: "" });
    expect(command("convert", torchFile, at("y.pt"), "--check", samples, "--tolerance", "0")).toMatchObject({
      status: 1,
      stderr: "",
    });
    const { status, stdout, stderr } = command("inspect", samples);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/^FormatError: file: expected one of .*\n$/);
  });
});
