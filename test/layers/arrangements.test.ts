/** Layers arranged: both directions, stacks, shortcuts, and the topologies that come of them. */
import { describe, expect, test } from "vitest";
import {
  activation,
  adam,
  add,
  at,
  bidirectional,
  concat,
  crossEntropy,
  dense,
  embedding,
  features,
  gru,
  InputError,
  last,
  load,
  lstm,
  type Model,
  model,
  multiply,
  residual,
  rnn,
  squaredError,
  stack,
  tensor,
  tokens,
  zeros,
} from "../../ts/index.js";
import { normals } from "../reference/draw.js";

const data = (batch: number, steps: number, width: number) =>
  tensor(Float32Array.from(normals(batch * steps * width, 9)), [batch, steps, width]);

const bits = ({ data }: { data: Float32Array }) => [
  ...new Uint32Array(data.buffer, data.byteOffset, data.length),
];

describe("a bidirectional layer", () => {
  test.each(["concat", "sum", "multiply", "average"] as const)(
    "merges by %s what its two directions give",
    async (merge) => {
      const both = await model(features(3), bidirectional(lstm(5), { merge }), { seed: 3 });
      const parts = await model(features(3), (x) => concat(lstm(5)(x), lstm(5).reversed()(x)), { seed: 3 });
      const x = data(2, 6, 3);
      const merged = await both.predict(x);
      const separate = (await parts.predict(x)).data;
      const combine = {
        sum: (a: number, b: number) => a + b,
        multiply: (a: number, b: number) => a * b,
        average: (a: number, b: number) => (a + b) / 2,
      };
      const expected =
        merge === "concat"
          ? [...separate]
          : Array.from({ length: 2 * 6 * 5 }, (_, i) => {
              const from = Math.floor(i / 5) * 10 + (i % 5);
              return combine[merge](separate[from]!, separate[from + 5]!);
            });
      merged.data.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i]!, 6);
      });
      expect(merged.shape).toEqual([2, 6, merge === "concat" ? 10 : 5]);
    },
  );

  test("begins its way back at each row's own end", async () => {
    const net = await model(features(3), bidirectional(gru(4)));
    const x = data(2, 5, 3);
    const padded = await net.predict(x, { lengths: [5, 3] });
    const alone = await net.predict(tensor(x.data.slice(15, 24), [1, 3, 3]));
    expect(bits({ data: padded.data.slice(40, 64) })).toEqual(bits(alone));
  });

  test("is saved, loaded and trained, and refuses to be streamed", async () => {
    const net = await model(
      features(3),
      bidirectional(lstm(4), { merge: "sum" }),
      residual(rnn(4), activation("tanh")),
      dense(2),
    );
    const again = await load(net.save());
    expect(again.definition).toEqual(net.definition);
    expect(bits(await again.predict(data(1, 4, 3)))).toEqual(bits(await net.predict(data(1, 4, 3))));
    expect(() => net.stream()).toThrow(
      /stream: expected layers that go from the first step to the last, got 0\.bidirectional\.1\.lstm/,
    );
  });

  test.each<[string, () => unknown, RegExp]>([
    [
      "a layer without steps",
      () => bidirectional(dense(3) as never),
      /bidirectional: expected a recurrent layer.*got dense/,
    ],
    [
      "an unknown merge",
      () => bidirectional(rnn(3), { merge: "max" as never }),
      /bidirectional.merge: expected concat, sum, multiply, average, got max/,
    ],
    ["nothing", () => bidirectional(undefined as never), /expected a recurrent layer/],
    ["a residual of nothing", () => residual(), InputError as never],
  ])("of %s is refused", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test("layers of different widths are stacked", async () => {
  const net = await model(features(2), lstm(7), gru(3), rnn(5), dense(1));
  expect((await net.predict(data(3, 4, 2))).shape).toEqual([3, 4, 1]);
});

test("a shortcut must keep its width", async () => {
  await expect(model(features(3), residual(rnn(4)))).rejects.toThrow(InputError);
});

test("final states begin another recurrence: an encoder and a decoder in one model", async () => {
  const net = await model(tokens(6), (x) => {
    const [encoder, decoder] = [lstm(16), lstm(16)];
    const words = embedding(8)(x);
    const { states } = encoder.sequence(words);
    return dense(6)(decoder.sequence(words, states).output);
  });
  const inputs = tensor(
    Uint32Array.from({ length: 40 * 5 }, (_, i) => (i * 7 + ((i * i) % 11)) % 6),
    [40, 5],
  );
  const targets = tensor(
    Uint32Array.from({ length: 40 * 5 }, (_, i) => inputs.data[i - (i % 5) + 4 - (i % 5)]!), // backwards
    [40, 5],
  );
  const { loss: losses } = await net.fit([{ inputs, targets }], {
    loss: crossEntropy(),
    optimiser: adam(0.02),
    epochs: 120,
  });
  expect(losses.at(-1)!).toBeLessThan(0.3);
});

describe("the five topologies", () => {
  const learn = async (net: Model, inputs: ReturnType<typeof data>, targets: ReturnType<typeof data>) => {
    const { loss: losses } = await net.fit([{ inputs, targets }], {
      loss: squaredError(),
      optimiser: adam(0.02),
      epochs: 60,
    });
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    return net.predict(inputs);
  };

  test("one to one: layers without steps, of any depth", async () => {
    const net = await model(
      features(3),
      dense(8),
      activation("tanh"),
      dense(8),
      activation("relu"),
      dense(2),
    );
    expect((await learn(net, data(16, 1, 3), data(16, 1, 2))).shape).toEqual([16, 1, 2]);
  });

  test("one to many: one vector, and each output fed back", async () => {
    const steps = 4;
    const net = await model(features(3), (x) => {
      const [cell, write] = [lstm(12), dense(2)];
      let output = zeros(x, 2);
      let states: readonly ReturnType<typeof at>[] | undefined;
      const outputs = Array.from({ length: steps }, () => {
        const step = cell.sequence(concat(at(x, 0), output), states);
        states = step.states;
        output = write(step.output);
        return output;
      });
      return stack(outputs);
    });
    expect((await learn(net, data(8, 1, 3), data(8, steps, 2))).shape).toEqual([8, steps, 2]);
  });

  test("many to one", async () => {
    const net = await model(features(3), gru(12), last(), dense(2));
    expect((await learn(net, data(8, 5, 3), data(8, 1, 2))).shape).toEqual([8, 1, 2]);
  });

  test("many to many, aligned", async () => {
    const net = await model(features(3), bidirectional(rnn(12)), dense(2));
    expect((await learn(net, data(8, 5, 3), data(8, 5, 2))).shape).toEqual([8, 5, 2]);
  });

  test("many to many, of other lengths: what is read first, what is written after", async () => {
    const net = await model(features(3), (x) => {
      const { states } = gru(12).sequence(x);
      const write = gru(12);
      let state = states;
      const outputs = Array.from({ length: 3 }, () => {
        const step = write.sequence(zeros(x, 1), state);
        state = step.states;
        return step.output;
      });
      return dense(2)(stack(outputs));
    });
    expect((await learn(net, data(8, 5, 3), data(8, 3, 2))).shape).toEqual([8, 3, 2]);
  });
});

test("a state that the next step is multiplied by is a recurrence too", async () => {
  const net = await model(features(2), (x) => {
    const [input, gate] = [dense(4), dense(4)];
    let state = zeros(x, 4);
    const states = Array.from({ length: x.steps }, (_, t) => {
      const open = activation("sigmoid")(gate(at(x, t)));
      state = add(multiply(open, state), input(at(x, t)));
      return state;
    });
    return stack(states);
  });
  expect((await net.predict(data(2, 3, 2))).shape).toEqual([2, 3, 4]);
});
