// Errors to plant in decoding.

/** @type {import("./errors.js").Planting} */
export const decoding = {
  "ts/decoding/beam-search.ts": [
    {
      title: "one that ends is a hypothesis however unlikely",
      find: "token === end && rank >= this.#beams",
      replace: "token === end && rank >= 2 * this.#beams",
    },
    {
      title: "one that nothing may follow ranks like the others",
      find: "return stopped === other ? a.score > b.score : other;",
      replace: "return a.score > b.score;",
    },
    {
      title: "the search stops at the first that ends",
      find: "if (!worst || worst.finished",
      replace: "if (this.#ended > 0) return true;\n    if (!worst || worst.finished",
    },
    {
      title: "the search never stops before the greatest length",
      find: "this.#penalties.bound(likeliest, this.#rules.maxLength) <= worst.score",
      replace: "worst.score > 0",
    },
    {
      title: "rows go on from states of their own",
      find: "rows.goOn(live.length, token, source);",
      replace: "rows.goOn(live.length, token);",
    },
  ],
  "ts/decoding/candidates.ts": [
    {
      title: "of equally likely continuations those of the first beam win",
      find: "(totals[place - 1] === total && tokens[place - 1]! > token)",
      replace: "false",
    },
  ],
  "ts/decoding/decode.ts": [
    {
      title: "sentences that are decoded some at a time are numbered anew",
      find: "numbers?.[sentence] ?? sentence",
      replace: "sentence",
    },
  ],
  "ts/decoding/decoder.ts": [
    {
      title: "the sum of probabilities is that of the first row",
      find: "logSumExp(logits, from, width)",
      replace: "logSumExp(logits, 0, width)",
    },
  ],
  "ts/decoding/path.ts": [
    {
      title: "the end is a token of the sentence",
      find: 'finished === "end" ? path.before! : path',
      replace: "path",
    },
  ],
  "ts/decoding/penalties.ts": [
    {
      title: "the bound is that of the next token alone",
      find: "Math.max(total / this.#divisor(length + 1), total / this.#divisor(maxLength))",
      replace: "total / this.#divisor(length + 1)",
    },
    {
      title: "what was seen twice makes up for what was not",
      find: "Math.min(1, Math.max(leastCoverage, sum))",
      replace: "Math.max(leastCoverage, sum)",
    },
    {
      title: "Wu's penalty is 1 at no token",
      find: "(5 + length) / 6",
      replace: "(6 + length) / 6",
    },
  ],
  "ts/decoding/rows.ts": [
    {
      title: "all sentences read the rows of the first",
      find: "return this.#steps.logProbabilities(this.#first + row);",
      replace: "return this.#steps.logProbabilities(row);",
    },
    {
      title: "weights of attention are not copied",
      find: "this.#attention?.[row].slice()",
      replace: "this.#attention?.[row]",
    },
  ],
  "ts/decoding/rules.ts": [
    {
      title: "a token that comes often costs more each time",
      find: "changed[token] = row[token]! * this.#repetition;",
      replace: "changed[token] = changed[token]! * this.#repetition;",
    },
    {
      title: "the last sequence that may not come twice is not looked at",
      find: "from < last; from++",
      replace: "from < last - 1; from++",
    },
    {
      title: "a sentence may end one token early",
      find: "path.length < this.#minLength",
      replace: "path.length < this.#minLength - 1",
    },
  ],
  "ts/decoding/sampling.ts": [
    {
      title: "all samples draw the same",
      find: "stream: number * samples + row",
      replace: "stream: number",
    },
    {
      title: "the score leaves out what the rules cost",
      find: "path.total + weighed[token]!",
      replace: "path.total + rows.logProbabilities(row)[token]!",
    },
  ],
  "ts/decoding/score.ts": [
    {
      title: "the end does not count",
      find: "Uint32Array.of(...Array.from(tokens), ...ends)",
      replace: "Uint32Array.of(...Array.from(tokens))",
    },
  ],
};
