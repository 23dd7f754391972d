/** Which checkpoints of a training are kept, and when. */
import { expect, test } from "vitest";
import {
  adam,
  type CheckpointOptions,
  checkpoints,
  dense,
  features,
  InputError,
  model,
  resume,
  type Store,
  squaredError,
  type TrainOptions,
  validation,
} from "../../ts/index.js";

const examples = [1, 2, 3, 4, 5].map((x) => ({ inputs: [[x]], targets: [[x]] }));
const make = () => model(features(1), dense(1), { seed: 1 });
const options = { loss: squaredError(), optimiser: adam(0.1) };

/** A store in memory that says what is done with it. */
function memory() {
  const files = new Map<string, Uint8Array>();
  const done: string[] = [];
  const store: Store = {
    async save(name, bytes) {
      done.push(`save ${name}`);
      files.set(name, bytes);
    },
    load: async (name) => files.get(name),
    async remove(name) {
      done.push(`remove ${name}`);
      files.delete(name);
    },
  };
  return { store, files, done };
}

/** How many steps a checkpoint has behind it: what a training for so many steps says. */
async function stepsOf(bytes: Uint8Array): Promise<number> {
  const { loss } = await (await make()).fit(examples, { ...options, steps: 1000, start: resume(bytes) });
  return 1000 - loss.length;
}

/** Trains with these losses of validation, and gives what was done. */
async function run(
  given: CheckpointOptions,
  training: Partial<TrainOptions>,
  losses: readonly number[] = [],
) {
  const { store, files, done } = memory();
  let index = 0;
  const scripted = {
    ...validation(examples),
    async measure() {
      const loss = losses[index++]!;
      return { loss, metrics: {}, score: loss };
    },
  };
  const net = await make();
  await net.fit(examples, {
    ...options,
    ...training,
    ...(losses.length > 0 && { validation: scripted }),
    keep: checkpoints(store, given),
  });
  return { files, done };
}

test("the last is saved after so many steps, and at the end", async () => {
  const { done, files } = await run({ every: 3 }, { steps: 8 });
  expect(done).toEqual(Array(3).fill("save last.safetensors"));
  expect(await stepsOf(files.get("last.safetensors")!)).toBe(8);
  expect((await run({ every: 4 }, { steps: 8 })).done.length).toBe(2);
  expect((await run({ every: 4 }, { epochs: 2 })).done.length).toBe(3);
  expect((await run({}, { epochs: 2 })).done.length).toBe(1);
});

test("the last is saved after each validation, and the best have files of their own", async () => {
  const { done, files } = await run({ best: 2 }, { epochs: 6 }, [5, 3, 4, 4, NaN, 1]);
  const last = "save last.safetensors";
  expect(done).toEqual([
    ...["save best-4.safetensors", last],
    ...["save best-9.safetensors", last],
    ...["save best-14.safetensors", "remove best-4.safetensors", last],
    last,
    last,
    ...["save best-29.safetensors", "remove best-14.safetensors", last],
  ]);
  expect([...files.keys()].sort()).toEqual(["best-29.safetensors", "best-9.safetensors", "last.safetensors"]);
  expect(await stepsOf(files.get("best-9.safetensors")!)).toBe(10);
});

test("a loop that is left saves where it was", async () => {
  const { store, files } = memory();
  const net = await make();
  const keep = checkpoints(store, { every: 4 });
  for await (const { step } of net.train(examples, { ...options, keep, epochs: 3 })) if (step === 5) break;
  expect(await stepsOf(files.get("last.safetensors")!)).toBe(6);
});

test("a store that fails ends training with its error, and the model stays usable", async () => {
  const net = await make();
  const { store } = memory();
  const failing = { ...store, save: () => Promise.reject(new Error("full")) };
  await expect(net.fit(examples, { ...options, keep: checkpoints(failing, { every: 2 }) })).rejects.toThrow(
    "full",
  );
  await net.fit(examples, options);
});

test("saving changes nothing about the training", async () => {
  const [saving, plain] = [await make(), await make()];
  const { loss } = await saving.fit(examples, {
    ...options,
    epochs: 3,
    keep: checkpoints(memory().store, { every: 1 }),
  });
  expect(loss).toEqual((await plain.fit(examples, { ...options, epochs: 3 })).loss);
});

test.each<[string, CheckpointOptions]>([
  ["no steps", { every: 0 }],
  ["half a file", { best: 0.5 }],
])("%s is refused", (_, given) => {
  expect(() => checkpoints(memory().store, given)).toThrow(InputError);
});
