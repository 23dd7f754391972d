/** Random numbers that are a pure function of seed, stream and position: the Threefry counter-based generator. */

import { InputError } from "./errors.js";
import { log } from "./numeric.js";

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011):
 * writes the 2 random words of one counter under one key to `out[0]` and `out[1]`. All numbers are taken modulo 2^32.
 */
export function threefry(
  counter0: number,
  counter1: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let key2 = key0 ^ key1 ^ 0x1bd11bda;
  let x = (counter0 + key0) | 0;
  let y = (counter1 + key1) | 0;
  for (let round = 1; round <= 20; round++) {
    x = (x + y) | 0;
    y = rotate(y, rotations[(round - 1) % 8]) ^ x;
    if (round % 4 === 0) {
      const first = key0;
      key0 = key1;
      key1 = key2;
      key2 = first;
      x = (x + key0) | 0;
      y = (y + key1 + round / 4) | 0;
    }
  }
  out[0] = x;
  out[1] = y;
}

function rotate(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}

/** One sequence of random numbers. */
export interface Random {
  /** A whole number in [0, 2^32); each advances the position by 1. */
  bits(): number;
  /** A multiple of 2^-53 in [0, 1), from two draws of bits. */
  uniform(): number;
  /** From the normal distribution with mean 0 and variance 1, by the polar method (Marsaglia & Bray 1964). */
  normal(): number;
  /** A whole number in [0, below), each equally likely; `below` is a whole number from 1 to 2^32. */
  integer(below: number): number;
  /** Puts `array` in random order, in place (Fisher & Yates), each order equally likely. */
  shuffle<T>(array: T[]): void;
  /** Seed, stream and position: all there is to know, and safe to keep as JSON. */
  readonly state: readonly number[];
  /** Continues where another generator was when its `state` was read. */
  restore(state: readonly number[]): void;
}

/**
 * A generator for `seed`, any safe integer from 0. Streams, whole numbers in [0, 2^32), give sequences of the same seed
 * that never overlap. A sequence repeats after 2^33 draws of bits.
 */
export function random(seed: number, stream = 0): Random {
  const words = new Uint32Array(2);
  let position = 0;
  let key0: number;
  let key1: number;

  function restore(state: readonly number[]): void {
    const [newSeed, newStream, newPosition] = state;
    requireSeed("random.seed", newSeed);
    whole("random.stream", newStream, 0xffffffff);
    whole("random.position", newPosition, 0x1ffffffff);
    seed = newSeed;
    stream = newStream;
    position = newPosition;
    key0 = seed >>> 0;
    key1 = Math.floor(seed / 0x100000000);
    if (position % 2 === 1) threefry(Math.floor(position / 2), stream, key0, key1, words);
  }

  function bits(): number {
    const second = position % 2;
    if (second === 0) threefry(position / 2, stream, key0, key1, words);
    position = position === 0x1ffffffff ? 0 : position + 1;
    return words[second];
  }

  function uniform(): number {
    const high = bits() >>> 5;
    return (high * 0x4000000 + (bits() >>> 6)) / 0x20000000000000;
  }

  function normal(): number {
    // The method makes two numbers at a time; the second is dropped so that the position is the whole state.
    for (;;) {
      const x = (bits() | 0) / 0x80000000;
      const y = (bits() | 0) / 0x80000000;
      const square = x * x + y * y;
      if (square < 1 && square > 0) return x * Math.sqrt((-2 * log(square)) / square);
    }
  }

  function integer(below: number): number {
    if (!(Number.isInteger(below) && below >= 1 && below <= 0x100000000))
      throw new InputError({
        where: "random.integer",
        expected: "a whole number from 1 to 2^32",
        got: `${below}`,
      });
    // The words past the last whole multiple of `below` would favour the small numbers.
    const limit = 0x100000000 - (0x100000000 % below);
    for (;;) {
      const word = bits();
      if (word < limit) return word % below;
    }
  }

  function shuffle<T>(array: T[]): void {
    for (let i = array.length - 1; i > 0; i--) {
      const j = integer(i + 1);
      const kept = array[i];
      array[i] = array[j];
      array[j] = kept;
    }
  }

  restore([seed, stream, 0]);
  return {
    bits,
    uniform,
    normal,
    integer,
    shuffle,
    restore,
    get state() {
      return [seed, stream, position];
    },
  };
}

/** Throws unless `seed` is a safe integer from 0. */
export function requireSeed(where: string, seed: number): void {
  whole(where, seed, Number.MAX_SAFE_INTEGER);
}

function whole(where: string, value: number, most: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0 && value <= most))
    throw new InputError({ where, expected: `a whole number from 0 to ${most}`, got: `${value}` });
}
