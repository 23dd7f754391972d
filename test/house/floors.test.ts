/// <reference types="vite/client" />
/** The floors of the house: a file imports from its own floor or from lower ones, never upwards. */
import { expect, test } from "vitest";

const floors = [
  ["errors", "numeric", "random"],
  ["data", "text", "decoding", "io", "engine", "study", "pictures"],
  ["graph", "platform"],
  ["cells", "ops"],
  ["layers", "optimisers"],
  ["model", "training", "metrics", "words", "convert", "torch", "keras", "onnx"],
  ["index", "inference", "progress", "command"],
];

const sources = import.meta.glob<string>("../../ts/**/*.ts", {
  query: "?raw",
  import: "default",
  eager: true,
});

function room(path: string): string {
  return path.split("/")[0]!.replace(/\.[jt]s$/, "");
}

function floor(path: string): number {
  return floors.findIndex((rooms) => rooms.includes(room(path)));
}

const files = Object.entries(sources).map(([path, source]) => ({
  path: path.replace("../../ts/", ""),
  source,
}));

test("every file stands on a floor", () => {
  expect(files.length).toBeGreaterThan(30);
  expect(files.filter(({ path }) => floor(path) < 0).map(({ path }) => path)).toEqual([]);
});

test("no import points upwards", () => {
  const upwards = files.flatMap(({ path, source }) =>
    [...source.matchAll(/from "(\.[^"]+)"/g)]
      .map(([, target]) => new URL(target!, `file:///${path}`).pathname.slice(1))
      .filter((target) => floor(target) > floor(path))
      .map((target) => `${path} imports ${target}`),
  );
  expect(upwards).toEqual([]);
});

test("layers and cells do not know the engine's memory", () => {
  const knowing = files.filter(
    ({ path, source }) => /^(layers)\//.test(path) && /from "\.\.\/engine\/(engine|heap)\.js"/.test(source),
  );
  expect(knowing.map(({ path }) => path)).toEqual([]);
});

test("nothing that touches a number uses Math's transcendental functions, the clock or Math.random", () => {
  const banned =
    /Math\.(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|a?sinh|a?cosh|a?tanh|cbrt|hypot|random)\b|Date\b|\*\*/;
  const code = (source: string) => source.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
  expect(files.filter(({ source }) => banned.test(code(source))).map(({ path }) => path)).toEqual([]);
});
