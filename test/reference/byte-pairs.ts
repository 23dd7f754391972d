/** Byte-pair encoding as its paper has it (Sennrich, Haddow & Birch 2016, algorithm 1): everything is counted anew for each merge. */

type Pair = readonly [left: string, right: string];

/** The merges of words of which each is a list of symbols; of equally frequent pairs the first by `order` of its parts. */
export function merges(
  words: ReadonlyMap<readonly string[], number>,
  most: number,
  atLeast: number,
  order: (symbol: string) => number,
): string[] {
  let now = [...words];
  const made: string[] = [];
  const known: string[] = [];
  const place = (symbol: string) => (known.includes(symbol) ? 1000 + known.indexOf(symbol) : order(symbol));
  while (known.length < most) {
    const counts = new Map<string, { pair: Pair; count: number }>();
    for (const [symbols, times] of now) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair: Pair = [symbols[i]!, symbols[i + 1]!];
        const key = pair.join(" ");
        counts.set(key, { pair, count: (counts.get(key)?.count ?? 0) + times });
      }
    }
    const [best] = [...counts.values()].sort(
      (a, b) =>
        b.count - a.count || place(a.pair[0]) - place(b.pair[0]) || place(a.pair[1]) - place(b.pair[1]),
    );
    if (!best || best.count < atLeast) break;
    made.push(best.pair.join(" "));
    if (!known.includes(best.pair.join(""))) known.push(best.pair.join(""));
    now = now.map(([symbols, times]) => [join(symbols, best.pair), times]);
  }
  return made;
}

/** The symbols of a word: the merge that comes first in the list is made at its leftmost place, again and again. */
export function apply(symbols: readonly string[], list: readonly string[]): readonly string[] {
  for (;;) {
    const ranks = symbols.slice(1).map((right, i) => {
      const rank = list.indexOf(`${symbols[i]} ${right}`);
      return rank < 0 ? Infinity : rank;
    });
    const rank = Math.min(...ranks);
    if (rank === Infinity) return symbols;
    const at = ranks.indexOf(rank);
    symbols = [...symbols.slice(0, at), symbols[at]! + symbols[at + 1]!, ...symbols.slice(at + 2)];
  }
}

function join(symbols: readonly string[], [left, right]: Pair): readonly string[] {
  const joined: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    const both = symbols[i] === left && symbols[i + 1] === right;
    joined.push(both ? left + right : symbols[i]!);
    if (both) i++;
  }
  return joined;
}
