/** What an option on the command line can be. */

import { InvalidArgumentError } from "commander";

/** @param {number} least */
export function whole(least) {
  return (/** @type {string} */ text) => {
    const value = number(text);
    if (!(Number.isSafeInteger(value) && value >= least)) refuse(`a whole number from ${least}`);
    return value;
  };
}

/** @param {string} text */
export function positive(text) {
  const value = number(text);
  if (!(value > 0 && value < Infinity)) refuse("a number above 0");
  return value;
}

/** @param {string} text */
export function something(text) {
  if (text === "") refuse("something, not an empty text");
  return text;
}

/** @param {string} text */
function number(text) {
  return text.trim() === "" ? NaN : Number(text);
}

/** @param {string} expected */
function refuse(expected) {
  throw new InvalidArgumentError(`Expected ${expected}.`);
}
