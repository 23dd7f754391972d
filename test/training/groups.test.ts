/** Parameters that are trained otherwise than the rest. */
import { expect, test } from "vitest";
import {
  adam,
  adamw,
  crossEntropy,
  dense,
  embedding,
  type Group,
  lstm,
  type Model,
  model,
  sgd,
  type TrainOptions,
  tokens,
} from "../../ts/index.js";

const examples = [{ inputs: [[1, 2, 3, 4]], targets: [[2, 3, 4, 5]] }];
const make = () => model(tokens(8), embedding(5), lstm(6), lstm(4), dense(8), { seed: 1 });

/** How far each parameter goes in a step. */
async function moves(options: Partial<TrainOptions>): Promise<Map<string, number[]>> {
  const net = await make();
  const before = net.parameters();
  await net.fit(examples, { loss: crossEntropy(), optimiser: sgd(1), ...options });
  return new Map(
    net.parameters().map(({ path, data }, p) => [path, [...data].map((x, i) => x - before[p]!.data[i]!)]),
  );
}

function pathsOf(net: Model): string[] {
  return net.parameters().map(({ path }) => path);
}

test.each<[string, string | string[], string[]]>([
  ["a path", "1.lstm.weightHidden", ["1.lstm.weightHidden"]],
  ["the path of a layer", "2.lstm", ["2.lstm.weightInput", "2.lstm.weightHidden", "2.lstm.bias"]],
  ["a star", "*.bias", ["1.lstm.bias", "2.lstm.bias", "3.dense.bias"]],
  ["several patterns", ["0.embedding", "3.dense.weight"], ["0.embedding.weight", "3.dense.weight"]],
  ["a star for anything", "*", pathsOf(await make())],
])("%s freezes what it names and nothing else", async (_, parameters, frozen) => {
  const moved = await moves({ groups: [{ parameters, rate: 0 }] });
  const still = [...moved].flatMap(([path, by]) => (by.every((x) => x === 0) ? [path] : []));
  expect(still).toEqual(frozen);
});

test("a rate of a group is a factor, and the last group of a parameter holds", async () => {
  const groups: Group[] = [
    { parameters: "*.lstm", rate: 0 },
    { parameters: "1", rate: 0.25 },
  ];
  const [plain, grouped] = [await moves({}), await moves({ groups })];
  for (const [path, by] of plain) {
    const factor = path.startsWith("1.") ? 0.25 : path.startsWith("2.") ? 0 : 1;
    for (const [i, x] of grouped.get(path)!.entries()) expect(x, path).toBeCloseTo(by[i]! * factor, 6);
  }
});

test("weight decay can be given to biases and taken from matrices", async () => {
  const groups = [
    { parameters: "*.bias", decays: true },
    { parameters: "0", decays: false },
  ];
  const net = await make();
  const initial = net.parameters();
  const [plain, decayed] = [
    await moves({ optimiser: adamw(0.01, { decay: 0 }) }),
    await moves({ optimiser: adamw(0.01, { decay: 0.5 }), groups }),
  ];
  for (const { path, data } of initial) {
    const by = decayed.get(path)!.map((x, i) => plain.get(path)![i]! - x);
    for (const [i, x] of by.entries())
      expect(x, path).toBeCloseTo(path.startsWith("0.") ? 0 : data[i]! * 0.005, 6);
  }
});

test("what is frozen counts for no norm", async () => {
  const norms: number[] = [];
  for (const groups of [[], [{ parameters: "*.lstm", rate: 0 }]]) {
    const net = await make();
    for await (const { gradientNorm } of net.train(examples, {
      loss: crossEntropy(),
      optimiser: sgd(1),
      groups,
    })) {
      norms.push(gradientNorm);
    }
  }
  const all = [...(await moves({}))];
  const length = (paths: typeof all) =>
    Math.sqrt(paths.flatMap(([, by]) => by).reduce((sum, x) => sum + x * x, 0));
  expect(norms[0]).toBeCloseTo(length(all), 5);
  expect(norms[1]).toBeCloseTo(length(all.filter(([path]) => !path.includes("lstm"))), 5);
});

test("groups without a difference give the bits of none", async () => {
  const [a, b] = [await make(), await make()];
  const options = { loss: crossEntropy(), optimiser: adam(0.01), epochs: 3 };
  await a.fit(examples, options);
  await b.fit(examples, { ...options, groups: [{ parameters: "*.lstm", rate: 1 }] });
  expect(a.parameters()).toEqual(b.parameters());
});

test.each<[string, Group, RegExp]>([
  [
    "a pattern that fits nothing",
    { parameters: "1.gru" },
    /train.groups\[0\].parameters: expected a pattern of 0.embedding.weight, .*, got "1.gru"/,
  ],
  ["a part of a name", { parameters: "1.lstm.weight" }, /got "1.lstm.weight"/],
  ["a dot for any letter", { parameters: "1xlstm" }, /got "1xlstm"/],
  ["a negative rate", { parameters: "*", rate: -1 }, /train.groups\[0\].rate/],
])("%s is refused", async (_, group, message) => {
  const net = await make();
  const options = { loss: crossEntropy(), optimiser: sgd(1), groups: [group] };
  await expect(net.fit(examples, options)).rejects.toThrow(message);
});
