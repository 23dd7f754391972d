/** The gradients of a step: one range of all dense parameters, and of each sparse table the rows that were touched. */
import type { Address } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import type { Parameter } from "../graph/parameter.js";
import { addressOf, place } from "../graph/span.js";
import type { Network } from "../model/network.js";
import type { Floats } from "../optimisers/clip.js";

export class StepGradients {
  readonly address: Address;
  readonly #engine: Engine;
  readonly #parameters: readonly Parameter[];
  readonly #dense: Floats;
  readonly #sparse: readonly Parameter[];

  constructor(network: Network) {
    const { engine, parameters, dense: count } = network;
    this.address = network.gradients().address;
    this.#engine = engine;
    this.#parameters = parameters;
    this.#dense = { address: this.address, count };
    this.#sparse = parameters.filter(({ touched }) => touched);
  }

  /** Ranges that hold all that is not zero. */
  get ranges(): Floats[] {
    return [this.#dense, ...this.#sparse.map((parameter) => this.#of(parameter))];
  }

  /** The same of each parameter. */
  get parameters(): Floats[] {
    return this.#parameters.map((parameter) => this.#of(parameter));
  }

  /** The Euclidean norm over all. */
  get norm(): number {
    const engine = this.#engine;
    return Math.sqrt(
      this.ranges.reduce((sum, { address: x, count }) => sum + engine.call("squaredNorm", { x, count }), 0),
    );
  }

  zero(): void {
    this.#engine.call("zero", { to: this.#dense.address, count: this.#dense.count });
    for (const { touched, gradient } of this.#sparse)
      touched!.clear(this.#engine, addressOf(place(gradient)));
  }

  scale(factor: number): void {
    for (const { address: x, count } of this.ranges) this.#engine.call("scale", { x, count, factor });
  }

  #of({ gradient, touched }: Parameter): Floats {
    return { address: addressOf(place(gradient)), count: touched?.count(this.#engine) ?? gradient.count };
  }
}
