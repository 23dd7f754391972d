/** Which ranges of the engine's memory are taken: first fit, neighbours merged when they are given back. */
import { EngineError } from "../errors.js";
import { type Address, LINE, roundUp } from "./address.js";

/** A range of memory in use. */
export interface Block {
  readonly address: Address;
  /** Length in bytes, a multiple of 64. */
  readonly bytes: number;
}

const ALIGNMENT = LINE * 4;

/** Hands out blocks from `start` upwards; `grow` makes the memory reach `end` or throws, naming `where`. */
export class Heap {
  readonly #free: Block[] = [];
  readonly #grow: (end: number, where: string) => void;
  #top: number;

  constructor(start: number, grow: (end: number, where: string) => void) {
    this.#top = roundUp(start, ALIGNMENT);
    this.#grow = grow;
  }

  /** A block of `bytes`, rounded up to 64; its contents are unspecified. */
  allocate(bytes: number, where: string): Block {
    if (!Number.isSafeInteger(bytes)) {
      throw new EngineError({ where, expected: "a size that can be addressed", got: `${bytes} bytes` });
    }
    const size = roundUp(Math.max(bytes, 1), ALIGNMENT);
    const index = this.#free.findIndex((block) => block.bytes >= size);
    if (index >= 0) {
      const { address, bytes: available } = this.#free[index]!;
      const rest = { address: (address + size) as Address, bytes: available - size };
      this.#free.splice(index, 1, ...(rest.bytes > 0 ? [rest] : []));
      return { address, bytes: size };
    }
    const address = this.#top as Address;
    this.#grow(address + size, where);
    this.#top = address + size;
    return { address, bytes: size };
  }

  /** Gives a block back; the caller must not use it again. */
  release(block: Block): void {
    const free = this.#free;
    let at = free.findIndex((other) => other.address > block.address);
    if (at < 0) at = free.length;
    free.splice(at, 0, block);
    for (let i = Math.min(at, free.length - 2); i >= Math.max(0, at - 1); i--) {
      const first = free[i]!;
      const second = free[i + 1]!;
      if (first.address + first.bytes === second.address) {
        free.splice(i, 2, { address: first.address, bytes: first.bytes + second.bytes });
      }
    }
    const last = free.at(-1);
    if (last && last.address + last.bytes === this.#top) {
      this.#top = last.address;
      free.pop();
    }
  }
}
