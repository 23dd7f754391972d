/// <reference types="vite/client" />
/** The README: every example in it runs as it stands. */
import { expect, test, vi } from "vitest";
import readme from "../../README.md?raw";
import * as convert from "../../ts/convert/index.js";
import * as recurra from "../../ts/index.js";
import * as keras from "../../ts/keras/index.js";
import * as onnx from "../../ts/onnx/index.js";
import * as torch from "../../ts/torch/index.js";
import * as words from "../../ts/words/index.js";

/** What examples import. */
const modules = {
  recurra,
  "recurra/convert": convert,
  "recurra/keras": keras,
  "recurra/onnx": onnx,
  "recurra/torch": torch,
  "recurra/words": words,
};

const examples = [...readme.matchAll(/^## (.*)\n[^#]*?```js\n([\s\S]*?)```/gm)].map(([, title, code]) => ({
  title,
  code,
}));

test("the README has examples", () => {
  expect(examples.length).toBe(readme.split("```js").length - 1);
  expect(examples.length).toBeGreaterThan(3);
});

/** Runs an example and gives what it logs. */
async function run(code: string): Promise<unknown[][]> {
  const body = code.replace(/^import (\{[^}]*\}) from "(.*)";$/gm, 'const $1 = modules["$2"];');
  expect(body).not.toMatch(/^import/m);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  try {
    const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
    await new AsyncFunction("modules", body)(modules);
    return log.mock.calls;
  } finally {
    log.mockRestore();
  }
}

test.each(examples)("“$title” runs", async ({ code }) => {
  expect((await run(code!)).length).toBeGreaterThan(0);
});

test("the first example learns its sentence", async () => {
  const logged = await run(examples[0]!.code!);
  expect(logged.at(-1)![0]).toContain("Up helm, up helm! The whale");
  expect(logged.at(-2)![1] as number).toBeLessThan(0.5);
});

test("the example of an encoder and a decoder learns to write backwards", async () => {
  const example = examples.find(({ code }) => code!.includes("encoderDecoder("));
  expect((await run(example!.code!))[0]).toEqual(["cbaa"]);
});

test("the sentence about errors is true", async () => {
  const logged = await run(examples.at(-1)!.code!);
  expect(logged).toEqual([[true, "predict: expected rows of 3 numbers, got rows of 2"]]);
});
