/** What all vocabularies are made of: symbols with a whole number each, the special ones first. */

import { InputError } from "../errors.js";

/**
 * Symbols that no text becomes, by what they are for: "padding", "unknown", "start", "end", "mask", or whatever a model
 * needs. `unknown` stands for what the vocabulary does not have; the others have no meaning of their own.
 */
export type SpecialSymbols = Readonly<Record<string, string>>;

export interface SpellingOptions {
  /** Whether special symbols are written; default true. */
  readonly special?: boolean;
}

export interface Symbols {
  /** How many symbols there are. */
  readonly size: number;
  /** The symbol of each id. */
  readonly symbols: readonly string[];
  /** The ids of the special symbols by what they are for, for example `special.start`: 0, 1, … in the order given. */
  readonly special: Readonly<Record<string, number>>;
  has(symbol: string): boolean;
  id(symbol: string): number;
  symbol(id: number): string;
}

/** Symbols in lists. */
export interface SymbolTable extends Symbols {
  /** The id of an ordinary symbol, or of the one for unknown symbols, or undefined. */
  find(symbol: string): number | undefined;
  /** The symbols of ids; InputError at the first that is none. */
  read(ids: ArrayLike<number>, options?: SpellingOptions): string[];
}

/**
 * Numbers the special symbols from 0 and the ordinary ones after them. InputError unless every symbol is a string that is not
 * empty, once. `hint` is asked when an unknown one is looked up.
 */
export function symbolTable(
  where: string,
  ordinary: readonly string[],
  named: SpecialSymbols = {},
  hint?: (symbol: string) => string | undefined,
): SymbolTable {
  const first = Object.keys(named).length;
  const symbols = [...Object.values(named), ...ordinary];
  const ids = new Map<string, number>();
  for (const [id, symbol] of symbols.entries()) {
    if (typeof symbol !== "string" || symbol === "" || ids.has(symbol)) {
      throw new InputError({
        where: id < first ? `${where}.special` : `${where}.symbols[${id - first}]`,
        expected: "every symbol once, and none empty",
        got:
          JSON.stringify(symbol) + (ids.has(symbol) ? `, which is also the symbol ${ids.get(symbol)}` : ""),
      });
    }
    ids.set(symbol, id);
  }
  if (ordinary.length === 0) {
    throw new InputError({
      where,
      expected: "at least one symbol",
      got: "none",
      hint: "the text is empty, or nothing in it is frequent enough",
    });
  }

  const special: Record<string, number> = Object.fromEntries(
    Object.keys(named).map((name, id) => [name, id]),
  );

  function symbolOf(id: number, place: string): string {
    const symbol = symbols[id];
    if (symbol !== undefined) return symbol;
    throw new InputError({
      where: `${where}.${place}`,
      expected: `an id from 0 to ${symbols.length - 1}`,
      got: `${id}`,
    });
  }

  return {
    size: symbols.length,
    symbols,
    special,
    has: (symbol) => ids.has(symbol),
    find(symbol) {
      const id = ids.get(symbol);
      return id !== undefined && id >= first ? id : special.unknown;
    },
    id(symbol) {
      const id = ids.get(symbol);
      if (id !== undefined) return id;
      throw new InputError({
        where: `${where}.id`,
        expected: `one of the ${symbols.length} symbols of the vocabulary`,
        got: JSON.stringify(symbol),
        hint: hint?.(symbol),
      });
    },
    symbol: (id) => symbolOf(id, "symbol"),
    read(ids, { special = true } = {}) {
      const all = Array.from(ids, (id, i) => symbolOf(id, `decode[${i}]`));
      return special ? all : all.filter((_, i) => ids[i]! >= first);
    },
  };
}

export interface FrequencyOptions {
  /** How often a symbol must occur; default 1. */
  readonly atLeast?: number | undefined;
  /** How many symbols there may be at most, the special ones included; default all. The most frequent are taken. */
  readonly atMost?: number | undefined;
  /** Symbols that no text becomes; they have the ids 0, 1, … before all others. */
  readonly special?: SpecialSymbols | undefined;
}

/** The symbols that occur often enough, the most frequent first, equally frequent ones by code unit. */
export function frequentSymbols(
  counts: ReadonlyMap<string, number>,
  { atLeast = 1, atMost = Infinity, special = {} }: FrequencyOptions,
): string[] {
  const taken = Object.values(special);
  return [...counts]
    .filter(([symbol, count]) => count >= atLeast && !taken.includes(symbol))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, Math.max(0, atMost - taken.length))
    .map(([symbol]) => symbol);
}

/** Adds up how often each symbol occurs. */
export function count(symbols: Iterable<string>, counts: Map<string, number>): void {
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
}
