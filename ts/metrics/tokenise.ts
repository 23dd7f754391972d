/** The tokens of a text that scores count. */
import { InputError } from "../errors.js";

/**
 * "13a": the script mteval-v13a of NIST, as sacreBLEU has it (Post 2018), for Western languages. "international": mteval-v14,
 * which parts all that Unicode calls punctuation or symbols. "spaces": what has white space around it. "characters": code
 * points without white space. Or a function of your own.
 */
export type Tokenise =
  | "13a"
  | "international"
  | "spaces"
  | "characters"
  | ((text: string) => readonly string[]);

const known: Record<string, (text: string) => readonly string[]> = {
  "13a": (text) => {
    const plain = text
      .trimEnd()
      .replaceAll("<skipped>", "")
      .replaceAll("-\n", "")
      .replaceAll("\n", " ")
      .replaceAll("&quot;", '"')
      .replaceAll("&amp;", "&")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">");
    return split(
      ` ${plain} `
        .replace(/[!-&(-+/:-@[-`{-~]/g, " $& ")
        .replace(/([^0-9])([.,])/gu, "$1 $2 ")
        .replace(/([.,])([^0-9])/gu, " $1 $2")
        .replace(/([0-9])(-)/g, "$1 $2 "),
    );
  },
  international: (text) =>
    split(
      text
        .trimEnd()
        .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
        .replace(/(\p{P})(\P{N})/gu, " $1 $2")
        .replace(/\p{S}/gu, " $& "),
    ),
  spaces: split,
  characters: (text) => [...text.replace(/\s/g, "")],
};

function split(text: string): string[] {
  return text.split(/\s+/).filter((token) => token !== "");
}

/** The function behind a name. */
export function tokeniser(where: string, tokenise: Tokenise): (text: string) => readonly string[] {
  if (typeof tokenise === "function") return tokenise;
  if (Object.hasOwn(known, tokenise)) return known[tokenise]!;
  throw new InputError({
    where: `${where}.tokenise`,
    expected: `a function, or ${Object.keys(known).join(", ")}`,
    got: JSON.stringify(tokenise) ?? "undefined",
  });
}
