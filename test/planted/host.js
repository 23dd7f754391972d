// Errors to plant in the cells' calls of their kernels, the graph, its plan, and what trains a model.

/** @type {import("./errors.js").Planting} */
export const host = {
  "ts/cells/cell.ts": [
    {
      title: "the hidden weights of a reversed layer take the states after the step",
      find: "place(source, reverse * batch * stride)",
      replace: "place(source)",
    },
  ],
  "ts/cells/gru.ts": [
    {
      title: "what the update gate weights is the other way round",
      find: 'variant.update === "candidate" ? 1 : 0',
      replace: 'variant.update === "candidate" ? 0 : 1',
    },
    {
      title: "the hidden bias has no gradient",
      find: "emitWeightGradient(emit, sourceRows(run, units), dProducts, weight, bias?.gradient ?? 0);",
      replace: "emitWeightGradient(emit, sourceRows(run, units), dProducts, weight, 0);",
    },
    {
      title: "the gradient of the candidate's hidden weights takes states that were not reset",
      find: "{ place: resets, rows, width: units, stride },",
      replace: "previousStates(run),",
    },
  ],
  "ts/cells/lstm.ts": [
    {
      title: "the first gate begins open, not the forget gate",
      find: "open: { gate: 1,",
      replace: "open: { gate: 0,",
    },
    {
      title: "clipping alone does not make a variant",
      find: "plain && !clip && !coupled && !peepholes ? 0 : 1",
      replace: "plain && !coupled && !peepholes ? 0 : 1",
    },
  ],
  "ts/cells/lstm-projected.ts": [
    {
      title: "the gradient of the projection takes the projected states",
      find: "{ place: outputs, rows, width: units, stride }",
      replace: "{ place: place(states), rows, width: units, stride }",
    },
  ],
  "ts/graph/differentiate.ts": [
    {
      title: "the gradient of a value with two readers is that of one",
      find: "if (earlier) additions.push({ from: target, into: earlier, count });\n        else gradients",
      replace: "gradients",
    },
    {
      title: "what parts of a gradient are added to is not zeroed",
      find: 'emit("zero", { to: target, count });',
      replace: "",
    },
  ],
  "ts/graph/layout.ts": [
    {
      title: "a span may overlap one that is read when it is first written",
      find: "other.first <= last && first <= other.last",
      replace: "other.first < last && first < other.last",
    },
    {
      title: "a span that is kept may overlap others",
      find: "!passing(span) || !passing(other.span) || ",
      replace: "",
    },
  ],
  "ts/graph/plan.ts": [
    {
      title: "a span lives until its first use",
      find: "if (known) known.last = at;",
      replace: "if (known) known.first = Math.min(known.first, at);",
    },
    {
      title: "what the host reads may be overwritten by the backward pass",
      find: "for (const span of kept) touch(span, steps.length);",
      replace: "",
    },
    {
      title: "the first state is carried to the last",
      find: '"copy", { from: last, to: first, count }',
      replace: '"copy", { from: first, to: last, count }',
    },
  ],
  "ts/model/stream-states.ts": [
    {
      title: "a row that is reset in the middle of a stream goes on",
      find: "row + 1);\n    this.#fresh = true;",
      replace: "row + 1);",
    },
  ],
  "ts/graph/parameter.ts": [
    {
      title: "gates are not interleaved by four units",
      find: "(unit >> 2) * 4 * gates + gate * 4 + (unit & 3)",
      replace: "gate * roundUp(units, 4) + unit",
    },
    {
      title: "every strip of a large weight is written over the first",
      find: "const panels = (at + row * LINE * 4) as Address;",
      replace: "const panels = at;",
    },
  ],
  "ts/model/data.ts": [
    {
      title: "a step past the length of a row is read",
      find: "if (step >= length) memory",
      replace: "if (step > length) memory",
    },
    {
      title: "steps and rows of a batch are exchanged on the way in",
      find: "const to = at / 4 + (step * batch + row) * value.stride;",
      replace: "const to = at / 4 + (row * steps + step) * value.stride;",
    },
  ],
  "ts/model/network.ts": [
    {
      title: "all rows continue or begin anew as the first does",
      find: ": continues[row]) ? 0 : 1",
      replace: ": continues[0]) ? 0 : 1",
    },
    {
      title: "the mean is divided by the number of targets, not by the weights of their classes",
      find: "classWeights ? weight * classWeights[target]! : weight",
      replace: "weight",
    },
    {
      title: "a loss that is measured overwrites the outputs",
      find: 'if (use === "measure") output.readers++;',
      replace: "",
    },
    {
      title: "a step past the length of a row counts for the loss",
      find: "const weight = step < length && !ignored ?",
      replace: "const weight = step <= length && !ignored ?",
    },
    {
      title: "steps and rows of the weights are exchanged",
      find: "weights?.[row * steps + step]",
      replace: "weights?.[step * batch + row]",
    },
  ],
  "ts/model/evaluate.ts": [
    {
      title: "evaluation does not carry the state",
      find: "await program.plan.run(turns);\n        program.plan.carry();",
      replace: "await program.plan.run(turns);",
    },
  ],
  "ts/layers/bidirectional.ts": [
    {
      title: "both directions are the same",
      find: "const backward = forward.reversed();",
      replace: "const backward = forward;",
    },
  ],
  "ts/data/windows.ts": [
    {
      title: "windows that overlap count a target twice",
      find: "const seen = index > 0 ? steps - advance : 0;",
      replace: "const seen = index > 0 ? Math.max(0, steps - advance - 1) : 0;",
    },
    {
      title: "what lies past the end of a lane counts",
      find: "Math.max(seen, Math.min(steps, left))",
      replace: "steps",
    },
    {
      title: "targets that were given are those of the next step",
      find: "const shift = given === read ? 1 : 0;",
      replace: "const shift = 1;",
    },
  ],
};
