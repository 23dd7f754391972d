/** The optimisers follow the reference over many steps, on the ranges they are given. */
import { describe, expect, test } from "vitest";
import {
  adadelta,
  adagrad,
  adam,
  adamax,
  adamw,
  lion,
  nadam,
  type Optimiser,
  radam,
  rmsprop,
  sgd,
} from "../../ts/index.js";
import { expectClose, expectSameBits } from "../reference/compare.js";
import { normals } from "../reference/draw.js";
import * as reference from "../reference/optimisers.js";
import { createEngine } from "./engine.js";
import { guarded, type Operands } from "./operands.js";

const engine = await createEngine({ memory: 16 });

const cases: readonly [string, Optimiser, (decays: boolean) => reference.Update][] = [
  ["sgd", sgd(0.1), () => reference.sgd({ rate: 0.1 })],
  ["sgd with momentum", sgd(0.1, { momentum: 0.9 }), () => reference.sgd({ rate: 0.1, momentum: 0.9 })],
  [
    "sgd with Nesterov's momentum and decay",
    sgd(0.05, { momentum: 0.8, nesterov: true, decay: 0.1 }),
    (decays) => reference.sgd({ rate: 0.05, momentum: 0.8, nesterov: true, decay: decays ? 0.1 : 0 }),
  ],
  ["adam", adam(0.01), () => reference.adam({ rate: 0.01 })],
  [
    "adam with other decays and an L2 penalty",
    adam(0.02, { beta1: 0.8, beta2: 0.95, epsilon: 1e-3, decay: 0.1 }),
    (decays) =>
      reference.adam({ rate: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-3, decay: decays ? 0.1 : 0 }),
  ],
  ["adamw", adamw(0.01), (decays) => reference.adamw({ rate: 0.01, decay: decays ? 0.01 : 0 })],
  [
    "adamw with much decay",
    adamw(0.05, { decay: 0.3 }),
    (decays) => reference.adamw({ rate: 0.05, decay: decays ? 0.3 : 0 }),
  ],
  ["adam with AMSGrad", adam(0.01, { amsgrad: true }), () => reference.adam({ rate: 0.01, amsgrad: true })],
  [
    "nadam",
    nadam(0.01, { decay: 0.1 }),
    (decays) => reference.nadam({ rate: 0.01, decay: decays ? 0.1 : 0 }),
  ],
  [
    "radam",
    radam(0.01, { decay: 0.1 }),
    (decays) => reference.radam({ rate: 0.01, decay: decays ? 0.1 : 0 }),
  ],
  [
    "adamax",
    adamax(0.01, { decay: 0.1 }),
    (decays) => reference.adamax({ rate: 0.01, decay: decays ? 0.1 : 0 }),
  ],
  ["rmsprop", rmsprop(0.01), () => reference.rmsprop({ rate: 0.01 })],
  [
    "rmsprop centred, with momentum and decay",
    rmsprop(0.003, { keep: 0.9, momentum: 0.8, centred: true, epsilon: 1e-3, decay: 0.1 }),
    (decays) =>
      reference.rmsprop({
        rate: 0.003,
        keep: 0.9,
        momentum: 0.8,
        centred: true,
        epsilon: 1e-3,
        decay: decays ? 0.1 : 0,
      }),
  ],
  [
    "adagrad",
    adagrad(0.1, { rateDecay: 0.01, initial: 0.1, decay: 0.1 }),
    (decays) => reference.adagrad({ rate: 0.1, rateDecay: 0.01, initial: 0.1, decay: decays ? 0.1 : 0 }),
  ],
  [
    "adadelta",
    adadelta(1, { decay: 0.1 }),
    (decays) => reference.adadelta({ rate: 1, decay: decays ? 0.1 : 0 }),
  ],
  ["lion", lion(0.01, { decay: 0.1 }), (decays) => reference.lion({ rate: 0.01, decay: decays ? 0.1 : 0 })],
];

/** Parameters with the numbers that an optimiser keeps. */
function place(operands: Operands, optimiser: Optimiser, values: Float32Array) {
  const value = operands.output(values);
  const { slots: names, initial = 0 } = optimiser;
  const slots = names.map(() => operands.output(new Float32Array(values.length).fill(initial)));
  /** One step on floats [from, to). */
  function step(
    index: number,
    gradients: Float32Array,
    decays: boolean,
    scale = 1,
    from = 0,
    to = values.length,
  ) {
    const gradient = operands.input(gradients);
    const at = ({ address }: typeof value) => (address + from * 4) as typeof address;
    optimiser.update(
      { engine, value: at(value), gradient: at(gradient), slots: slots.map(at), count: to - from, decays },
      index,
      optimiser.rate as number,
      scale,
    );
  }
  return { value, step };
}

describe.each(cases)("%s", (_, optimiser, update) => {
  test.each([true, false])("follows the reference for 100 steps; decays: %s", (decays) => {
    for (const count of [4, 12, 64]) {
      const start = normals(count, 1);
      const expected = Float64Array.from(start);
      const follow = update(decays);
      guarded(engine, (operands) => {
        const { value, step } = place(operands, optimiser, start);
        for (let index = 0; index < 100; index++) {
          const gradients = normals(count, 2 + index);
          step(index, gradients, decays);
          follow(expected, gradients);
          expectClose(value.floats(), expected, reference.tolerance, `step ${index}`);
        }
      });
    }
  });

  test("counts a gradient `scale` times", () => {
    const gradients = normals(16, 2);
    guarded(engine, (operands) => {
      const scaled = place(operands, optimiser, normals(16, 1));
      scaled.step(0, gradients, true, 0.25);
      const plain = place(operands, optimiser, normals(16, 1));
      plain.step(
        0,
        gradients.map((value) => value / 4),
        true,
      );
      expectSameBits(scaled.value.floats(), plain.value.floats());
    });
  });

  test("writes its range only, with the same bits as all at once", () => {
    const start = normals(64, 1);
    guarded(engine, (operands) => {
      const all = place(operands, optimiser, start);
      const part = place(operands, optimiser, start);
      for (let index = 0; index < 3; index++) {
        const gradients = normals(64, 2 + index);
        all.step(index, gradients, true);
        part.step(index, gradients, true, 1, 20, 48);
        const whole = all.value.floats();
        expectSameBits(
          part.value.floats(),
          start.map((value, i) => (i >= 20 && i < 48 ? whole[i] : value)),
        );
      }
    });
  });

  test("leaves parameters without gradient and decay alone", () => {
    guarded(engine, (operands) => {
      const { value, step } = place(operands, optimiser, normals(16, 1));
      for (let index = 0; index < 3; index++) step(index, new Float32Array(16), false);
      expectSameBits(value.floats(), normals(16, 1));
    });
  });

  test("makes a parameter NaN whose gradient is, and no other", () => {
    guarded(engine, (operands) => {
      const { value, step } = place(operands, optimiser, normals(16, 1));
      const gradients = normals(16, 2);
      gradients[5] = NaN;
      step(0, gradients, true);
      expect([...value.floats()].flatMap((number, i) => (Number.isNaN(number) ? [i] : []))).toEqual([5]);
    });
  });
});
