import type { TestProject } from "vitest/node";

/** Runs once before the tests, in Node; what it provides, tests read with `inject`. */
export function setup({ provide: _ }: TestProject): void {}
