/** A layer in several places of a model stays one layer in its file. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adam,
  bidirectional,
  dense,
  embedding,
  encoderDecoder,
  FormatError,
  features,
  gru,
  inputs,
  type Layer,
  load,
  lstm,
  model,
  quantise,
  residual,
  squaredError,
  tokens,
  wiring,
} from "../../ts/index.js";
import { readSafetensors } from "../../ts/io/safetensors.js";
import { writeSealed } from "../../ts/io/sealed.js";
import { withNumbers, withoutNumbers } from "../../ts/layers/again.js";
import { normals } from "../reference/draw.js";

const x = { shape: [2, 3, 4], data: normals(24, 1) };

describe("a model with one layer in several places", () => {
  const chains: [string, () => readonly Layer[]][] = [
    [
      "one after another",
      () => {
        const twice = dense(4);
        return [twice, lstm(4), twice];
      },
    ],
    [
      "inside of another and beside it",
      () => {
        const twice = lstm(4);
        return [residual(twice, dense(4)), twice, residual(residual(twice))];
      },
    ],
    [
      "in both ways and in one",
      () => {
        const twice = gru(4);
        return [twice, bidirectional(twice, { merge: "sum" })];
      },
    ],
    [
      "at the nodes of a wiring",
      () => {
        const twice = dense(4);
        return [
          twice,
          wiring({
            nodes: [
              { name: "a", of: twice, inputs: ["input"] },
              { name: "b", of: twice, inputs: ["a"] },
            ],
          }),
        ];
      },
    ],
  ];

  test.each(chains)("%s comes out of its file as it was", async (_, layers) => {
    const net = await model(features(4), ...layers(), { seed: 3 });
    const again = await load(net.save());
    expect(again.parameters()).toEqual(net.parameters());
    expect(again.save()).toEqual(net.save());
    expect(await again.predict(x)).toEqual(await net.predict(x));
    const options = { loss: squaredError(), optimiser: adam(0.01), steps: 3 };
    for (const each of [net, again]) await each.fit([{ inputs: x, targets: x }], options);
    expect(again.parameters()).toEqual(net.parameters());
  });

  test("in an encoder and its decoder", async () => {
    const [table, cell] = [embedding(4), gru(4)];
    const net = await model(
      inputs({ target: tokens(5), source: tokens(5) }),
      encoderDecoder({ encoder: [table, cell], decoder: [table, cell] }),
      dense(5),
    );
    expect((await load(net.save())).parameters()).toEqual(net.parameters());
  });

  test("in int8", async () => {
    const twice = dense(4);
    const { model: net } = await quantise(await model(features(4), twice, twice, { seed: 1 }));
    expect(await (await load(net.save())).predict(x)).toEqual(await net.predict(x));
  });
});

test("two layers alike stay two", async () => {
  const net = await model(features(4), dense(4), dense(4));
  expect((await load(net.save())).parameters()).toHaveLength(4);
});

describe("the numbers of layers", () => {
  test("count them by the order in which they end", () => {
    const inner = { layer: "dense", units: 1 };
    const outer = { layer: "residual", of: [inner, inner] };
    expect(withNumbers([outer, inner, outer])).toEqual([
      { layer: "residual", of: [{ layer: "dense", units: 1 }, { again: 0 }] },
      { again: 0 },
      { again: 1 },
    ]);
  });

  test("bring the same objects back, of any tree", () => {
    const { tree } = fc.letrec<{ tree: object[] }>((tie) => ({
      tree: fc.array(
        fc.oneof(
          fc.record({ layer: fc.constant("dense"), units: fc.nat(9) }),
          fc.record({ layer: fc.constant("residual"), of: tie("tree") }),
        ),
        { maxLength: 4 },
      ),
    }));
    fc.assert(
      fc.property(tree, fc.array(fc.nat(99)), (layers, picks) => {
        const shared = [...layers, ...picks.flatMap((pick) => layers[pick % (layers.length || 1)] ?? [])];
        const back = withoutNumbers(JSON.parse(JSON.stringify(withNumbers(shared)))) as object[];
        expect(back).toEqual(shared);
        const places = (list: readonly object[]) => list.map((each) => list.indexOf(each));
        expect(places(back)).toEqual(places(shared));
      }),
    );
  });

  const refused: [string, unknown][] = [
    ["of a later layer", [{ again: 0 }, { layer: "dense" }]],
    ["of the layer that it is in", [{ layer: "residual", of: [{ again: 0 }] }]],
    ["that are none", [{ layer: "dense" }, { again: -1 }]],
    ["between two", [{ layer: "dense" }, { again: 0.5 }]],
    ["that are words", [{ layer: "dense" }, { again: "length" }]],
    ["that are lists", [{ layer: "dense" }, { again: [0] }]],
  ];
  test.each(refused)("%s are refused", (_, definitions) => {
    expect(() => withoutNumbers(definitions)).toThrow("expected the number of an earlier layer");
  });

  test("are not looked for without end", () => {
    const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`);
    expect(withoutNumbers(nested(257))).toEqual(nested(257));
    expect(() => withoutNumbers(nested(258))).toThrow("at most 256 brackets");
    expect(() => withoutNumbers(nested(100_000))).toThrow("at most 256 brackets");
  });

  test("that a file has wrong are the file's error", async () => {
    const { tensors, metadata } = readSafetensors((await model(features(4), dense(4))).save());
    const definition = JSON.parse(metadata.get("definition")!);
    definition.layers.push({ again: 7 });
    const changed = new Map([...metadata].filter(([key]) => key !== "checksum"));
    const bytes = writeSealed([...tensors], changed.set("definition", JSON.stringify(definition)));
    const refused = load(bytes);
    await expect(refused).rejects.toThrow(FormatError);
    await expect(refused).rejects.toThrow(
      "definition.layers: expected the number of an earlier layer, got 7",
    );
  });
});
