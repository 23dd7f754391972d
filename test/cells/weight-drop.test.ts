/** Dropped weights: a run with them is a run of another network, whose weights are masked and scaled. */
import { expect, test } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import { createEngine } from "../../ts/engine/create.js";
import { type Layout, panelLayout, readParameter, writeParameter } from "../../ts/graph/parameter.js";
import { crossEntropy, dense, features, gru, lstm, type RecurrentLayer, rnn } from "../../ts/index.js";
import { Network } from "../../ts/model/network.js";
import { unpack } from "../kernels/operands.js";
import { expectClose } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";

const engine = await createEngine({ memory: 32 });
const clock = [17, 4];
const rate = 0.4;
const units = 6;

/** The mask of the use of this number over a weight, elements [row][column]: 0 or 1 / (1 - rate). */
function mask(layout: Layout, stream: number): Float64Array {
  const block = engine.allocate(layout.count * 4 + 64, "test");
  const view = engine.view(block.address, layout.count + 16);
  view.fill(1);
  engine.words.set(clock, block.address / 4 + layout.count);
  const x = block.address;
  const at = (x + layout.count * 4) as Address;
  engine.call("dropout", {
    x,
    y: x,
    clock: at,
    stream,
    rate,
    stride: 16,
    repeat: 0,
    from: 0,
    to: layout.count / 16,
  });
  const { values } = unpack(engine.view(block.address, layout.count), layout);
  engine.release(block);
  return Float64Array.from(values);
}

/** The gradients of all parameters, with the weights given by path. */
function gradients(
  layer: RecurrentLayer,
  weights: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> {
  const network = new Network(engine, features(3), [layer, dense(4)]);
  for (const parameter of network.parameters) writeParameter(engine, parameter, weights.get(parameter.path)!);
  const [batch, steps] = [3, 5];
  const program = network.program({ batch, steps }, crossEntropy(), "train");
  if (program.graph.clock.address !== undefined) engine.words.set(clock, program.graph.clock.address / 4);
  network.begin(program, { batch, steps, values: Float32Array.from(normals(batch * steps * 3, 1)) }, false);
  network.aim(program, { batch, steps, values: [...indices(batch * steps, 4, 2)] });
  program.plan.forward();
  program.plan.backward();
  return new Map(
    network.parameters.map((parameter) => [
      parameter.path,
      readParameter(engine, parameter, parameter.gradient),
    ]),
  );
}

test.each<[string, (weightDrop: number) => RecurrentLayer, Readonly<Record<string, Layout>>]>([
  ["rnn", (weightDrop) => rnn(units, { weightDrop }), { weightHidden: panelLayout(units, 1, units) }],
  ["gru", (weightDrop) => gru(units, { weightDrop }), { weightHidden: panelLayout(units, 3, units) }],
  [
    "gru with the reset first",
    (weightDrop) => gru(units, { resetAfter: false, weightDrop }),
    { weightHidden: panelLayout(units, 2, units), weightCandidate: panelLayout(units, 1, units) },
  ],
  ["lstm", (weightDrop) => lstm(units, { weightDrop }), { weightHidden: panelLayout(units, 4, units) }],
])("a %s", (_, make, layouts) => {
  const shape = new Network(engine, features(3), [make(0), dense(4)]);
  const weights = new Map(
    shape.parameters.map(({ path, layout: { rows, columns } }, index) => [
      path,
      Float32Array.from(normals(rows * columns, 20 + index, 0.5)),
    ]),
  );
  const masks = new Map(
    Object.entries(layouts).map(([name, layout], stream) => [name, mask(layout, stream)]),
  );
  const maskOf = (path: string) => masks.get(path.split(".").at(-1)!);
  const masked = new Map(
    [...weights].map(([path, values]) => [path, values.map((value, i) => value * (maskOf(path)?.[i] ?? 1))]),
  );
  const dropped = gradients(make(rate), weights);
  const expected = gradients(make(0), masked);
  for (const [path, gradient] of expected) {
    const factors = maskOf(path);
    expectClose(
      dropped.get(path)!,
      gradient.map((value, i) => value * (factors?.[i] ?? 1)),
      2e-6,
      path,
    );
    if (factors) expect(factors.filter((factor) => factor === 0).length).toBeGreaterThan(0);
  }
});

test.each([-0.1, 1, NaN])("a share of %d is refused", (weightDrop) => {
  expect(() => lstm(3, { weightDrop })).toThrow(
    /lstm.weightDrop: expected a number from 0 up to, not including, 1/,
  );
});
