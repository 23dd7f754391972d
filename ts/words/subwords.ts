/** What a word is made up of, as in fastText (Bojanowski et al. 2017): itself, and runs of its letters by their hash. */
import { requireOptions } from "../layers/layer.js";
import { hash } from "./hash.js";
import { requireWhole } from "./training.js";

export interface SubwordOptions {
  /** Letters of the shortest run; default 3. */
  readonly least?: number;
  /** Letters of the longest run; default 6. */
  readonly most?: number;
  /** Rows that runs share by their hash; default 200,000. */
  readonly buckets?: number;
}

/** All options, checked. */
export function subwordSettings(where: string, options: SubwordOptions): Required<SubwordOptions> {
  const { least = 3, most = 6, buckets = 200_000 } = options;
  requireOptions(where, options, ["least", "most", "buckets"]);
  requireWhole(`${where}.least`, least, 1, 64);
  requireWhole(`${where}.most`, most, least, 64);
  requireWhole(`${where}.buckets`, buckets, 1, 0x7fffffff);
  return { least, most, buckets };
}

/** The buckets of the runs of letters of "<word>", its own whole left out. */
export function bucketsOf(word: string, { least, most, buckets }: Required<SubwordOptions>): number[] {
  const letters = [..."<", ...word, ">"];
  const found: number[] = [];
  for (let from = 0; from < letters.length; from++) {
    for (let length = least; length <= most && from + length <= letters.length; length++) {
      if (length < letters.length) found.push(hash(letters.slice(from, from + length).join("")) % buckets);
    }
  }
  return found;
}

/** For each word its own row and those of its buckets, which are behind the rows of all words. */
export function bags(
  words: readonly string[],
  settings: Required<SubwordOptions>,
): { starts: Uint32Array; rows: Uint32Array } {
  const rows: number[] = [];
  const starts = [0];
  for (const [id, word] of words.entries()) {
    rows.push(id);
    for (const bucket of bucketsOf(word, settings)) rows.push(words.length + bucket);
    starts.push(rows.length);
  }
  return { starts: Uint32Array.from(starts), rows: Uint32Array.from(rows) };
}
