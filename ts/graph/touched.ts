/** Tables of which a step touches a few rows, so that it must cost what these rows cost and not what the table does. */
import { type Address, LINE, roundUp } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import type { Emit, Value } from "./graph.js";
import { type Initialiser, type ParameterDefinition, tableParameter } from "./parameter.js";
import { addressOf, type Place, place, type Span, span } from "./span.js";

/** Rows that are brought together for one call of an optimiser: few enough that they stay in a cache. */
const TOGETHER = 256;

/** A table [rows, columns] whose gradient has rows for those that were touched, and no others. */
export function sparseTableParameter(
  rows: number,
  columns: number,
  initialise: Initialiser,
): ParameterDefinition {
  const definition = tableParameter(rows, columns, initialise);
  const { layout } = definition;
  const touched = new TouchedRows(rows, layout.stride);
  return { ...definition, layout: { ...layout, count: layout.count + touched.room }, touched };
}

/** Parts of regions that lie at the same place in each of them. */
interface Part {
  readonly value: Address;
  readonly gradient: Address;
  readonly slots: readonly Address[];
  readonly count: number;
}

/**
 * The rows of a table that a step has touched so far, and in which order. The rows of its gradient lie in that order, those
 * behind them are zero. Behind the rows of the table, in every region, there is `room` in which some are brought together; it
 * is zero otherwise.
 */
export class TouchedRows {
  /** In floats. */
  readonly room: number;
  readonly #entries: number;
  readonly #stride: number;
  /** Words: how many rows, which, and where in the list each stands; see the kernel `touchRows`. */
  readonly #set: Span;
  #engine!: Engine;
  #gradient!: Span;

  constructor(entries: number, stride: number) {
    this.#entries = entries;
    this.#stride = stride;
    this.room = Math.min(entries, TOGETHER) * stride;
    this.#set = span("touched rows", LINE + 2 * roundUp(entries, LINE), { role: "kept", holds: "words" });
  }

  /** Gives the list of rows its memory. `gradient`: where the gradient of the table will lie. */
  begin(engine: Engine, gradient: Span): void {
    this.#engine = engine;
    this.#gradient = gradient;
    this.#set.address = engine.allocate(this.#set.count * 4, this.#set.name).address;
  }

  /** Emits what takes in the rows of a batch but `padding`, and gives where in the gradient theirs are to be added. */
  record(emit: Emit, { steps, batch, lengths, place: ids }: Value, padding: number): Place {
    const y = place(span("places of rows", steps * batch, { holds: "words" }));
    const size = place(this.#set);
    const list = place(this.#set, LINE);
    const places = place(this.#set, LINE + roundUp(this.#entries, LINE));
    emit("touchRows", { ids, lengths: lengths ?? 0, y, size, list, places, padding, steps, batch });
    return y;
  }

  /** Where the gradient of the rows lies. */
  get address(): Address {
    return addressOf(place(this.#gradient));
  }

  /** Floats in it. */
  get count(): number {
    return this.#engine.words[addressOf(place(this.#set)) / 4]! * this.#stride;
  }

  /** Makes the gradient zero, and forgets which rows it had. */
  clear(): void {
    this.#engine.call("zero", { to: this.address, count: this.count });
    this.#engine.words[addressOf(place(this.#set)) / 4] = 0;
  }

  /** Has all rows of a range of regions changed by `use`, which is given some of them at a time, side by side. */
  each<P extends Part>(range: P, use: (part: P) => void): void {
    const engine = this.#engine;
    const stride = this.#stride;
    const size = this.count / stride;
    const regions = [range.value, ...range.slots];
    const together = regions.map((table) => (table + this.#entries * stride * 4) as Address);
    const [value, ...slots] = together as [Address, ...Address[]];
    for (let first = 0; first < size; first += TOGETHER) {
      const ids = addressOf(place(this.#set, LINE + first));
      const rows = { ids, stride, from: 0, to: Math.min(TOGETHER, size - first) };
      for (const [i, y] of together.entries()) {
        engine.call("embeddingForward", { ...rows, table: regions[i]!, y });
      }
      const gradient = (range.gradient + first * stride * 4) as Address;
      use({ ...range, value, gradient, slots, count: rows.to * stride });
      for (const [i, x] of together.entries()) {
        engine.call("putRows", { ...rows, x, table: regions[i]! });
        engine.call("zero", { to: x, count: rows.to * stride });
      }
    }
  }
}
