/** The contract of every recurrent layer: what must hold whatever its cell computes. */
import { describe, expect, test } from "vitest";
import { createEngine } from "../../ts/engine/create.js";
import { readParameter, writeParameter } from "../../ts/graph/parameter.js";
import { addressOf } from "../../ts/graph/span.js";
import {
  adam,
  crossEntropy,
  dense,
  features,
  last,
  load,
  lstm,
  model,
  type RecurrentLayer,
  tensor,
} from "../../ts/index.js";
import { readRows } from "../../ts/model/data.js";
import { Network } from "../../ts/model/network.js";
import type { Part } from "../../ts/model/program.js";
import { expectClose } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";
import { variants } from "./variants.js";

const engine = await createEngine({ memory: 128 });
const inputs = 3;

/** A network whose parameters are all drawn, so that zero biases and peepholes do not hide anything. */
function network(...parts: readonly Part[]): Network {
  const made = new Network(engine, features(inputs), parts);
  made.parameters.forEach((parameter, index) => {
    const { rows, columns } = parameter.layout;
    const deviation = parameter.shape.length === 1 ? 0.5 : 1 / Math.sqrt(rows);
    writeParameter(engine, parameter, Float32Array.from(normals(rows * columns, 50 + index, deviation)));
  });
  return made;
}

/** Data [batch][steps][inputs] that depend on the seed. */
function data(batch: number, steps: number, seed = 1): Float32Array {
  return Float32Array.from(normals(batch * steps * inputs, seed));
}

interface Batch {
  readonly batch: number;
  readonly steps: number;
  readonly values: Float32Array;
  readonly lengths?: readonly number[];
}

/** The outputs [batch][steps][width] of batches run one after another, each continuing the one before as told. */
function run(
  net: Network,
  ...batches: readonly (Batch & { readonly continues?: boolean | boolean[] })[]
): Float32Array[] {
  const [{ batch, steps, lengths }] = batches as [Batch];
  const program = net.program({ batch, steps, ragged: lengths !== undefined });
  const outputs = batches.map(({ continues = false, ...samples }) => {
    net.begin(program, samples, continues);
    program.plan.forward();
    program.plan.carry();
    return readRows(engine.floats, program.output, addressOf(program.output.place)).data;
  });
  program.plan.release();
  return outputs;
}

/** The gradients of all parameters, with nothing random; the loss is the mean over the steps that count. */
function gradients(net: Network, samples: Batch, targets: readonly number[]): Map<string, Float32Array> {
  const { batch, steps, lengths } = samples;
  const program = net.program({ batch, steps, ragged: lengths !== undefined }, crossEntropy(), "inspect");
  const region = net.gradients();
  engine.call("zero", { to: region.address, count: net.count });
  net.begin(program, samples, false);
  net.aim(program, { batch, steps, values: targets, lengths });
  program.plan.forward();
  program.plan.backward();
  program.plan.release();
  return new Map(
    net.parameters.map((parameter) => [parameter.path, readParameter(engine, parameter, parameter.gradient)]),
  );
}

