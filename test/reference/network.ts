/** A whole network in float64: layers by their definitions, the mean cross-entropy, and the gradient of every parameter. */
import type { Definition } from "../../ts/layers/layer.js";
import { crossEntropy, crossEntropyGradient } from "./cross-entropy.js";
import { type Clock, dropout, dropoutFactors } from "./dropout.js";
import { gather, scatter } from "./embedding.js";
import { type LstmState, lstm } from "./lstm.js";
import { add, type Matrix, matrix } from "./matrix.js";
import { product, productGradients } from "./product.js";

/** Relative distance that gradients of float32 may be off. */
export const tolerance = 2e-6;

export interface Setting {
  readonly layers: readonly Definition[];
  /** By path, for example `1.lstm.weightHidden`; a bias is one row. */
  readonly parameters: ReadonlyMap<string, Matrix>;
  readonly batch: number;
  /** The states that each recurrent layer starts from, in order of layers; zeros if there are none. */
  readonly states: readonly LstmState[];
  readonly clock: Pick<Clock, "seed" | "step">;
}

/** A layer's output, and what its backward pass makes of the gradient of that. */
interface Applied {
  readonly output: Matrix;
  backward(dOutput: Matrix): Matrix;
}

/** Inputs are [steps][batch] rows, or one column of indices; targets one index for each row. */
export function network(setting: Setting, inputs: Matrix, targets: ArrayLike<number>) {
  const { layers, parameters, batch, clock } = setting;
  const gradients = new Map<string, Matrix>();
  const last: LstmState[] = [];
  let uses = 0;

  function apply(definition: Definition, path: string, x: Matrix): Applied {
    const parameter = (name: string) => parameters.get(`${path}.${name}`)!;
    const give = (name: string, gradient: Matrix) => {
      gradients.set(`${path}.${name}`, gradient);
    };
    switch (definition.layer) {
      case "embedding": {
        const table = parameter("weight");
        return {
          output: gather(table, x.values),
          backward(dOutput) {
            give("weight", scatter(table.rows, x.values, dOutput));
            return matrix(x.rows, 1);
          },
        };
      }
      case "dense": {
        const weight = parameter("weight");
        const bias: Matrix | undefined = parameter("bias");
        return {
          output: product(x, weight, bias?.values),
          backward(dOutput) {
            const gradient = productGradients(x, weight, dOutput);
            give("weight", gradient.weight);
            if (bias) give("bias", matrix(1, weight.columns, gradient.bias));
            return gradient.x;
          },
        };
      }
      case "dropout": {
        const rate = definition.rate as number;
        const stride = Math.ceil(x.columns / 16) * 16;
        const factors = dropoutFactors(x.rows, x.columns, stride, rate, { ...clock, stream: uses++ });
        return { output: dropout(x, factors), backward: (dOutput) => dropout(dOutput, factors) };
      }
      case "lstm": {
        const bias = parameter("bias");
        const biasHidden: Matrix | undefined = parameter("biasHidden");
        const units = definition.units as number;
        const zeros = matrix(batch, units);
        const weights = {
          input: parameter("weightInput"),
          hidden: parameter("weightHidden"),
          bias: (biasHidden ? add(bias, biasHidden) : bias).values,
        };
        const run = lstm(x, weights, setting.states[last.length] ?? { hidden: zeros, cells: zeros });
        last.push(run.last);
        return {
          output: run.hidden,
          backward(dOutput) {
            const gradient = run.backward(dOutput);
            give("weightInput", gradient.input);
            give("weightHidden", gradient.hidden);
            give("bias", matrix(1, 4 * units, gradient.bias));
            if (biasHidden) give("biasHidden", matrix(1, 4 * units, gradient.bias));
            return gradient.x;
          },
        };
      }
      default:
        throw new Error(`the reference has no layer ${definition.layer}`);
    }
  }

  let output = inputs;
  const backwards = layers.map((definition, index) => {
    const applied = apply(definition, `${index}.${definition.layer}`, output);
    output = applied.output;
    return applied.backward;
  });
  const { losses, probabilities } = crossEntropy(output, targets);
  return {
    loss: losses.reduce((sum, loss) => sum + loss, 0) / targets.length,
    /** The states after the last step, in order of layers. */
    last,
    /** By path, like the parameters. */
    gradients(): ReadonlyMap<string, Matrix> {
      const dLogits = crossEntropyGradient(probabilities, targets, 1 / targets.length);
      backwards.reduceRight((dOutput, backward) => backward(dOutput), dLogits);
      return gradients;
    },
  };
}
