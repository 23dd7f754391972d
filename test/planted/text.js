// Errors to plant in what makes ids of texts, and in what scores written texts.

/** @type {import("./errors.js").Planting} */
export const text = {
  "ts/data/pairs.ts": [
    {
      title: "every epoch of pairs has the order of the first",
      find: "random(seed, epoch)",
      replace: "random(seed, 0)",
    },
    {
      title: "the decoder is given its answers",
      find: "given.set(target, at + 1);",
      replace: "given.set(target, at);",
    },
    {
      title: "the end is no answer",
      find: "      answers[at + target.length] = end;\n",
      replace: "",
    },
    {
      title: "a target is as long as without its start",
      find: "target.length + 1),",
      replace: "target.length),",
    },
    {
      title: "batches stay in the order of their lengths",
      find: "    draw?.shuffle(batches);\n",
      replace: "",
    },
    {
      title: "the longest that is allowed is too long",
      find: "pair[part].length <= longest",
      replace: "pair[part].length < longest",
    },
    {
      title: "padding counts as its pair does",
      find: "weights.fill(weight, at, at + target.length + 1)",
      replace: "weights.fill(weight, at, at + steps)",
    },
    {
      title: "sources within targets of one length stay as they come",
      find: "one.target.length - other.target.length || (one.target.length % 2 === 0 ? source : -source)",
      replace: "one.target.length - other.target.length || 0 * source",
    },
  ],
  "ts/metrics/bleu-by-length.ts": [
    {
      title: "a sentence as long as the edge is in the next group",
      find: "lengths[row]! >= from && lengths[row]! <= to",
      replace: "lengths[row]! >= from - 1 && lengths[row]! < to",
    },
    {
      title: "the lengths of the sources are not asked for",
      find: "split(sources?.[i] ?? first!)",
      replace: "split(first!)",
    },
  ],
  "ts/metrics/bleu.ts": [
    {
      title: "a group of words matches as often as it is written",
      find: "matches[n]! += Math.min(times, Math.max(",
      replace: "matches[n]! += Math.max(0 * times, Math.max(",
    },
    {
      title: "of two references equally near the longer counts",
      find: "(nearer === 0 && other < best)",
      replace: "(nearer === 0 && other > best)",
    },
    {
      title: "all orders without a match have half of one",
      find: "share /= 2",
      replace: "share = 0.5",
    },
    {
      title: "k is added to the first order too",
      find: 'smoothing === "addK" && n > 0',
      replace: 'smoothing === "addK"',
    },
    {
      title: "the brevity penalty is for long candidates",
      find: "candidateLength >= referenceLength",
      replace: "candidateLength <= referenceLength",
    },
    {
      title: "a sentence has the order of a corpus",
      find: "{ effectiveOrder: true, ...options }",
      replace: "options",
    },
  ],
  "ts/metrics/chrf.ts": [
    {
      title: "white space counts as a character",
      find: 'read.replace(/\\s/g, "")',
      replace: "read",
    },
    {
      title: "groups longer than the reference count",
      find: "others > 0 ? all : 0",
      replace: "all",
    },
    {
      title: "recall counts beta times, not its square",
      find: "const weight = beta * beta;",
      replace: "const weight = beta;",
    },
    {
      title: "the last reference counts, not the best",
      find: "score > best.score",
      replace: "score >= 0",
    },
    {
      title: "a mark at the beginning of a word belongs to it",
      find: "mark.test(symbols[0]!)",
      replace: "mark.test(symbols[1]!)",
    },
  ],
  "ts/metrics/edits.ts": [
    {
      title: "substitutions are as good as matches",
      find: "0 : STEP + 1)",
      replace: "0 : STEP - 1)",
    },
    {
      title: "insertions and deletions change places",
      find: "(changes - substitutions + n - m) / 2",
      replace: "(changes - substitutions + m - n) / 2",
    },
    {
      title: "the first reference counts",
      find: "return fewer < 0 ||",
      replace: "return fewer < -Infinity ||",
    },
    {
      title: "of references with as many changes the first counts",
      find: "lengthOf(other) > lengthOf(best)",
      replace: "lengthOf(other) > Infinity",
    },
    {
      title: "a rate is of what was written",
      find: "return substitutions + deletions + matches;",
      replace: "return substitutions + matches;",
    },
  ],
  "ts/metrics/entities.ts": [
    {
      title: "an entity of another type goes on",
      find: "type === open.type && ",
      replace: "",
    },
    {
      title: "an entity goes on after its end",
      find: 'ended = place === "E" || place === "S";',
      replace: "ended = false;",
    },
    {
      title: "an entity at the end of a sentence is lost",
      find: '[...tags, "O"].entries()',
      replace: "tags.entries()",
    },
    {
      title: "an entity is found if its first step is",
      find: "keyOf({ type, from, to }: Span)",
      replace: "keyOf({ type, from, from: to }: Span)",
    },
    {
      title: "types weigh the same in the weighted mean",
      find: "mean(scores, ({ support }) => support)",
      replace: "mean(scores, () => 1)",
    },
  ],
  "ts/metrics/rouge.ts": [
    {
      title: "what is common need not be in order",
      find: "row[j - 1]! + 1 :",
      replace: "row[j]! + 1 :",
    },
    {
      title: "precision and recall change places",
      find: "[common / candidate.length, common / reference.length]",
      replace: "[common / reference.length, common / candidate.length]",
    },
  ],
  "ts/metrics/tokenise.ts": [
    {
      title: "a point between digits is a token",
      find: ".replace(/([.,])([^0-9])/gu",
      replace: ".replace(/([.,])(.)/gu",
    },
    {
      title: "a dash after a digit belongs to it",
      find: '        .replace(/([0-9])(-)/g, "$1 $2 "),\n',
      replace: "",
    },
    {
      title: "escaped marks stay escaped",
      find: '.replaceAll("&quot;", \'"\')',
      replace: "",
    },
  ],
  "ts/pictures/attention.ts": [
    {
      title: "half a shade is rounded down",
      find: "shades[Math.round(4 * weight)]",
      replace: "shades[Math.floor(4 * weight)]",
    },
    {
      title: "squares stand in the column of their row",
      find: "left + s * cell}",
      replace: "left + t * cell}",
    },
    {
      title: "letters of two columns have a space behind them",
      find: '" ".repeat(2 - columnsOf(letter))',
      replace: '" ".repeat(columnsOf(letter) - 1 || 1)',
    },
  ],
  "ts/pictures/chart.ts": [
    {
      title: "the axis goes from the lowest value",
      find: "(value / ys.at(-1)!)",
      replace: "((value - 10) / ys.at(-1)!)",
    },
  ],
  "ts/pictures/svg.ts": [
    {
      title: "an ampersand stays as it is",
      find: '/[&<>"]/g',
      replace: '/[<>"]/g',
    },
    {
      title: "what XML cannot hold is written",
      find: '.replace(/[^\\P{C}\\t\\n]/gu, "\\ufffd")',
      replace: "",
    },
  ],
  "ts/text/byte-pairs.ts": [
    {
      title: "what is merged last comes first",
      find: "new Queue<number>((a, b) => a < b)",
      replace: "new Queue<number>((a, b) => a > b)",
    },
    {
      title: "a merge does not look back",
      find: "    offer(before[at]!);\n",
      replace: "",
    },
    {
      title: "a merge forgets what was before it",
      find: "    if (next[at]! < ids.length) before[next[at]!] = at;\n",
      replace: "",
    },
    {
      title: "what two merges make is two symbols",
      find: "if (!ids.has(symbol)) ids.set",
      replace: "ids.set",
    },
    {
      title: "pieces are remembered by their first letters",
      find: "remembered.set(piece, ids)",
      replace: "remembered.set(piece.slice(0, 3), ids)",
    },
    {
      title: "a symbol may be of any length",
      find: "symbol.length > LONGEST || ",
      replace: "",
    },
    {
      title: "bytes before a special symbol wait until after it",
      find: "text += textOf(waiting) + symbol;\n        waiting = [];",
      replace: "text += symbol;",
    },
  ],
  "ts/text/byte-pair-training.ts": [
    {
      title: "of pairs as frequent the one with the higher ids is merged",
      find: "a.pair.left < b.pair.left",
      replace: "a.pair.left > b.pair.left",
    },
    {
      title: "a piece counts once, however often it occurs",
      find: "this.#weights.push(times)",
      replace: "this.#weights.push(1)",
    },
    {
      title: "pairs that a merge has taken apart are still counted",
      find: "for (const place of [before[at]!, at, right]) this.#forget(place);",
      replace: "this.#forget(at);",
    },
    {
      title: "a pair that has become rarer is forgotten",
      find: "        this.#queue.push({ pair, count: pair.count }); // some of it has been merged since\n",
      replace: "",
    },
    {
      title: "places are merged as they were seen",
      find: ".sort((a, b) => a - b)",
      replace: ".sort((a, b) => b - a)",
    },
  ],
  "ts/text/bytes.ts": [
    {
      title: "longer forms of a code point are decoded",
      find: "lead === 0xe0 ? 0xa0",
      replace: "lead === 0xe0 ? 0x80",
    },
    {
      title: "the second byte decides for those after it",
      find: "      [low, high] = [0x80, 0xbf];\n",
      replace: "",
    },
    {
      title: "the soft hyphen is seen",
      find: "byte > 0xa0 && byte !== 0xad",
      replace: "byte > 0xa0",
    },
  ],
  "ts/text/queue.ts": [
    {
      title: "what goes down a queue takes the left way",
      find: "child + 1 < entries.length && this.#before(entries[child + 1]!, entries[child]!)",
      replace: "child + 1 < 0",
    },
  ],
  "ts/text/saved-vocabulary.ts": [
    {
      title: "a definition may have anything besides",
      find: "!parts[kind].includes(name)",
      replace: "name === kind",
    },
  ],
  "ts/text/symbols.ts": [
    {
      title: "a text can become a special symbol",
      find: "id !== undefined && id >= first ?",
      replace: "id !== undefined ?",
    },
    {
      title: "a symbol may be there twice",
      find: 'symbol === "" || ids.has(symbol)',
      replace: 'symbol === ""',
    },
    {
      title: "decoding leaves out the first ordinary symbol too",
      find: "ids[i]! >= first",
      replace: "ids[i]! > first",
    },
    {
      title: "special symbols count beyond the most there may be",
      find: "atMost - taken.length",
      replace: "atMost",
    },
  ],
  "ts/text/unknown.ts": [
    {
      title: "known symbols are counted",
      find: "id === substitute",
      replace: "id !== substitute",
    },
  ],
  "ts/text/vocabulary.ts": [
    {
      title: "a symbol may be of two code points",
      find: "[...symbol].length > 1",
      replace: "symbol.length > 2",
    },
    {
      title: "what follows a surrogate pair is 0",
      find: "ids.slice(0, count)",
      replace: "ids",
    },
  ],
  "ts/text/word-vocabulary.ts": [
    {
      title: "everything that is kept has spaces between",
      find: 'rules.keep === "all" ? "" : " "',
      replace: '" "',
    },
  ],
  "ts/text/words.ts": [
    {
      title: "spaces are punctuation",
      find: "/\\S/.test(segment)",
      replace: "segment.length > 0",
    },
  ],
};
