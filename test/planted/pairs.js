// Errors in models of several inputs, in attention inside recurrences, and in what translates with them.

/** @type {import("./errors.js").Planting} */
export const pairs = {
  "ts/graph/graph.ts": [
    {
      title: "what depends on a stream's own sequence stands still",
      find: "node.output.standing = node.inputs.length > 0 && node.inputs.every(({ standing }) => standing);",
      replace:
        "node.output.standing = node.inputs.length > 0 && node.inputs.some(({ standing }) => standing);",
    },
  ],
  "ts/graph/plan.ts": [
    {
      title: "what was prepared for a stream is overwritten by its steps",
      find: "const lasting = prepare.flatMap(spansOf).filter((span) => read.has(span));",
      replace: "const lasting = prepare.flatMap(spansOf).filter((span) => !read.has(span));",
    },
  ],
  "ts/model/inputs.ts": [
    {
      title: "inputs may have other numbers of rows",
      find: "const odd = read.findIndex(({ batch }) => batch !== own.batch);",
      replace: "const odd = read.findIndex(({ batch }) => batch < 0);",
    },
  ],
  "ts/model/stream-states.ts": [
    {
      title: "rows that are chosen go on from rows that were overwritten",
      find: "if (from[row] !== row) this.restore(kept[from[row]!]!, row);",
      replace: "if (from[row] !== row) this.restore(this.save(from[row]!), row);",
    },
  ],
  "ts/ops/states.ts": [
    {
      title: "an encoder goes on where the batch before ended",
      find: "const fresh: Place | 0 = reverse || standing ? 0 : place(graph.fresh);",
      replace: "const fresh: Place | 0 = reverse ? 0 : place(graph.fresh);",
    },
  ],
  "ts/ops/look.ts": [
    {
      title: "the hidden state has no gradient through its query",
      find: 'emit("add", { a: dHidden, b: back.place, y: dHidden, count: batch * hidden.stride });',
      replace: "",
    },
    {
      title: "the transpose of the query's weight has as many rows as there is room for",
      find: "emitTranspose(emit, weightQuery, hidden.width, queries.stride)",
      replace: "emitTranspose(emit, weightQuery, hidden.stride, queries.stride)",
    },
    {
      title: "coverage is not carried from step to step of a stream",
      find: "graph.carry({ first: place(coverage), last, count: batch * line });",
      replace: "graph.carry({ first: last, last, count: batch * line });",
    },
  ],
  "ts/ops/attend.ts": [
    {
      title: "a query is made of the state after the step",
      find: "place: place(states.span, block + reverse * count)",
      replace: "place: place(states.span, block + count)",
    },
  ],
  "ts/ops/feed.ts": [
    {
      title: "the attentional vector is not carried from step to step of a stream",
      find: "graph.carry({ first: place(all), last:",
      replace: "graph.carry({ first: place(all, count), last:",
    },
    {
      title: "an attentional vector has no gradient from the step that it enters",
      find: "if (t > 0) into.backward(",
      replace: "if (t < 0) into.backward(",
    },
  ],
  "ts/layers/encoder-decoder.ts": [
    {
      title: "every layer of the decoder begins with the encoder's first states",
      find: "const final = states[Math.min(place++, states.length - 1)];",
      replace: "const final = states[0];",
    },
  ],
  "ts/model/translator.ts": [
    {
      title: "translations come back in the order of their lengths",
      find: "found[index] = all[place]!",
      replace: "found[from + place] = all[place]!",
    },
  ],
  "ts/training/scheduled-sampling.ts": [
    {
      title: "a token is replaced by one said at its own place",
      find: "said.data.subarray((at - 1) * size, at * size)",
      replace: "said.data.subarray(at * size, (at + 1) * size)",
    },
    {
      title: "the start is replaced too",
      find: "for (let step = 1; step < steps; step++) {",
      replace: "for (let step = 0; step < steps; step++) {",
    },
  ],
};
