/** The errors that scripts/planted.js plants are still to be planted: it takes minutes to run, this does not. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { errors } from "../planted/errors.js";

test("every planted error finds what it replaces, once", () => {
  const lost = errors.filter(({ file, find }) => {
    const parts = existsSync(file) ? readFileSync(file, "utf8").split(find) : [];
    return parts.length !== 2;
  });
  expect(lost.map(({ file, title }) => `${file}: ${title}`)).toEqual([]);
  expect(errors.length).toBeGreaterThanOrEqual(30);
});

test("every planted error has a title of its own in its file, and changes something", () => {
  expect(new Set(errors.map(({ file, title }) => `${file}: ${title}`)).size).toBe(errors.length);
  expect(errors.filter(({ find, replace }) => find === replace)).toEqual([]);
});
