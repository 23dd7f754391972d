/** Relaxed SIMD where the host has it and it computes right, and the reproducible kernels everywhere else. */
import { afterEach, expect, test, vi } from "vitest";
import {
  adam,
  crossEntropy,
  dense,
  embedding,
  features,
  gru,
  lstm,
  model,
  type PrecisionName,
  quantise,
  tensor,
  tokens,
} from "../../ts/index.js";
import { distance, expectSameBits } from "../reference/compare.js";
import { indices, normals } from "../reference/draw.js";

afterEach(() => {
  vi.restoreAllMocks();
});

const [batch, steps] = [5, 12];
const inputs = tensor(Uint32Array.from(indices(batch * steps, 9, 1)), [batch, steps]);
const targets = tensor(Uint32Array.from(indices(batch * steps, 9, 2)), [batch, steps]);

async function trained(precision?: PrecisionName) {
  const layers = [embedding(13), lstm(33), gru(17), dense(9)];
  const net = await model(tokens(9), ...layers, { seed: 1, threads: 1, ...(precision && { precision }) });
  const { data: before } = await net.predict(inputs);
  await net.fit([{ inputs, targets }], { loss: crossEntropy(), optimiser: adam(0.01), steps: 30 });
  const { data: after } = await net.predict(inputs);
  return { net, before, after };
}

const relaxed = new Uint8Array([
  ...[
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2,
  ],
  ...[253, 15, 253, 128, 2, 11],
]);
const hasRelaxed = WebAssembly.validate(relaxed);

test.runIf(hasRelaxed)(
  "fast gives nearly what reproducible gives, in prediction and in training",
  async () => {
    const [exact, fast] = [await trained(), await trained("fast")];
    expect(exact.net.precision).toEqual({ name: "reproducible", reason: undefined });
    expect(fast.net.precision).toEqual({ name: "fast", reason: undefined });
    expect(distance(fast.before, exact.before)).toBeLessThan(1e-6);
    expect(distance(fast.after, exact.after)).toBeLessThan(1e-3);
  },
);

test.runIf(hasRelaxed)("fast gives a row the same bits in whatever batch, and in a stream", async () => {
  const [rows, units] = [7, 40];
  const net = await model(features(20), lstm(units), { seed: 1, threads: 1, precision: "fast" });
  expect(net.precision.name).toBe("fast");
  const data = Float32Array.from(normals(rows * steps * 20, 3));
  const whole = await net.predict(tensor(data, [rows, steps, 20]));
  for (let row = 0; row < rows; row++) {
    const own = data.subarray(row * steps * 20, (row + 1) * steps * 20);
    const expected = whole.data.subarray(row * steps * units, (row + 1) * steps * units);
    expectSameBits((await net.predict(tensor(own, [1, steps, 20]))).data, expected, `row ${row} alone:`);
    const stream = net.stream();
    for (let step = 0; step < steps; step++) {
      const output = stream.step(own.subarray(step * 20, (step + 1) * 20));
      expectSameBits(
        output,
        expected.subarray(step * units, (step + 1) * units),
        `row ${row}, step ${step}:`,
      );
    }
    stream.close();
  }
});

test.runIf(hasRelaxed)("fast kernels that compute wrong are not used, and the reason is told", async () => {
  const exact = await trained();
  const { Instance } = WebAssembly;
  let broken = true;
  const Wrong = class {
    readonly exports: WebAssembly.Exports;
    constructor(...all: ConstructorParameters<typeof Instance>) {
      const { exports } = new Instance(...all);
      this.exports = broken ? { ...exports, matmul: () => {} } : exports;
      broken = false; // the first instance only: that of the fast kernels
    }
  };
  vi.spyOn(WebAssembly, "Instance").mockImplementation(Wrong as unknown as typeof Instance);
  const fast = await trained("fast");
  expect(fast.net.precision).toEqual({ name: "reproducible", reason: "self-test" });
  expectSameBits(fast.after, exact.after);
});

test.runIf(hasRelaxed)(
  "fast kernels that multiply weights in int8 wrong are not used for these",
  async () => {
    const net = await model(tokens(9), embedding(13), dense(9), { seed: 1, precision: "fast" });
    const { Instance } = WebAssembly;
    let broken = true;
    const Wrong = class {
      readonly exports: WebAssembly.Exports;
      constructor(...all: ConstructorParameters<typeof Instance>) {
        const { exports } = new Instance(...all);
        const trial = broken && "arrangeInt8" in exports;
        this.exports = trial ? { ...exports, matmul: () => {} } : exports;
        if (trial) broken = false; // the first of the kernels of int8 only
      }
    };
    vi.spyOn(WebAssembly, "Instance").mockImplementation(Wrong as unknown as typeof Instance);
    const { model: small } = await quantise(net, { precision: "fast" });
    expect(small.precision).toEqual({ name: "reproducible", reason: "self-test" });
    const { model: other } = await quantise(net);
    expectSameBits((await small.predict(inputs)).data, (await other.predict(inputs)).data);
  },
);

test("a host without relaxed SIMD says so and computes reproducibly", async () => {
  const exact = await trained();
  const validate = WebAssembly.validate.bind(WebAssembly);
  vi.spyOn(WebAssembly, "validate").mockImplementation(
    (bytes) => (bytes as Uint8Array).length !== relaxed.length && validate(bytes),
  );
  const { net, after } = await trained("fast");
  expect(net.precision).toEqual({ name: "reproducible", reason: "no-relaxed-simd" });
  expectSameBits(after, exact.after);
});

test("another precision is refused", async () => {
  await expect(model(tokens(2), embedding(2), { precision: "half" as never })).rejects.toThrow(
    /options.precision: expected "reproducible" or "fast", got half/,
  );
});
