/** Weights are copied to the places that their layout says, and back. */
import { describe, expect, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { panelLayout } from "../../ts/graph/parameter.js";
import { expectSameBits, expectZeros } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import { createEngine } from "./engine.js";
import { guarded, pack } from "./operands.js";

const engine = await createEngine({ memory: 16 });

describe.each([1, 2, 3, 4])("columns of %i gates", (gates) => {
  test.each([1, 3, 4, 5, 8, 13, 16, 17, 64])("of %i units", (units) => {
    for (const depth of [1, 2, 5]) {
      const layout = panelLayout(depth, gates, units);
      const values = normals(depth * layout.columns, 1);
      guarded(engine, (operands) => {
        const rows = operands.input(Float32Array.from(values));
        const panels = operands.result(layout, new Float32Array(values.length));
        const call = { rows: rows.address, panels: panels.address, gates, units, count: depth, depth };
        engine.call("arrangePanels", { ...call, back: 0 });
        expectSameBits(Float32Array.from(panels.matrix().values), Float32Array.from(values));
        expectZeros(panels.padding());
        const again = operands.output(values.length);
        engine.call("arrangePanels", { ...call, rows: again.address, back: 1 });
        expectSameBits(again.floats(), Float32Array.from(values));
      });
    }
  });
});

test("some rows of panels are copied and the others left alone", () => {
  const layout = panelLayout(7, 2, 5);
  const values = normals(2 * 10, 1);
  guarded(engine, (operands) => {
    const rows = operands.input(Float32Array.from(values));
    const panels = operands.result(layout, new Float32Array(70));
    const third = (panels.address + 3 * 64) as Address;
    engine.call("arrangePanels", {
      rows: rows.address,
      panels: third,
      gates: 2,
      units: 5,
      count: 2,
      depth: 7,
      back: 0,
    });
    const expected = new Float32Array(7 * 10);
    expected.set(values, 3 * 10);
    expect(panels.floats()).toEqual(pack(expected, layout));
  });
});
