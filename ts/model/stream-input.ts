/** What a stream reads at a step: a token or a row of numbers for each sequence, checked and written where the plan reads them. */
import type { Engine } from "../engine/engine.js";
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { addressOf } from "../graph/span.js";

export class StreamInput {
  readonly #engine: Engine;
  readonly #value: Value;
  readonly #rows: number;

  /** @param value One step of so many rows. */
  constructor(engine: Engine, value: Value, rows: number) {
    this.#engine = engine;
    this.#value = value;
    this.#rows = rows;
  }

  /** InputError, and nothing written, for tokens that there are not, or rows of another width. */
  write(input: number | ArrayLike<number>): void {
    if (this.#value.kind === "tokens") this.#writeTokens(input);
    else this.#writeNumbers(input);
  }

  #writeTokens(input: number | ArrayLike<number>): void {
    const { words } = this.#engine;
    const { place, width } = this.#value;
    const at = addressOf(place) / 4;
    const rows = this.#rows;
    if (typeof input === "number" ? rows !== 1 : input?.length !== rows) this.#refuse(input);
    for (let row = 0; row < rows; row++) {
      const token = typeof input === "number" ? input : input[row]!;
      if (!(token >= 0 && token < width && Number.isInteger(token))) this.#refuse(token);
    }
    for (let row = 0; row < rows; row++) words[at + row] = typeof input === "number" ? input : input[row]!;
  }

  #writeNumbers(input: number | ArrayLike<number>): void {
    const { floats } = this.#engine;
    const { place, width, stride } = this.#value;
    const at = addressOf(place) / 4;
    if (typeof input === "number" || input?.length !== this.#rows * width) this.#refuse(input);
    else if (this.#rows === 1) floats.set(input, at);
    else {
      for (let row = 0, from = 0; row < this.#rows; row++) {
        for (let i = 0; i < width; i++) floats[at + row * stride + i] = input[from++]!;
      }
    }
  }

  #refuse(input: number | ArrayLike<number>): never {
    const { kind, width } = this.#value;
    const rows = this.#rows;
    const token = `token${rows === 1 ? "" : "s"} from 0 to ${width - 1}`;
    const numbers = rows === 1 ? `a row of ${width} numbers` : `${rows} rows of ${width} numbers`;
    throw new InputError({
      where: "stream.step",
      expected: kind === "features" ? numbers : rows === 1 ? `a ${token}` : `${rows} ${token}`,
      got: typeof input === "number" ? String(input) : `${input?.length} numbers`,
    });
  }
}
