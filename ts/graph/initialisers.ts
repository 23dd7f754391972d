/** How parameters begin. All are drawn from our own generator, so a seed gives the same bits in every runtime. */

import { cos, log } from "../numeric.js";
import type { Initialiser } from "./parameter.js";

const WORDS = 0x100000000;

/** Uniform in ±sqrt(6 / (rows + columns)) (Glorot & Bengio 2010); each of `gates` blocks of columns counts as a matrix. */
export function glorotUniform(gates = 1): Initialiser {
  return (values, { rows, columns }, draw) => {
    values.set(draw.uniform(values.length, Math.sqrt(6 / (rows + columns / gates))));
  };
}

/** Normal with mean 0 and the given standard deviation (Box & Muller 1958). */
export function normal(deviation: number): Initialiser {
  return (values, _layout, draw) => {
    const words = draw.words(2 * values.length);
    for (let i = 0; i < values.length; i++) {
      const radius = Math.sqrt(-2 * log((words[2 * i]! + 1) / WORDS));
      values[i] = radius * cos((2 * Math.PI * words[2 * i + 1]!) / WORDS) * deviation;
    }
  };
}

/** Each of `gates` square blocks of columns is a random orthogonal matrix (Saxe, McClelland & Ganguli 2014). */
export function orthogonal(gates: number): Initialiser {
  return (values, { rows, columns }, draw) => {
    for (let gate = 0; gate < gates; gate++) {
      const { stride, data } = draw.orthogonal(rows);
      for (let row = 0; row < rows; row++) {
        values.set(data.subarray(row * stride, row * stride + rows), row * columns + gate * rows);
      }
    }
  };
}

/** All zero, but `bias` for the units of one of several gates: a forget gate that begins open (Jozefowicz et al. 2015). */
export function openGate(gate: number, bias: number, gates: number): Initialiser {
  return (values) => {
    const units = values.length / gates;
    values.fill(bias, gate * units, (gate + 1) * units);
  };
}

export const zeros: Initialiser = () => {};

export const ones: Initialiser = (values) => {
  values.fill(1);
};
