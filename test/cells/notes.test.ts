/** The GRU exactly as the lecture notes write it. */
import { expect, test } from "vitest";
import { readParameter, writeParameter } from "../../ts/graph/parameter.js";
import { features, gru } from "../../ts/index.js";
import { inspect } from "../../ts/model/inspect.js";
import type { Model } from "../../ts/model/model.js";
import { createNetwork } from "../../ts/model/network.js";
import notes from "../golden/notes/gru.json" with { type: "json" };
import { expectClose } from "../reference/compare.js";

test("the reset comes before the product, and the update gate weights the candidate", async () => {
  const { Wc, Wu, Wr, bc, bu, br, x, a, gates } = notes;
  const units = bc.length;
  const inputs = x[0]!.length;
  const network = await createNetwork(
    features(inputs),
    [gru(units, { resetAfter: false, update: "candidate" })],
    {},
  );
  /** The notes' columns are [c, x], a row for each unit; ours are transposed, gates side by side. */
  const block = (weights: readonly number[][][], from: number, count: number) =>
    Array.from({ length: count }, (_, row) =>
      weights.flatMap((gate) => gate.map((unit) => unit[from + row]!)),
    );
  const values: Record<string, number[][]> = {
    weightInput: block([Wr, Wu, Wc], units, inputs),
    weightHidden: block([Wr, Wu], 0, units),
    weightCandidate: block([Wc], 0, units),
    bias: [[...br, ...bu, ...bc]],
  };
  for (const parameter of network.parameters) {
    const rows = values[parameter.path.split(".").at(-1)!]!;
    writeParameter(network.engine, parameter, Float32Array.from(rows.flat()));
    expect(readParameter(network.engine, parameter).length).toBe(rows.flat().length);
  }
  const [layer] = await inspect({ network } as Model, [x], {});
  const steps = (gate: "r" | "u" | "c_tilde") => gates.flatMap((step) => step[gate]);
  expectClose(layer!.gates.reset!.data, steps("r"), 1e-6);
  expectClose(layer!.gates.update!.data, steps("u"), 1e-6);
  expectClose(layer!.gates.candidate!.data, steps("c_tilde"), 1e-6);
  expectClose(layer!.states.hidden!.data, a.flat(), 1e-6);
});
