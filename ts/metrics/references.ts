/** Texts that a model has written, each beside what it should have written. */
import { InputError } from "../errors.js";

/** For each candidate what would be right: one text, or several that are all right. */
export type References = readonly (string | readonly string[])[];

export interface Judged {
  readonly candidate: string;
  /** At least one. */
  readonly references: readonly string[];
}

/** Candidates with their references; InputError where one has none, or where there are no candidates. */
export function judged(where: string, candidates: readonly string[], references: References): Judged[] {
  if (candidates.length === 0 || candidates.length !== references.length) {
    throw new InputError({
      where: `${where}.references`,
      expected:
        candidates.length === 0 ? "at least one candidate" : `references for ${candidates.length} candidates`,
      got: candidates.length === 0 ? "none" : `for ${references.length}`,
    });
  }
  return candidates.map((candidate, i) => {
    const given = references[i]!;
    const list = typeof given === "string" ? [given] : given;
    if (typeof candidate !== "string") {
      throw new InputError({
        where: `${where}.candidates[${i}]`,
        expected: "a text",
        got: String(candidate),
      });
    }
    if (!Array.isArray(list) || list.length === 0 || !list.every((text) => typeof text === "string")) {
      throw new InputError({
        where: `${where}.references[${i}]`,
        expected: "a text or several",
        got: list?.length === 0 ? "none" : String(given),
      });
    }
    return { candidate, references: list };
  });
}
