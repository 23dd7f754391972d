/** Kernel calls on several threads: the same bits as on one, and no worker that dies takes anything with it. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Address } from "../../ts/engine/address.js";
import type { Engine, SharedCall } from "../../ts/engine/engine.js";
import { type HostWorker, openWorker } from "../../ts/engine/host-worker.js";
import type { Kernels } from "../../ts/engine/kernels.gen.js";
import {
  adam,
  bidirectional,
  crossEntropy,
  dense,
  dropout,
  EngineError,
  embedding,
  encoderDecoder,
  features,
  gru,
  inputs,
  lstm,
  model,
  squaredError,
  tensor,
  tokens,
  translator,
} from "../../ts/index.js";
import { pause } from "../../ts/model/pause.js";
import { createEngine } from "../kernels/engine.js";
import { expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";

vi.mock("../../ts/engine/host-worker.js", { spy: true });
const { openWorker: open } = await vi.importActual<{ openWorker: typeof openWorker }>(
  "../../ts/engine/host-worker.js",
);

/** Has workers opened in another way, until the test ends or `restore` is called. */
function openBy(other: typeof openWorker): void {
  vi.mocked(openWorker).mockImplementation(other);
}

function restore(): void {
  vi.mocked(openWorker).mockReset();
}

afterEach(() => {
  restore();
  vi.restoreAllMocks();
});

/** Enough work that it is shared out. */
const [batch, steps, units] = [24, 16, 64];
const examples = [1, 2].map((seed) => ({
  inputs: tensor(Uint32Array.from(indices(batch * steps, 20, seed)), [batch, steps]),
  targets: tensor(Uint32Array.from(indices(batch * steps, 50, seed + 2)), [batch, steps]),
}));

function network(threads: number) {
  const layers = [
    embedding(units),
    lstm(units, { peepholes: true, recurrentDropout: 0.1 }),
    bidirectional(gru(units)),
    dropout(0.2),
    dense(50),
  ];
  return model(tokens(20), ...layers, { threads, seed: 3 });
}

test("training and prediction give the same bits on one, two, three and eight threads", async () => {
  const results = [];
  for (const threads of [1, 2, 3, 8]) {
    const net = await network(threads);
    const losses = await net.fit(examples, {
      loss: crossEntropy(),
      optimiser: adam(0.01),
      steps: 4,
      seed: 5,
    });
    const { data } = await net.predict(examples[0]!.inputs);
    expect(net.threads).toEqual({ count: threads, reason: undefined });
    results.push({ losses, data, parameters: net.parameters() });
    await net.close();
  }
  const [one, ...others] = results;
  for (const { losses, data, parameters } of others) {
    expect(losses).toEqual(one!.losses);
    expectSameBits(data, one!.data);
    for (const [index, { data }] of parameters.entries()) expectSameBits(data, one!.parameters[index]!.data);
  }
});

test("a kernel is given infinity on two threads as on one: the knee of the squared error", async () => {
  const inputs = tensor(normals(batch * steps * units, 7), [batch, steps, units]);
  const targets = tensor(normals(batch * steps, 8), [batch, steps, 1]);
  const [one, two] = await Promise.all(
    [1, 2].map(async (threads) => {
      const net = await model(features(units), gru(units), dense(1), { threads, seed: 3 });
      const { loss } = await net.fit([{ inputs, targets }], {
        loss: squaredError(),
        optimiser: adam(0.01),
        epochs: 3,
      });
      expect(net.threads.count).toBe(threads);
      await net.close();
      return loss;
    }),
  );
  expect(one![0]).toBeGreaterThan(0.1);
  expect(two).toEqual(one);
});

test("translations give the same bits on two threads, the sources read there too", async () => {
  const [size, sentences] = [2000, 100];
  const run = async (threads: number) => {
    const coder = encoderDecoder({
      encoder: [embedding(units), gru(units)],
      decoder: [embedding(units), gru(units)],
      attention: { look: "after", feed: true },
    });
    const of = inputs({ target: tokens(size), source: tokens(size) });
    const net = await model(of, coder, dense(size), { threads, seed: 3 });
    const sources = Array.from({ length: sentences }, (_, i) => indices(20, size, i));
    const made = translator(net, { start: 0, end: 1, maxLength: 5, batch: 50 });
    const found = await made.translate(sources);
    await net.close();
    return found;
  };
  const one = await run(1);
  expect(openWorker).not.toHaveBeenCalled();
  expect(await run(2)).toEqual(one);
  expect(openWorker).toHaveBeenCalledTimes(2);
});

test("a model's predictions and its training wait for one another", async () => {
  const run = async (threads: number) => {
    const net = await network(threads);
    const training = net.fit(examples, { loss: crossEntropy(), optimiser: adam(0.01), steps: 6 });
    const before = Promise.all(examples.map(({ inputs }) => net.predict(inputs)));
    const stream = (await model(features(2), lstm(3), { threads })).stream();
    stream.step([1, 2]);
    await before;
    await training;
    const { data } = await net.predict(examples[0]!.inputs);
    await net.close();
    return data;
  };
  expectSameBits(await run(3), await run(1));
});

