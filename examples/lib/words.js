/** Words numbered from 0, as a model reads them. */

/** @param {readonly string[]} words */
export function dictionary(words) {
  const ids = new Map(words.map((word, id) => [word, id]));

  /** @param {string} word */
  function id(word) {
    const id = ids.get(word);
    if (id === undefined) throw new Error(`The dictionary does not have “${word}”.`);
    return id;
  }

  return {
    size: words.length,
    words,
    id,
    /** @param {string} text Words and single spaces. */
    encode: (text) => text.split(" ").map(id),
  };
}
