/** Long short-term memory over a whole sequence, and backpropagation through all of its steps. */
import { add, type Matrix, matrix, rowsOf } from "./matrix.js";
import { product, productGradients } from "./product.js";

/** Relative distance that states and gradients of float32 may be off. */
export const tolerance = 2e-6;

/** Columns are [gate][unit], gates in the order input, forget, candidate, output. */
export interface LstmWeights {
  /** [inputs, 4 units] */
  readonly input: Matrix;
  /** [units, 4 units] */
  readonly hidden: Matrix;
  /** [4 units] */
  readonly bias: ArrayLike<number>;
}

/** One row of each state for each row of the batch. */
export interface LstmState {
  readonly hidden: Matrix;
  readonly cells: Matrix;
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** x [steps][batch] rows of inputs. `backward` takes the gradients of all hidden states and of the last state. */
export function lstm(x: Matrix, weights: LstmWeights, initial: LstmState) {
  const { rows: batch, columns: units } = initial.hidden;
  const steps = x.rows / batch;
  const hidden = matrix(x.rows, units);
  const cells = matrix(x.rows, units);
  const gates = matrix(x.rows, 4 * units);
  const at = (states: Matrix, before: Matrix, t: number) =>
    t < 0 ? before : rowsOf(states, t * batch, (t + 1) * batch);

  for (let t = 0; t < steps; t++) {
    const sums = add(
      product(at(x, x, t), weights.input, weights.bias),
      product(at(hidden, initial.hidden, t - 1), weights.hidden),
    );
    const previous = at(cells, initial.cells, t - 1);
    for (let row = 0; row < batch; row++) {
      for (let unit = 0; unit < units; unit++) {
        const sum = (gate: number) => sums.values[row * 4 * units + gate * units + unit];
        const i = sigmoid(sum(0));
        const f = sigmoid(sum(1));
        const g = Math.tanh(sum(2));
        const o = sigmoid(sum(3));
        const c = f * previous.values[row * units + unit] + i * g;
        const place = (t * batch + row) * units + unit;
        cells.values[place] = c;
        hidden.values[place] = o * Math.tanh(c);
        [i, f, g, o].forEach((value, gate) => {
          gates.values[((t * batch + row) * 4 + gate) * units + unit] = value;
        });
      }
    }
  }

  function backward(dHidden: Matrix, dLast?: LstmState) {
    const dSums = matrix(x.rows, 4 * units);
    let dInput = matrix(weights.input.rows, 4 * units);
    let dRecurrent = matrix(units, 4 * units);
    let dBias = matrix(1, 4 * units);
    const dx = matrix(x.rows, x.columns);
    let dh = dLast?.hidden ?? matrix(batch, units);
    const dc = matrix(batch, units, dLast?.cells.values);
    for (let t = steps - 1; t >= 0; t--) {
      dh = add(dh, at(dHidden, dHidden, t));
      const previous = at(cells, initial.cells, t - 1);
      for (let row = 0; row < batch; row++) {
        for (let unit = 0; unit < units; unit++) {
          const place = (gate: number) => ((t * batch + row) * 4 + gate) * units + unit;
          const [i, f, g, o] = [0, 1, 2, 3].map((gate) => gates.values[place(gate)]);
          const squashed = Math.tanh(cells.values[(t * batch + row) * units + unit]);
          const k = row * units + unit;
          const dCell = dc.values[k] + dh.values[k] * o * (1 - squashed * squashed);
          dSums.values[place(0)] = dCell * g * i * (1 - i);
          dSums.values[place(1)] = dCell * previous.values[k] * f * (1 - f);
          dSums.values[place(2)] = dCell * i * (1 - g * g);
          dSums.values[place(3)] = dh.values[k] * squashed * o * (1 - o);
          dc.values[k] = dCell * f;
        }
      }
      const dStep = at(dSums, dSums, t);
      const fromInput = productGradients(at(x, x, t), weights.input, dStep);
      const fromHidden = productGradients(at(hidden, initial.hidden, t - 1), weights.hidden, dStep);
      dInput = add(dInput, fromInput.weight);
      dRecurrent = add(dRecurrent, fromHidden.weight);
      dBias = add(dBias, matrix(1, 4 * units, fromInput.bias));
      dx.values.set(fromInput.x.values, t * batch * x.columns);
      dh = fromHidden.x;
    }
    return {
      x: dx,
      sums: dSums,
      input: dInput,
      hidden: dRecurrent,
      bias: dBias.values,
      initial: { hidden: dh, cells: dc },
    };
  }

  return {
    hidden,
    cells,
    gates,
    last: { hidden: at(hidden, hidden, steps - 1), cells: at(cells, cells, steps - 1) },
    backward,
  };
}
