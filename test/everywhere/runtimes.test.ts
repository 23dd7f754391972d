/** The runtimes that take more than `npm ci`: Node.js releases, Firefox, WebKitGTK; and all of them on one, two and four threads. */
import { expect, test } from "vitest";
import { openFirefox, openWebKit } from "../../scripts/runtimes/browsers.js";
import { tryPages } from "../../scripts/runtimes/pages.js";
import { rows } from "../../scripts/runtimes/rows.js";
import features from "../golden/bits/runtimes.json" with { type: "json" };
import bits from "../golden/bits/trained.json" with { type: "json" };

const timeout = 300_000;

const runs = rows.flatMap(({ name, alone, find }) =>
  (alone ? [1] : [1, 2, 4]).map((threads) => ({ name, threads, find })),
);

test.each(runs)("$name, $threads threads", { timeout }, async ({ name, threads, find }) => {
  const expected = (features as Record<string, object>)[name];
  expect(await find(threads)).toEqual({ ...expected, learns: true, bits });
});

test.each([
  { name: "Firefox", open: openFirefox },
  { name: "WebKitGTK", open: openWebKit },
])("$name, in every kind of page", { timeout }, async ({ name, open }) => {
  const { found } = await tryPages(open);
  const { relaxed, threads } = features[`${name}, isolated page` as keyof typeof features];
  const alike = { simd: true, relaxed, threads, learns: true };
  const plain = { ...alike, threads: "not-isolated" };
  expect(found).toEqual({
    isolated: { ...alike, bits },
    plain,
    policy: { ...alike, threads: threads === true ? "no-workers" : threads },
    policyWithWorker: alike,
    forbidden: expect.objectContaining({
      simd: expect.stringMatching(/^engine: expected leave to run WebAssembly, .*'wasm-unsafe-eval'/s),
    }),
    files: alike,
    noFiles: expect.objectContaining({
      simd: expect.stringMatching(/^options\.kernels: expected the kernels/),
    }),
    script: plain,
    worker: alike,
    worklet: { simd: true, threads: "not-isolated", learns: true },
  });
});
