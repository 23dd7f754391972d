/** Numbers for tests: the same in every run, and exact in float32, so that the reference is given the very same ones. */
import { random } from "../../ts/random.js";
import { type Matrix, matrix } from "./matrix.js";

/** Normal numbers. */
export function normals(count: number, seed: number, deviation = 1): Float32Array {
  const source = random(seed);
  return Float32Array.from({ length: count }, () => source.normal() * deviation);
}

/** A matrix of normal numbers. */
export function normalMatrix(rows: number, columns: number, seed: number, deviation = 1): Matrix {
  return matrix(rows, columns, normals(rows * columns, seed, deviation));
}

/** Indices below `below`. */
export function indices(count: number, below: number, seed: number): Uint32Array {
  const source = random(seed);
  return Uint32Array.from({ length: count }, () => source.integer(below));
}