test("workers that were closed are started again", async () => {
  const net = await network(2);
  const { data } = await net.predict(examples[0]!.inputs);
  await net.close();
  expectSameBits((await net.predict(examples[0]!.inputs)).data, data);
  await net.close();
});

test.each([0, -1, 1.5, 65, NaN])("%d threads are refused", async (threads) => {
  await expect(model(features(1), dense(1), { threads })).rejects.toThrow(
    /options.threads: expected a whole number from 1 to 64/,
  );
});

/** A run of kernels over rows, and one of `calls` put in its middle. */
function share(engine: Engine, ...calls: SharedCall<Kernels>[]) {
  const { address } = engine.allocate(2 ** 20, "test");
  const rows = (kernel: "maskEnded") => ({
    kernel,
    operands: {
      ...{ x: address, y: address, lengths: 0 as Address, steps: 1, batch: 1000, stride: 16 },
      ...{ from: 0, to: 1000 },
    },
  });
  const large = { inputs: 1000, panels: 1, xStride: 0 };
  const matmul = {
    kernel: "matmul" as const,
    operands: {
      ...{ x: address, weight: address, quantised: 0, bias: 0, y: address + 2 ** 19 },
      ...{ ...large, from: 0, to: 1000 },
    },
  };
  return engine.share([rows("maskEnded"), matmul, ...calls, rows("maskEnded")])!;
}

describe("a program that is run again and again", () => {
  test.each([2, 4, 8])("never hangs with %i threads", async (threads) => {
    const engine = await createEngine({ memory: 64, threads });
    const programs = Array.from({ length: 20 }, () => share(engine));
    for (let i = 0; i < 500; i++) expect(await programs[i % programs.length]!.run()).toBe(true);
    for (const program of programs) program.release();
    await share(engine).run();
    await engine.close();
  });

  test("is run though memory has grown meanwhile", async () => {
    const engine = await createEngine({ memory: 256, threads: 2 });
    const first = share(engine);
    expect(await first.run()).toBe(true);
    for (let i = 0; i < 50; i++) {
      engine.allocate(2 ** 21, "test");
      const grown = share(engine);
      expect(await grown.run()).toBe(true);
      expect(await first.run()).toBe(true);
      grown.release();
    }
    await engine.close();
  });
});

test.each([2, 4])(
  "a run on %i threads that is aborted ends with the reason, and the next is whole",
  async (threads) => {
    const engine = await createEngine({ memory: 64, threads });
    const [rows, width] = [64, 512];
    const [x, weight, y] = [rows * width, width * width, rows * width].map((count) => {
      const { address } = engine.allocate(count * 4, "test");
      engine.view(address, count).set(normals(count, 1));
      return address;
    });
    const operands = {
      ...{ x: x!, weight: weight!, quantised: 0 as Address, bias: 0 as Address, y: y! },
      ...{ inputs: width, panels: width / 16, xStride: width, from: 0, to: rows },
    };
    engine.call("matmul", operands);
    const expected = engine.view(y!, rows * width).slice();
    const program = engine.share(
      Array.from({ length: 100 }, () => ({ kernel: "matmul" as const, operands })),
    )!;
    expect(await program.run()).toBe(true);
    let aborted = 0;
    for (let turns = 0; turns < 30; turns++) {
      const controller = new AbortController();
      const outcome = program.run(controller.signal).catch((reason: unknown) => reason);
      for (let turn = 0; turn < turns % 10; turn++) await pause();
      controller.abort("enough");
      const ended = await outcome;
      if (ended === "enough")
        aborted += turns % 10 > 0 ? 1 : 0; // in its middle, and not before it began
      else expect(ended).toBe(true);
      if (turns % 3 > 0) continue; // as soon after the one as after the other
      engine.view(y!, rows * width).fill(0);
      expect(await program.run()).toBe(true);
      expectSameBits(engine.view(y!, rows * width), expected);
    }
    expect(aborted).toBeGreaterThan(0);
    await expect(program.run(AbortSignal.abort("before"))).rejects.toBe("before");
    await engine.close();
  },
);

/** A call that no worker comes back from in less than minutes. */
const endless: SharedCall<Kernels> = {
  kernel: "rnnForward",
  operands: {
    ...{
      gates: 0,
      source: 0,
      states: 0,
      results: 0,
      weight: 0,
      quantised: 0,
      lengths: 0,
      activation: 1,
      alpha: 0,
      beta: 0,
    },
    ...{ clip: 0, steps: 0, batch: 0, units: 64, reverse: 0, start: 0, stop: 0xffffffff, from: 0, to: 0 },
  },
};

