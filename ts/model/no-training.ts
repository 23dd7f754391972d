/** What takes the place of all that trains in the entry of the package that only predicts. */
import { InputError } from "../errors.js";

function refuse(where: string): never {
  throw new InputError({
    where,
    expected: "an import from recurra",
    got: "one from recurra/inference, which only predicts",
  });
}

export const train = (): never => refuse("train");
export const historyOf = (): never => refuse("fit");
export const evaluate = (): never => refuse("evaluate");
export const differentiate = (): never => refuse("train");
