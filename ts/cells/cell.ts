/** What the recurrence must know about a cell. */
import type { Address } from "../engine/address.js";
import type { Kernels } from "../engine/kernels.gen.js";

interface Forward {
  gates: Address;
  states: Address;
  weight: Address;
  steps: number;
  batch: number;
  units: number;
  from: number;
  to: number;
}

interface Backward {
  gates: Address;
  states: Address;
  dHidden: Address;
  dCarried: Address;
  transposed: Address;
  steps: number;
  batch: number;
  units: number;
  from: number;
  to: number;
}

/** The kernels that have exactly these parameters. */
type Family<Signature> = {
  [K in keyof Kernels]: [Kernels[K], Signature] extends [Signature, Kernels[K]] ? K : never;
}[keyof Kernels];

export interface Cell {
  readonly name: string;
  /** Its gates in the order of the weights' columns. */
  readonly gates: readonly string[];
  /** Its states, the hidden one, which is the output, first. */
  readonly states: readonly string[];
  readonly forward: Family<Forward>;
  readonly backward: Family<Backward>;
}
