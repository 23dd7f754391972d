// Errors to plant in the recurrence and the other operations.

/** @type {import("./errors.js").Planting} */
export const ops = {
  "ts/ops/frames.ts": [
    {
      title: "same padding has the odd step before",
      find: "Math.floor(missing / 2)",
      replace: "Math.ceil(missing / 2)",
    },
    {
      title: "a convolution sees what is past the length of a row",
      find: 'if (lengths) emit("maskEnded", { x: x.place, y: whole, ...mask });',
      replace: 'if (lengths) emit("copy", { from: x.place, to: whole, count: countOf(x) });',
    },
    {
      title: "the last frame is left out where it just fits",
      find: "Math.floor((steps - 1 - offset) / stride) + 1)",
      replace: "Math.ceil((steps - 1 - offset) / stride))",
    },
  ],
  "ts/ops/recurrence.ts": [
    {
      title: "gradients past the length of a row count",
      find: 'if (lengths) emit("maskEnded", { x: dOutput, y: dOutput, ...mask });',
      replace: "",
    },
  ],
  "ts/ops/states.ts": [
    {
      title: "a reversed layer begins a step late",
      find: "states: slot(state, reverse * steps),",
      replace: "states: slot(state, reverse * (steps - 1)),",
    },
    {
      title: "only the hidden state is carried",
      find: "for (const state of each)\n      graph.carry",
      replace: "for (const state of each.slice(0, 1))\n      graph.carry",
    },
    {
      title: "the state is carried from one step too early",
      find: "last: slot(state, carried)",
      replace: "last: slot(state, carried - 1)",
    },
    {
      title: "the gradient of the final hidden state is forgotten",
      find: "for (const [state, from] of dFinal) {",
      replace: "for (const [state, from] of [...dFinal].filter(([state]) => state > 0)) {",
    },
    {
      title: "the gradient of an initial state that is given is forgotten",
      find: "        if (isValue(initial)) gradient(initial, own);\n",
      replace: "",
    },
  ],
  "ts/ops/biases.ts": [
    {
      title: "the second bias has no gradient",
      find: "for (const { gradient } of biases) emit",
      replace: "for (const { gradient } of biases.slice(0, 1)) emit",
    },
  ],
  "ts/ops/weight-drop.ts": [
    {
      title: "weights that were dropped have a gradient",
      find: '        emit("dropout", mask(left.gradient, left.gradient, stream));\n',
      replace: "",
    },
    {
      title: "the gradient of what is left adds up from run to run",
      find: 'emit("zero", { to: left.gradient, count: left.gradient.count });',
      replace: "void left;",
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
      find: "emitTranspose(emit, weight, dx.width, dy.stride), dx);",
      replace: "place(weight.value), dx);",
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
  "ts/ops/activation.ts": [
    {
      title: "gelu keeps its result instead of its input",
      find: "(ofInput ? x : output).place",
      replace: "output.place",
    },
    {
      title: "the slope of leakyRelu below 0 is another by default",
      find: "leakyRelu: { code: 5, alpha: { default: 0.01",
      replace: "leakyRelu: { code: 5, alpha: { default: 0.1",
    },
    {
      title: "two functions have each other's number",
      find: "tanh: { code: 1 },\n  sigmoid: { code: 2 },",
      replace: "tanh: { code: 2 },\n  sigmoid: { code: 1 },",
    },
  ],
  "ts/ops/add.ts": [
    {
      title: "the first of the values added has no gradient",
      find: "      gradient(first, dOutput);\n",
      replace: "",
    },
  ],
  "ts/ops/multiply.ts": [
    {
      title: "the gradient of a factor is made of the factor itself",
      find: "{ a: dOutput, b: a.place, y: db, count }",
      replace: "{ a: dOutput, b: b.place, y: db, count }",
    },
  ],
  "ts/ops/concat.ts": [
    {
      title: "every part has the gradient of the first",
      find: "x: shift(dOutput, column)",
      replace: "x: dOutput",
    },
  ],
  "ts/ops/slice.ts": [
    {
      title: "the gradient of a slice goes to the first columns",
      find: "y: shift(dx, from)",
      replace: "y: dx",
    },
  ],
  "ts/ops/at.ts": [
    {
      title: "every step counted from the end is the last",
      find: "step < 0 ? step + steps : step",
      replace: "step < 0 ? steps - 1 : step",
    },
  ],
  "ts/ops/stack.ts": [
    {
      title: "gradients of steps come in the wrong order",
      find: "gradient(value, shift(dOutput, step * count))",
      replace: "gradient(value, shift(dOutput, (values.length - 1 - step) * count))",
    },
  ],
  "ts/ops/walk.ts": [
    {
      title: "what zoneout keeps does not reach the state before",
      find: 'emit("add", { a: dStates, b: place(kept), y: dStates, count: kept.count });',
      replace: "",
    },
    {
      title: "the gradient of dropped states is not dropped",
      find: 'emit("dropout", mask(k, dSources, dSources));',
      replace: "",
    },
    {
      title: "a state without zoneout does not move",
      find: 'else emit("copy", { from: next, to: y, count: layout.count });',
      replace: 'else emit("copy", { from: slot(states.span, before), to: y, count: layout.count });',
    },
    {
      title: "zoneout is random after training too",
      find: "clock: graph.training ? graph.clock : (0 as const),",
      replace: "clock: graph.clock,",
    },
  ],
};
