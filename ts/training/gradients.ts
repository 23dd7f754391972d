/** The gradients of a step: one range of all dense parameters, and of each sparse table the rows that were touched. */
import type { Engine } from "../engine/engine.js";
import { addressOf, place } from "../graph/span.js";
import type { TouchedRows } from "../graph/touched.js";
import type { Network } from "../model/network.js";
import type { Floats } from "../optimisers/clip.js";

export class StepGradients {
  /** Where those are that are not zero. */
  readonly ranges: readonly [Floats, ...TouchedRows[]];
  /** The same of each parameter. */
  readonly parameters: readonly Floats[];
  readonly #engine: Engine;

  constructor(network: Network) {
    const { engine, parameters, dense: count } = network;
    const { address } = network.gradients();
    this.#engine = engine;
    this.ranges = [{ address, count }, ...parameters.flatMap(({ touched }) => touched ?? [])];
    this.parameters = parameters.map(
      ({ touched, gradient }) => touched ?? { address: addressOf(place(gradient)), count: gradient.count },
    );
  }

  /** The Euclidean norm over all. */
  get norm(): number {
    let sum = 0;
    for (const { address: x, count } of this.ranges) sum += this.#engine.call("squaredNorm", { x, count });
    return Math.sqrt(sum);
  }

  zero(): void {
    const [{ address: to, count }, ...sparse] = this.ranges;
    this.#engine.call("zero", { to, count });
    for (const touched of sparse) touched.clear();
  }

  scale(factor: number): void {
    for (const { address: x, count } of this.ranges) this.#engine.call("scale", { x, count, factor });
  }
}
