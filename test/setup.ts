/** Runs once before the tests, in Node; what it provides, tests read with `inject`. */
import type { TestProject } from "vitest/node";
import { trainedBits } from "./house/trained-bits.js";

declare module "vitest" {
  interface ProvidedContext {
    /** What training gives in Node, for other runtimes to compare with. */
    bitsInNode: string;
  }
}

export async function setup({ provide }: TestProject): Promise<void> {
  provide("bitsInNode", await trainedBits());
}
