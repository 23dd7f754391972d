// Errors to plant in what calls the kernels; `find` occurs once in its file.

/** @type {Readonly<Record<string, readonly import("../../scripts/planted.js").Planted[]>>} */
export const hostErrors = {
  "ts/cells/activations.ts": [
    {
      title: "the slope of leakyRelu below 0 is another by default",
      find: "leakyRelu: [5, 0.01, 0]",
      replace: "leakyRelu: [5, 0.1, 0]",
    },
    {
      title: "two activations have each other's number",
      find: "tanh: [1, 0, 0],\n  sigmoid: [2, 0, 0],",
      replace: "tanh: [2, 0, 0],\n  sigmoid: [1, 0, 0],",
    },
  ],
  "ts/cells/rnn.ts": [
    {
      title: "the hidden weights of a reversed network take the states after the step",
      find: "place(states, reverse * batch * stride)",
      replace: "place(states)",
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
      find: "emitWeightGradient(emit, previous, dProducts, weight, bias?.gradient ?? 0);",
      replace: "emitWeightGradient(emit, previous, dProducts, weight, 0);",
    },
    {
      title: "the gradient of the candidate's hidden weights takes states that were not reset",
      find: "{ place: resets, rows, width: units, stride },",
      replace: "previous,",
    },
  ],
  "ts/cells/lstm.ts": [
    {
      title: "the first gate begins open, not the forget gate",
      find: "open: 1,",
      replace: "open: 0,",
    },
    {
      title: "clipping alone does not make a variant",
      find: "plain && !clip && !coupled && !peepholes ? 0 : 1",
      replace: "plain && !coupled && !peepholes ? 0 : 1",
    },
    {
      title: "the hidden weights of a reversed layer take the states after the step",
      find: "place(states, reverse * batch * stride)",
      replace: "place(states)",
    },
  ],
  "ts/ops/recurrence.ts": [
    {
      title: "a reversed layer begins a step late",
      find: "slot(state, reverse * steps);",
      replace: "slot(state, reverse * (steps - 1));",
    },
    {
      title: "only the hidden state is carried",
      find: "for (const state of layouts.keys()) {",
      replace: "for (const state of [0]) {",
    },
    {
      title: "the gradient of the final hidden state is forgotten",
      find: "for (const [state, from] of dFinal) {",
      replace: "for (const [state, from] of [...dFinal].slice(1)) {",
    },
    {
      title: "the gradient of an initial state that is given is forgotten",
      find: "        if (isValue(value)) gradient(value, own);\n",
      replace: "",
    },
    {
      title: "the second bias has no gradient",
      find: "for (const { gradient } of [bias, biasHidden]) {",
      replace: "for (const { gradient } of [bias]) {",
    },
    {
      title: "gradients past the length of a row count",
      find: 'if (lengths) emit("maskEnded", { x: dOutput, y: dOutput, ...mask });',
      replace: "",
    },
  ],
  "ts/ops/linear.ts": [
    {
      title: "the bias has no gradient",
      find: "bias?.gradient ?? 0",
      replace: "0",
    },
  ],
  "ts/ops/product.ts": [
    {
      title: "the gradient of an input takes the weight untransposed",
      find: "weight: emitTranspose(emit, weight, dx.width, dy.stride),",
      replace: "weight: weight.value,",
    },
  ],
  "ts/ops/gather.ts": [
    {
      title: "the last row's symbol has no gradient",
      find: "        rows,\n",
      replace: "        rows: rows - 1,\n",
    },
  ],
  "ts/ops/dropout.ts": [
    {
      title: "backward drops others than forward",
      find: "operands(dOutput, dx)",
      replace: "{ ...operands(dOutput, dx), stream: stream + 1 }",
    },
  ],
  "ts/ops/last.ts": [
    {
      title: "steps before the last are left the gradient that was in memory",
      find: 'emit("zero", { to: dx, count: steps * batch * stride });',
      replace: "",
    },
    {
      title: "rows of their own length are taken for whole ones",
      find: "lengths: lengths ?? 0",
      replace: "lengths: 0",
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
      find: 'span.role !== "temporary" ||\n          other.span.role !== "temporary" ||\n          ',
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
  "ts/graph/parameter.ts": [
    {
      title: "gates are not interleaved by four units",
      find: "(unit >> 2) * 4 * gates + gate * 4 + (unit & 3)",
      replace: "gate * roundUp(units, 4) + unit",
    },
    {
      title: "a written matrix is transposed",
      find: "stored[start + row * stride] = values[row * columns + column]!",
      replace: "stored[start + row * stride] = values[column * rows + row]!",
    },
  ],
  "ts/model/data.ts": [
    {
      title: "a step past the length of a row is read",
      find: "step < length ?",
      replace: "step <= length ?",
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
      title: "a step past the length of a row counts for the loss",
      find: "const weight = step < length ?",
      replace: "const weight = step <= length ?",
    },
    {
      title: "steps and rows of the weights are exchanged",
      find: "weights?.[row * steps + step]",
      replace: "weights?.[step * batch + row]",
    },
  ],
  "ts/model/train.ts": [
    {
      title: "gradients past the bound are scaled by the bound",
      find: "clip / (gradientNorm + 1e-6)",
      replace: "clip",
    },
    {
      title: "the gradient of the step before is added",
      find: 'engine.call("zero", { to: gradients.address, count });\n        program.plan.forward();',
      replace: "program.plan.forward();",
    },
    {
      title: "training does not carry the state",
      find: "        program.plan.carry();\n        yield",
      replace: "        yield",
    },
    {
      title: "evaluation does not carry the state",
      find: "program.plan.forward();\n      program.plan.carry();",
      replace: "program.plan.forward();",
    },
    {
      title: "the rate is that of the step after",
      find: "rateAt(optimiser, step)",
      replace: "rateAt(optimiser, step + 1)",
    },
  ],
  "ts/model/optimisers.ts": [
    {
      title: "Adam's correction of the second moment is a step behind",
      find: "power(beta2, step + 1)",
      replace: "power(beta2, step + 2)",
    },
    {
      title: "weight decay applies to biases",
      find: "shrink: decays ? 1 - rate * decoupled : 1",
      replace: "shrink: 1 - rate * decoupled",
    },
  ],
};