function bits(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

function rowsOf({ batch, steps, values }: Batch): Float32Array[] {
  const size = steps * inputs;
  return Array.from({ length: batch }, (_, row) => values.slice(row * size, (row + 1) * size));
}

describe.each(Object.entries(variants))("%s", (_, make) => {
  test.each([1, 3, 4, 5, 8, 13, 64])("with %i units, a stream gives the bits of a batch", async (units) => {
    const net = await model(features(inputs), make(units), dense(2), { seed: units });
    const steps = 9;
    const values = data(1, steps);
    const expected = (await net.predict(tensor(values, [1, steps, inputs]))).data;
    const stream = net.stream();
    for (const _ of [1, 2]) {
      const streamed = Array.from({ length: steps }, (_, t) => [
        ...stream.step(values.subarray(t * inputs, (t + 1) * inputs)),
      ]);
      expect(bits(Float32Array.from(streamed.flat()))).toEqual(bits(expected));
      stream.reset();
    }
  });

  test.each([1, 5, 64])("with %i units, two chunks give the bits of the whole", (units) => {
    const net = network(make(units));
    const { width } = net;
    const [batch, steps] = [3, 5];
    const values = data(batch, 2 * steps);
    const [whole] = run(net, { batch, steps: 2 * steps, values });
    const rows = rowsOf({ batch, steps: 2 * steps, values });
    const part = (from: number) => ({
      batch,
      steps,
      values: Float32Array.from(
        rows.flatMap((row) => [...row.subarray(from * inputs, (from + steps) * inputs)]),
      ),
    });
    const chunks = run(net, part(0), { ...part(steps), continues: true });
    const joined = rows.flatMap((_, row) =>
      chunks.flatMap((chunk) => [...chunk.subarray(row * steps * width, (row + 1) * steps * width)]),
    );
    expect(bits(Float32Array.from(joined))).toEqual(bits(whole!));
  });

  test("each row continues or begins anew by itself", () => {
    const [batch, steps, units] = [4, 3, 5];
    const net = network(make(units));
    const first = { batch, steps, values: data(batch, steps, 2) };
    const second = { batch, steps, values: data(batch, steps, 3) };
    const [, all] = run(net, first, { ...second, continues: true });
    const [, none] = run(net, first, second);
    const [, mixed] = run(net, first, { ...second, continues: [true, false, false, true] });
    const size = steps * net.width;
    for (let row = 0; row < batch; row++) {
      const part = (outputs: Float32Array) => bits(outputs.slice(row * size, (row + 1) * size));
      expect(part(mixed!)).toEqual(part(row % 3 === 0 ? all! : none!));
    }
    expect(bits(all!)).not.toEqual(bits(none!));
  });

  test.each([1, 5, 13])(
    "with %i units, rows of their own length give what each gives alone, and zeros after it",
    (units) => {
      const [batch, steps] = [5, 7];
      const lengths = [3, 7, 0, 1, 5];
      for (const layer of [make(units), make(units).reversed()]) {
        const net = network(layer);
        const values = data(batch, steps);
        rowsOf({ batch, steps, values }).forEach((_, row) => {
          values.fill(NaN, (row * steps + lengths[row]!) * inputs, (row + 1) * steps * inputs);
        });
        const [padded] = run(net, { batch, steps, values, lengths });
        rowsOf({ batch, steps, values }).forEach((row, index) => {
          const length = lengths[index]!;
          const { width } = net;
          const output = padded!.slice(index * steps * width, (index + 1) * steps * width);
          expect(output.subarray(length * width).every((value) => value === 0)).toBe(true);
          if (length === 0) return;
          const [alone] = run(net, { batch: 1, steps: length, values: row.slice(0, length * inputs) });
          expect(bits(output.slice(0, length * width))).toEqual(bits(alone!));
        });
      }
    },
  );

  test("rows of their own length give the gradients that they give alone, whatever stands in the padding", () => {
    const [batch, steps, units, classes] = [4, 6, 5, 3];
    const lengths = [2, 6, 1, 4];
    const counted = 13;
    for (const layer of [make(units), make(units).reversed()]) {
      const net = network(layer, dense(classes));
      const values = data(batch, steps);
      rowsOf({ batch, steps, values }).forEach((_, row) => {
        values.fill(NaN, (row * steps + lengths[row]!) * inputs, (row + 1) * steps * inputs);
      });
      const targets = [...indices(batch * steps, classes, 4)];
      const together = gradients(net, { batch, steps, values, lengths }, targets);
      const sums = new Map([...together].map(([path, { length }]) => [path, new Float64Array(length)]));
      rowsOf({ batch, steps, values }).forEach((row, index) => {
        const length = lengths[index]!;
        const own = targets.slice(index * steps, index * steps + length);
        const alone = gradients(net, { batch: 1, steps: length, values: row.slice(0, length * inputs) }, own);
        for (const [path, sum] of sums) {
          for (const [i, gradient] of alone.get(path)!.entries()) sum[i]! += (gradient * length) / counted;
        }
      });
      for (const [path, sum] of sums) expectClose(together.get(path)!, sum, 2e-5, path);
    }
  });

  test("reversed, it gives the mirror image of what it gives of the mirror image, and the same gradients", () => {
    const [batch, steps, units, classes] = [2, 6, 5, 3];
    const values = data(batch, steps);
    const mirror = <A extends Float32Array | number[]>(values: A, width: number): number[] =>
      Array.from({ length: batch }, (_, row) =>
        Array.from({ length: steps }, (_, t) => {
          const from = (row * steps + steps - 1 - t) * width;
          return [...values.slice(from, from + width)];
        }),
      ).flat(2);
    const layer = make(units);
    const mirrored = Float32Array.from(mirror(values, inputs));
    const net = network(layer);
    const [there] = run(net, { batch, steps, values });
    const [back] = run(network(layer.reversed()), { batch, steps, values: mirrored });
    expect(bits(Float32Array.from(mirror(back!, net.width)))).toEqual(bits(there!));
    expect(layer.reversed().reversed().definition).toEqual({ ...layer.definition, reverse: false });

    const targets = [...indices(batch * steps, classes, 4)];
    const forward = gradients(network(layer, dense(classes)), { batch, steps, values }, targets);
    const backward = gradients(
      network(layer.reversed(), dense(classes)),
      { batch, steps, values: mirrored },
      mirror(targets, 1),
    );
    for (const [path, gradient] of forward) expectClose(backward.get(path)!, gradient, 2e-5, path);
  });

  test("it is saved and loaded", async () => {
    const net = await model(features(inputs), make(6), make(5).reversed(), { seed: 1 });
    const again = await load(net.save());
    expect(again.definition).toEqual(net.definition);
    const x = tensor(data(2, 4), [2, 4, inputs]);
    expect(bits((await again.predict(x)).data)).toEqual(bits((await net.predict(x)).data));
  });

  test("it learns", async () => {
    const net = await model(features(inputs), make(8), dense(2), { seed: 2 });
    const [batch, steps] = [8, 6];
    const values = data(batch, steps);
    const targets = Uint32Array.from({ length: batch * steps }, (_, i) => {
      const before = i % steps === 0 ? 0 : values[(i - 1) * inputs]!;
      return before > 0 ? 1 : 0; // what the first number was a step ago
    });
    const example = {
      inputs: tensor(values, [batch, steps, inputs]),
      targets: tensor(targets, [batch, steps]),
    };
    const { loss: losses } = await net.fit([example], {
      loss: crossEntropy(),
      optimiser: adam(0.03),
      epochs: 120,
    });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! * 0.6);
  });
});

test("a layer that goes backwards refuses to be streamed", async () => {
  for (const make of Object.values(variants)) {
    const layer: RecurrentLayer = make(4).reversed();
    const net = await model(features(inputs), layer);
    expect(() => net.stream()).toThrow(
      /stream: expected layers that go from the first step to the last, got 0\./,
    );
  }
});

test("a projection much narrower than its units begins with what it is given", async () => {
  const decoder = lstm(48, { projection: 3 });
  const net = await model(features(3), (x) => {
    const begin = [dense(3)(last()(x)), dense(48)(last()(x))];
    return decoder.sequence(x, begin).output;
  });
  const x = tensor(data(4, 2), [4, 2, inputs]);
  const together = (await net.predict(x)).data;
  for (let row = 0; row < 4; row++) {
    const alone = await net.predict(tensor(x.data.slice(row * 6, row * 6 + 6), [1, 2, inputs]));
    expect(bits(alone.data)).toEqual(bits(together.slice(row * 6, row * 6 + 6)));
  }
});