/** A call that goes past the end of memory. */
const trap: SharedCall<Kernels> = {
  kernel: "zero",
  operands: { to: 0xfffffff0, count: 1024 },
};

describe("when a worker dies, the run is an EngineError and the next one works:", () => {
  async function expectDeath(engine: Engine, message: RegExp, ...calls: SharedCall<Kernels>[]) {
    const healthy = share(engine);
    const dying = calls.length > 0 ? share(engine, ...calls) : healthy;
    const outcome = await dying.run().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(EngineError);
    expect(String(outcome)).toMatch(message);
    restore();
    for (let i = 0; i < 10; i++) expect(await healthy.run()).toBe(true);
    expect(engine.threads.count).toBe(2);
    await engine.close();
  }

  /** Has the workers do something after they have looked a hundred times whether a share is left. */
  function sabotage(what: string) {
    openBy((source) =>
      open(
        `{ const take = Atomics.compareExchange; let n = 0;
           Atomics.compareExchange = (...all) => { if (++n === 2) { ${what} } return take(...all); }; }\n${source}`,
      ),
    );
  }

  test("by a trap", async () => {
    await expectDeath(await createEngine({ memory: 16, threads: 2 }), /RuntimeError/, trap);
  });

  test("by an exception", async () => {
    sabotage('throw new Error("sabotage")');
    await expectDeath(await createEngine({ memory: 16, threads: 2 }), /sabotage/);
  });

  test("by its own end", async () => {
    sabotage('if (typeof close === "function") { close(); throw 0; } else process.exit(7);');
    await expectDeath(await createEngine({ memory: 16, threads: 2 }), /worker \d/);
  });

  test("by being terminated", async () => {
    const opened: HostWorker[] = [];
    openBy((source) => {
      opened.push(open(source));
      return opened.at(-1)!;
    });
    const engine = await createEngine({ memory: 16, threads: 2 });
    await share(engine).run();
    setTimeout(() => void opened[0]!.terminate(false), 20);
    await expectDeath(engine, /worker 0|no answer/, endless);
  });

  test("by never coming back", async () => {
    await expectDeath(await createEngine({ memory: 16, threads: 2 }), /no answer/, endless);
  });
});

test("a model goes on from its last whole step when a worker has died", async () => {
  const options = { loss: crossEntropy(), optimiser: adam(0.01), seed: 1 };
  const straight = await network(2);
  await straight.fit([examples[0]!], { ...options, steps: 1 });
  const net = await network(2);
  await net.fit([examples[0]!], { ...options, steps: 1 });
  await net.close();
  openBy((source) =>
    open(`{ const add = Atomics.add; let n = 0;
            Atomics.add = (...all) => { if (++n === 9) throw new Error("sabotage"); return add(...all); }; }\n${source}`),
  );
  await expect(net.fit(examples, { ...options, steps: 1 })).rejects.toThrow(EngineError);
  restore();
  for (const [index, { data }] of net.parameters().entries()) {
    expectSameBits(data, straight.parameters()[index]!.data);
  }
  const { loss } = await net.fit(examples, { ...options, steps: 1 });
  expect(loss).toEqual((await straight.fit(examples, { ...options, steps: 1 })).loss);
  await net.close();
  await straight.close();
});

test("memory that is used up is told as such, not as a want of workers, and what is given back starts them", async () => {
  const engine = await createEngine({ memory: 16, threads: 2 });
  const program = share(engine);
  const taken = [];
  for (let bytes = 2 ** 20; bytes >= 64; bytes /= 2) {
    try {
      for (;;) taken.push(engine.allocate(bytes, "test"));
    } catch {}
  }
  await expect(program.run()).rejects.toThrow(
    /^(threads|program): expected at most 16 MiB, got a need of 17 MiB/,
  );
  await expect(program.run()).rejects.toThrow(EngineError);
  expect(engine.threads).toEqual({ count: 2, reason: undefined });
  for (const block of taken) engine.release(block);
  expect(await program.run()).toBe(true);
  await engine.close();
});

describe("where the host grants one thread, the reason is told:", () => {
  test("no worker can be started", async () => {
    openBy(() => {
      throw new Error("blocked by policy");
    });
    const net = await network(2);
    await net.predict(examples[0]!.inputs);
    expect(net.threads).toEqual({ count: 1, reason: "no-workers" });
  });

  test("there is no shared memory", async () => {
    const { Memory } = WebAssembly;
    const Denying = class {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared) throw new RangeError("denied");
        // biome-ignore lint/correctness/noConstructorReturn: stands for the host's own
        return new Memory(descriptor);
      }
    };
    vi.spyOn(WebAssembly, "Memory").mockImplementation(Denying as unknown as typeof Memory);
    const net = await model(features(2), lstm(3), { threads: 2 });
    expect(net.threads).toEqual({ count: 1, reason: "memory-denied" });
    expect((await net.predict([[...normals(2, 1)]])).shape).toEqual([1, 1, 3]);
  });
});
