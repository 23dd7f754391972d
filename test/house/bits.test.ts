/** The promise of the default mode: the same seed gives the same bits in every runtime. */
import { expect, inject, test } from "vitest";
import { trainedBits } from "./trained-bits.js";

test("two hundred steps of training, their losses and a sampled text have the bits that Node gives", async () => {
  expect(await trainedBits()).toBe(inject("bitsInNode"));
});
