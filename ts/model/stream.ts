/** A model run one step at a time, its state staying in place: the same plan as a batch, for one step. */
import { InputError } from "../errors.js";
import { addressOf, type Place, place } from "../graph/span.js";
import type { Network, Program } from "./network.js";

/** One running sequence. Steps are synchronous and allocate nothing. */
export class Stream {
  readonly #network: Network;
  readonly #program: Program;
  readonly #output: Float32Array;
  #memory: Float32Array | undefined;
  #result: Float32Array = new Float32Array();
  readonly #fresh: Place;
  #closed = false;

  constructor(network: Network) {
    this.#network = network;
    this.#program = network.program({ batch: 1, steps: 1 });
    this.#output = new Float32Array(network.width);
    this.#fresh = place(this.#program.graph.fresh);
    const { wholeSequences } = this.#program.graph;
    if (wholeSequences !== undefined) {
      this.#program.plan.release();
      throw new InputError({
        where: "stream",
        expected: "layers that go from the first step to the last",
        got: `${wholeSequences}, which needs whole sequences`,
        hint: "use predict",
      });
    }
    this.reset();
  }

  /**
   * Takes one step: a token, or a row of numbers. Gives the output row, in an array that the next step writes again.
   * InputError for a token outside the vocabulary or a row of another width; the state is then unchanged.
   */
  step(input: number | ArrayLike<number>): Float32Array {
    const { engine, input: definition } = this.#network;
    const { plan, input: value, output } = this.#program;
    if (this.#closed)
      throw new InputError({ where: "stream.step", expected: "an open stream", got: "a closed one" });
    const at = addressOf(value.place) / 4;
    if (typeof input === "number") {
      if (
        definition.kind !== "tokens" ||
        !(input >= 0 && input < definition.width && Number.isInteger(input))
      )
        this.#refuse(input);
      engine.words[at] = input;
    } else {
      if (definition.kind !== "features" || input.length !== definition.width) this.#refuse(input);
      engine.floats.set(input, at);
    }
    plan.forward();
    plan.carry();
    engine.words[addressOf(this.#fresh) / 4] = 0;
    if (engine.floats !== this.#memory) {
      // Only when memory has grown since the last step.
      this.#memory = engine.floats;
      this.#result = engine.view(addressOf(output.place), this.#output.length);
    }
    this.#output.set(this.#result);
    return this.#output;
  }

  /** Goes back to the beginning: the next step starts from the initial states. */
  reset(): void {
    this.#network.engine.words[addressOf(this.#fresh) / 4] = 1;
  }

  /** Gives the stream's memory back to the model. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#program.plan.release();
  }

  #refuse(input: number | ArrayLike<number>): never {
    const { kind, width } = this.#network.input;
    throw new InputError({
      where: "stream.step",
      expected: kind === "tokens" ? `a token from 0 to ${width - 1}` : `a row of ${width} numbers`,
      got: typeof input === "number" ? String(input) : `a row of ${input?.length} numbers`,
    });
  }
}
