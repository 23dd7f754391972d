/** How much a file of Keras may ask for, whatever it claims. */
import { FormatError, InputError } from "../errors.js";

/** Every one of them can be set lower or higher by the caller. */
export interface KerasLimits {
  /** Bytes of all that is unpacked of an archive together (default: those of the archive and 16,000,000). */
  readonly unpackedBytes: number;
  /** Entries of an archive (default 64). */
  readonly entries: number;
  /** Bytes of a definition, which is JSON (default 4,000,000). */
  readonly definitionBytes: number;
  /** Layers, those inside of others and the uses of shared ones counted (default 1,024). */
  readonly layers: number;
  /** How deep the brackets of a definition may be inside of others (default 128). */
  readonly depth: number;
  /** Axes of a tensor (default 8). */
  readonly rank: number;
  /** What reading an HDF5 file may take: headers, messages, links, objects of heaps, and every 64 bytes of text (default 500,000). */
  readonly parts: number;
}

/** The limits for a file of so many bytes. InputError for a name that is none, or no number. */
export function limitsFor(bytes: number, given: Partial<KerasLimits> = {}): KerasLimits {
  const defaults: KerasLimits = {
    unpackedBytes: bytes + 16_000_000,
    entries: 64,
    definitionBytes: 4_000_000,
    layers: 1024,
    depth: 128,
    rank: 8,
    parts: 500_000,
  };
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name) || !(value >= 0)) {
      throw new InputError({
        where: "limits",
        expected: `numbers from 0 for ${Object.keys(defaults).join(", ")}`,
        got: `${name} ${value}`,
      });
    }
  }
  return { ...defaults, ...given };
}

/** Throws FormatError for more than a limit allows. */
export function atMost(where: string, count: number, limit: number, what: string): void {
  if (count > limit) {
    throw new FormatError({ where, expected: `at most ${limit} ${what}`, got: String(count) });
  }
}
