/** Which tags may follow which, where they mark the spans of a text. */

import { InputError } from "../errors.js";

/**
 * `BIO`: B-x begins a span of kind x, I-x goes on in it, O is outside (Ramshaw & Marcus 1995, in the form IOB2). `BIOES`: E-x is
 * its last word, and S-x one of a single word.
 */
export type TagScheme = "BIO" | "BIOES";

/** What a scheme allows. */
export interface TagRules {
  mayStart(tag: number): boolean;
  mayEnd(tag: number): boolean;
  mayFollow(tag: number, before: number): boolean;
}

/** The rules of a scheme for tags by name; InputError for another scheme, and for names that are none of it. */
export function tagRules(where: string, scheme: TagScheme, names: readonly string[]): TagRules {
  if (scheme !== "BIO" && scheme !== "BIOES") {
    throw new InputError({ where: `${where}.scheme`, expected: '"BIO" or "BIOES"', got: String(scheme) });
  }
  const tags = names.map((name, index) => {
    const [, letter, kind] = /^(?:([BIES])-(.+)|O)$/u.exec(name) ?? [undefined, "?"];
    if (letter && !scheme.includes(letter)) {
      const expected = `O or ${[...scheme].filter((part) => part !== "O").join("-x, ")}-x`;
      throw new InputError({ where: `${where}.tags[${index}]`, expected, got: JSON.stringify(name) });
    }
    return { letter: letter ?? "O", kind };
  });
  const goesOn = ({ letter }: { letter: string }) => letter === "I" || letter === "E";
  // Where spans have a last word, one that has begun must go on.
  const open = ({ letter }: { letter: string }) => scheme === "BIOES" && (letter === "B" || letter === "I");
  return {
    mayStart: (tag) => !goesOn(tags[tag]!),
    mayEnd: (tag) => !open(tags[tag]!),
    mayFollow(tag, before) {
      const [after, last] = [tags[tag]!, tags[before]!];
      if (!goesOn(after)) return !open(last);
      return (last.letter === "B" || last.letter === "I") && last.kind === after.kind;
    },
  };
}
