/** A model is made from weights alone only where they can be one chain of layers, and no other. */
import { describe, expect, test } from "vitest";
import { FormatError } from "../../ts/index.js";
import { fromTorch } from "../../ts/torch/index.js";
import { modules, shapes, stateOf } from "./files.js";

const { recurrent, linear, norm } = shapes;
type Modules = Record<string, Record<string, number[]>>;

const layersOf = async (state: Modules, options = {}) => {
  const { definition } = await fromTorch(stateOf(modules(state)), options);
  return [definition!.input, ...definition!.layers].map(({ layer, units, width, size }) => [
    layer,
    units ?? width ?? size,
  ]);
};

describe("the order is", () => {
  test.each<[string, Modules, unknown[]]>([
    [
      "that of widths",
      { out: linear(7, 2), rnn: recurrent(4, 3, 5), more: recurrent(3, 5, 7) },
      [
        ["features", 3],
        ["lstm", 5],
        ["gru", 7],
        ["dense", 2],
      ],
    ],
    [
      "that of a module's layers",
      { out: linear(4, 4), rnn: { ...recurrent(4, 4, 4, "_l1"), ...recurrent(4, 3, 4) } },
      [
        ["features", 3],
        ["lstm", 4],
        ["lstm", 4],
        ["dense", 4],
      ],
    ],
    [
      "a table first, and no other",
      { out: { weight: [9, 4] }, table: { weight: [9, 3] }, rnn: recurrent(4, 3, 4) },
      [
        ["tokens", 9],
        ["embedding", 3],
        ["lstm", 4],
        ["dense", 9],
      ],
    ],
  ])("%s", async (_, state, layers) => {
    expect(await layersOf(state)).toEqual(layers);
  });

  test("that of numbers in names", async () => {
    const state = { "l.1": recurrent(4, 4, 4), "l.0": recurrent(1, 4, 4), "l.2": recurrent(3, 4, 4) };
    expect(await layersOf(state)).toEqual([
      ["features", 4],
      ["rnn", 4],
      ["lstm", 4],
      ["gru", 4],
    ]);
  });

  test("that which is given", async () => {
    const state = { b: recurrent(4, 4, 4), a: recurrent(3, 4, 4), c: norm(4) };
    expect(await layersOf(state, { modules: ["b", "c", "a"] })).toEqual([
      ["features", 4],
      ["lstm", 4],
      ["layerNorm", undefined],
      ["gru", 4],
    ]);
  });
});

describe("is refused:", () => {
  test.each<[string, Modules, string]>([
    [
      "several orders",
      { b: recurrent(4, 4, 4), a: recurrent(3, 4, 4) },
      "expected one order of the modules, got several, of a, b",
    ],
    [
      "no order",
      { b: recurrent(4, 3, 4), a: recurrent(3, 5, 6) },
      "expected modules whose widths make a chain",
    ],
    [
      "numbers against the widths",
      { "l.0": recurrent(4, 3, 4), "l.1": linear(5, 6) },
      "modules whose widths make a chain",
    ],
    [
      "two linear maps in a row",
      { a: linear(3, 4), b: linear(4, 5) },
      "expected only one linear map in a row, got a and b",
    ],
    [
      "a module without weights between",
      { "0": recurrent(4, 3, 4), "2": linear(4, 5) },
      "expected the module between 0 and 2, got one without weights",
    ],
    ["nothing", {}, "state_dict: expected weights, got none"],
    ["no units", { a: recurrent(4, 3, 0) }, "state_dict a: expected a module that this library has"],
    ["no numbers to read", { a: recurrent(4, 0, 2) }, "state_dict features: expected a whole number from 1"],
    [
      "a projection to more",
      { a: { weight_ih_l0: [8, 3], weight_hh_l0: [8, 4], weight_hr_l0: [4, 2] } },
      "state_dict lstm.projection: expected at most 2 units, got 4",
    ],
    [
      "weights of other shapes",
      { a: { ...recurrent(4, 3, 2), bias_hh_l0: [7] } },
      "state_dict a: expected lstm with weight_ih [8,3]",
    ],
    [
      "weights of three axes",
      { a: { weight_ih_l0: [8, 3, 1], weight_hh_l0: [8, 2] } },
      "state_dict a: expected lstm with weight_ih [8,3]",
    ],
  ])("%s", async (_, state, message) => {
    await expect(fromTorch(stateOf(modules(state)))).rejects.toThrow(FormatError);
    await expect(fromTorch(stateOf(modules(state)))).rejects.toThrow(message);
  });

  test("a module more than are named", async () => {
    const state = stateOf(modules({ a: recurrent(4, 3, 4), b: linear(4, 2) }));
    await expect(fromTorch(state, { modules: ["a"] })).rejects.toThrow(
      "state_dict b: expected only modules for",
    );
    await expect(fromTorch(state, { modules: ["a", "c"] })).rejects.toThrow(
      "state_dict c: expected a module of this name",
    );
  });

  test("more modules than can be tried, soon", async () => {
    const many = Object.fromEntries([..."abcdefghijklmnop"].map((name) => [name, recurrent(1, 4, 4)]));
    const odd = { ...many, z: recurrent(1, 5, 6) };
    await expect(fromTorch(stateOf(modules(odd)))).rejects.toThrow("modules whose order is soon found");
  });
});
