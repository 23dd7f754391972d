/** The examples of a pass in the portions that training takes. */
import type { Example } from "../model/feed.js";

/** The examples of a pass but the first `count`. */
export async function* after(
  count: number,
  pass: Iterable<Example> | AsyncIterable<Example>,
): AsyncGenerator<Example, void, void> {
  for await (const example of pass) if (count-- <= 0) yield example;
}

/** So many examples at a time, and whether they are the last of the pass; to know that, it must read one group `ahead`. */
export async function* inGroups(
  examples: Iterable<Example> | AsyncIterable<Example>,
  size: number,
  ahead: boolean,
): AsyncGenerator<{ batches: Example[]; last: boolean }, void, void> {
  let waiting: Example[] = [];
  let group: Example[] = [];
  for await (const example of examples) {
    if (waiting.length > 0) yield { batches: waiting, last: false };
    waiting = [];
    group.push(example);
    if (group.length < size) continue;
    if (ahead) waiting = group;
    else yield { batches: group, last: false };
    group = [];
  }
  const rest = waiting.length > 0 ? waiting : group;
  if (rest.length > 0) yield { batches: rest, last: true };
}
