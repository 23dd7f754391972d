/** Files in a browser: both kinds of storage, and training that is taken up from them. */
import { describe, expect, test } from "vitest";
import {
  adam,
  checkpoints,
  dense,
  EngineError,
  features,
  InputError,
  lstm,
  model,
  resume,
  squaredError,
} from "../../ts/index.js";
import { backends, storage } from "../../ts/platform/browser.js";
import { twoVersions } from "../../ts/platform/versions.js";

const bytes = (...values: number[]) => Uint8Array.from(values);
const kinds = ["the origin private file system", "IndexedDB"].map((kind, i) => [kind, backends[i]!] as const);

describe.each(kinds)("%s", (kind, backend) => {
  test("keeps files apart by name, and between openings", async () => {
    const name = `keeps-${kind.length}`;
    const backing = (await backend(name))!;
    const store = twoVersions(backing);
    await store.remove("a");
    expect(await store.load("a")).toBe(undefined);
    for (const value of [1, 2, 3]) await store.save("a", bytes(value, 0, 255));
    await store.save("b", bytes());
    const again = twoVersions((await backend(name))!);
    expect(await again.load("a")).toEqual(bytes(3, 0, 255));
    expect(await again.load("b")).toEqual(bytes());
    expect(await twoVersions((await backend(`${name}-other`))!).load("a")).toBe(undefined);
    await again.remove("a");
    expect(await store.load("a")).toBe(undefined);
  });

  test("a version that was not written to its end does not count", async () => {
    const backing = (await backend(`cut-${kind.length}`))!;
    const store = twoVersions(backing);
    await store.remove("a");
    await store.save("a", bytes(1));
    await store.save("a", bytes(2));
    for (const name of ["a.0", "a.1"]) {
      const file = (await backing.read(name))!;
      await backing.write(name, file.slice(0, -1));
      expect(await store.load("a")).toEqual(bytes(name === "a.0" ? 2 : 1));
      await backing.write(name, file);
    }
    expect(await store.load("a")).toEqual(bytes(2));
  });
});

test("a training goes on from its checkpoint with the same bits", async () => {
  const make = () => model(features(1), lstm(4), dense(1), { seed: 3 });
  const examples = [1, 2, 3, 4].map((x) => ({ inputs: [[x], [x]], targets: [[x], [2 * x]] }));
  const options = { loss: squaredError(), optimiser: adam(0.1), epochs: 3 };
  const whole = await make();
  await whole.fit(examples, options);

  const store = storage("resumed");
  await store.remove("last.safetensors");
  const keep = checkpoints(store, { every: 5 });
  for await (const { step } of (await make()).train(examples, { ...options, keep })) if (step === 6) break;
  const taken = await make();
  const bytes = (await storage("resumed").load("last.safetensors"))!;
  const { loss } = await taken.fit(examples, { ...options, start: resume(bytes) });
  expect(loss.length).toBe(5);
  expect(taken.parameters()).toEqual(whole.parameters());
});

test("shared bytes are kept too", async () => {
  const store = storage("shared");
  const shared = new Uint8Array(new SharedArrayBuffer(3));
  shared.set([1, 2, 3]);
  await store.save("a", shared);
  expect(await store.load("a")).toEqual(bytes(1, 2, 3));
});

test("what the host refuses is told, and so is a name that is none", async () => {
  expect(() => storage("../up")).toThrow(InputError);
  await expect(storage("runs").save("", bytes())).rejects.toThrow(InputError);
  const full = new DOMException("no room", "QuotaExceededError");
  const { write } = FileSystemWritableFileStream.prototype;
  FileSystemWritableFileStream.prototype.write = () => Promise.reject(full);
  try {
    const store = storage("full");
    const failure = await store.save("a", bytes(1)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EngineError);
    expect(failure).toMatchObject({ where: 'storage "full" "a"', got: "QuotaExceededError: no room" });
  } finally {
    FileSystemWritableFileStream.prototype.write = write;
  }
});
