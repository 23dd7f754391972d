/** Rows of one kind together. */

/** A list for each kind, in the order in which the kinds and their rows come. */
export function groupsOf<T>(rows: Iterable<T>, kind: (row: T) => unknown): T[][] {
  const groups = new Map<unknown, T[]>();
  for (const row of rows) {
    const key = kind(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}
