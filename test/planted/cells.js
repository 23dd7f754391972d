// Errors to plant in the cells' kernels.

/** @type {import("./errors.js").Planting} */
export const cells = {
  "assembly/cells/rnn.ts": [
    {
      title: "a reversed network starts from the state that it is to make",
      find: "const previous = states + (reverse ? t + 1 : t) * stepBytes;",
      replace: "const previous = states + t * stepBytes;",
    },
    {
      title: "backward goes from the first step to the last",
      find: "for (let k = stop; k-- > start; ) {",
      replace: "for (let k = start; k < stop; k++) {",
    },
    {
      title: "backward takes the state before the step",
      find: "const hidden = results + (reverse ? t : t + 1) * stepBytes;",
      replace: "const hidden = results + (reverse ? t + 1 : t) * stepBytes;",
    },
    {
      title: "the derivative of tanh is 1 - h",
      find: "f32x4.sub(one, f32x4.mul(h, h))",
      replace: "f32x4.sub(one, h)",
    },
    {
      title: "the gradient of the step after is counted at every step before",
      find: "    v128.store(dStates + u, f32x4.splat(0));\n",
      replace: "",
    },
    {
      title: "rows that have ended are differentiated all the same",
      find: "      if (ended(lengths, row, t)) continue;\n",
      replace: "",
    },
    {
      title: "a row that has ended leaves the bias a gradient",
      find: "memory.fill(x + offset, 0, rowBytes);",
      replace: "",
    },
    {
      title: "the padding of a state is the activation of 0",
      find: "v128.and(gate(v128.load(gates), activation, alpha, beta, clip), lanes)",
      replace: "gate(v128.load(gates), activation, alpha, beta, clip)",
    },
  ],
  "assembly/cells/gru.ts": [
    {
      title: "the reset gate reads the update gate's sum",
      find: "sigmoid(f32x4.add(v128.load(activations), v128.load(p)));",
      replace: "sigmoid(f32x4.add(v128.load(activations), v128.load(p, 16)));",
    },
    {
      title: "the reset gate resets nothing",
      find: "f32x4.mul(v128.load(gates), v128.load(products, 32))",
      replace: "v128.load(products, 32)",
    },
    {
      title: "the hidden bias is dropped",
      find: "bias, p, gateBytes, units,",
      replace: "0, p, gateBytes, units,",
    },
    {
      title: "the update gate keeps what it should take",
      find: "f32x4.add(f32x4.mul(keep, previous), f32x4.mul(f32x4.sub(one, keep), n))",
      replace: "f32x4.add(f32x4.mul(f32x4.sub(one, keep), previous), f32x4.mul(keep, n))",
    },
    {
      title: "the gradient of an update gate that weights the candidate has the wrong sign",
      find: "if (candidateUpdate) dz = f32x4.neg(dz);",
      replace: "",
    },
    {
      title: "the gradient of the update gate has the wrong sign",
      find: "f32x4.sub(v128.load(previous), n)",
      replace: "f32x4.sub(n, v128.load(previous))",
    },
    {
      title: "the gradient of the reset gate is taken from the candidate",
      find: "f32x4.mul(dn, v128.load(products, 32))",
      replace: "f32x4.mul(dn, n)",
    },
    {
      title: "the hidden product's gradient passes the reset gate by",
      find: "v128.store(products, f32x4.mul(dn, r), 32);",
      replace: "v128.store(products, dn, 32);",
    },
    {
      title: "the gradient does not flow past the gates to the state before",
      find: "v128.store(dStates, f32x4.mul(dh, keep));",
      replace: "v128.store(dStates, f32x4.splat(0));",
    },
    {
      title: "a row that has ended leaves the hidden weights a gradient",
      find: "memory.fill(p + row * gateBytes, 0, gateBytes);",
      replace: "",
    },
  ],
  "assembly/cells/gru-reset-first.ts": [
    {
      title: "the reset gate resets nothing",
      find: "v128.store(reset, f32x4.mul(r, v128.load(source)));",
      replace: "v128.store(reset, v128.load(source));",
    },
    {
      title: "the update gate reads the reset gate's product",
      find: "let z = f32x4.add(v128.load(gates, 16), v128.load(pair, 16));",
      replace: "let z = f32x4.add(v128.load(gates, 16), v128.load(pair));",
    },
    {
      title: "the gradient of an update gate that weights the candidate has the wrong sign",
      find: "if (candidateUpdate) dz = f32x4.neg(dz);",
      replace: "",
    },
    {
      title: "the gradient through the reset overwrites the one past it",
      find: "f32x4.add(v128.load(dSource), f32x4.mul(d, r))",
      replace: "f32x4.mul(d, r)",
    },
    {
      title: "the reset gate's activation has a derivative of 1",
      find: "const dr = f32x4.mul(f32x4.mul(d, v128.load(source)), slope);",
      replace: "const dr = f32x4.mul(d, v128.load(source));",
    },
    {
      title: "the candidate's activation has the gate's derivative",
      find: "f32x4.sub(one, f32x4.mul(n, n))",
      replace: "f32x4.mul(n, f32x4.sub(one, n))",
    },
  ],
  "assembly/cells/lstm.ts": [
    {
      title: "the forget gate reads the input gate's sum",
      find: "const f = sigmoid(v128.load(activations, 16));",
      replace: "const f = sigmoid(v128.load(activations));",
    },
    {
      title: "the cell forgets everything",
      find: "f32x4.add(f32x4.mul(f, v128.load(previous)), f32x4.mul(i, g))",
      replace: "f32x4.mul(i, g)",
    },
    {
      title: "the cell goes to the output without its activation",
      find: "f32x4.mul(v128.load(gates, 48), tanh(v128.load(cells)))",
      replace: "f32x4.mul(v128.load(gates, 48), v128.load(cells))",
    },
    {
      title: "the derivative of the cell's activation is 1",
      find: "f32x4.mul(dho, f32x4.sub(one, f32x4.mul(c, c)))",
      replace: "dho",
    },
    {
      title: "the gradient of the forget gate takes the cell after the step",
      find: "f32x4.mul(dc, v128.load(previous))",
      replace: "f32x4.mul(dc, v128.load(cells))",
    },
    {
      title: "the cell's gradient passes the forget gate by",
      find: "v128.store(dCells, f32x4.mul(dc, f));",
      replace: "v128.store(dCells, dc);",
    },
    {
      title: "the derivative of the output gate lacks a factor",
      find: "f32x4.mul(f32x4.mul(dho, c), f32x4.sub(one, o))",
      replace: "f32x4.mul(dho, c)",
    },
    {
      title: "the forget gate looks through the input gate's peephole",
      find: "forget = f32x4.add(forget, f32x4.mul(v128.load(p + rowBytes), before));",
      replace: "forget = f32x4.add(forget, f32x4.mul(v128.load(p), before));",
    },
    {
      title: "the output gate's peephole looks at the cell before the step",
      find: "f32x4.mul(v128.load(p + 2 * rowBytes), c)",
      replace: "f32x4.mul(v128.load(p + 2 * rowBytes), before)",
    },
    {
      title: "no gradient comes to the cell through the output gate's peephole",
      find: "if (peepholes) dc = f32x4.add(dc, f32x4.mul(dOutput, v128.load(p + 2 * rowBytes)));",
      replace: "",
    },
    {
      title: "no gradient comes to the cell before through the forget gate's peephole",
      find: "dBefore = f32x4.add(dBefore, f32x4.mul(dForget, v128.load(p + rowBytes)));",
      replace: "",
    },
    {
      title: "the output gate's peephole gets the gradient of the cell before",
      find: "o = f32x4.add(o, f32x4.mul(v128.load(own, 48), after));",
      replace: "o = f32x4.add(o, f32x4.mul(v128.load(own, 48), before));",
    },
    {
      title: "the forget gate of coupled gates is the input gate",
      find: "coupled ? f32x4.sub(f32x4.splat(1), input)",
      replace: "coupled ? input",
    },
    {
      title: "the coupled gates' gradients are added, not subtracted",
      find: "dIn = f32x4.sub(dIn, dForget);",
      replace: "dIn = f32x4.add(dIn, dForget);",
    },
    {
      title: "the cell is clipped like a gate",
      find: "gate(c, h, hAlpha, hBeta, 0)",
      replace: "gate(c, h, hAlpha, hBeta, clip)",
    },
    {
      title: "a row that has ended loses its cell",
      find: "memory.copy(after + stateBytes, before + stateBytes, rowBytes);",
      replace: "memory.fill(after + stateBytes, 0, rowBytes);",
    },
    {
      title: "a row that has ended leaves the bias a gradient",
      find: "memory.fill(own, 0, gateBytes);",
      replace: "",
    },
  ],
  "assembly/cells/gate.ts": [
    {
      title: "a gate is not clipped from below",
      find: "f32x4.max(f32x4.min(x, f32x4.splat(clip)), f32x4.splat(-clip))",
      replace: "f32x4.min(x, f32x4.splat(clip))",
    },
    {
      title: "a clipped gate has a gradient",
      find: "v128.andnot(slope, v128.or(f32x4.eq(y, high), f32x4.eq(y, low)))",
      replace: "v128.andnot(slope, v128.and(f32x4.eq(y, high), f32x4.eq(y, low)))",
    },
  ],
  "assembly/cells/rows.ts": [
    {
      title: "a row ends a step late",
      find: "t >= <usize>load<u32>",
      replace: "t > <usize>load<u32>",
    },
  ],
  "assembly/cells/min-gru.ts": [
    {
      title: "the gate weights the old state, not the candidate",
      find: "f32x4.add(f32x4.mul(f32x4.sub(one, z), v128.load(previous)), f32x4.mul(z, c))",
      replace: "f32x4.add(f32x4.mul(z, v128.load(previous)), f32x4.mul(f32x4.sub(one, z), c))",
    },
    {
      title: "the gradient of the gate has the wrong sign",
      find: "f32x4.sub(c, v128.load(previous))",
      replace: "f32x4.sub(v128.load(previous), c)",
    },
  ],
  "assembly/cells/min-lstm.ts": [
    {
      title: "the gates are not divided by their sum",
      find: "const kept = f32x4.mul(f32x4.div(f, sum), v128.load(previous));",
      replace: "const kept = f32x4.mul(f, v128.load(previous));",
    },
    {
      title: "the gradient of the forget gate has the sign of the input gate's",
      find: "f32x4.mul(d, f32x4.sub(f, one))",
      replace: "f32x4.mul(d, f32x4.sub(one, f))",
    },
  ],
  "assembly/cells/positive.ts": [
    {
      title: "the derivative below 0 is 1",
      find: "v128.bitselect(f32x4.mul(y, f32x4.sub(one, y)), one, f32x4.lt(y, f32x4.splat(0.5)))",
      replace: "one",
    },
  ],
  "assembly/cells/lstm-projected.ts": [
    {
      title: "the gradient of the step after does not go through the projection",
      find: "f32x4.add(v128.load(above + c), v128.load(dStates + c))",
      replace: "v128.load(above + c)",
    },
    {
      title: "the gradient of the step after is counted at every step before",
      find: "      memory.fill(dStates + offset, 0, hiddenBytes);\n",
      replace: "",
    },
  ],
  "assembly/cells/lstm-normalised.ts": [
    {
      title: "the candidate takes the gain of the output gate",
      find: "f32x4.mul(v128.load(gain, 32), v128.load(products, 32))",
      replace: "f32x4.mul(v128.load(gain, 48), v128.load(products, 32))",
    },
    {
      title: "the gradient does not go through the cell's gain",
      find: "v128.store(dn, f32x4.mul(dy, scale));",
      replace: "v128.store(dn, dy);",
    },
    {
      title: "the gradient of the cell after is dropped",
      find: "const dc = f32x4.add(v128.load(dCells), v128.load(dn));",
      replace: "const dc = v128.load(dn);",
    },
    {
      title: "the products' scale is the cell's",
      find: "load<f32>(productScales + (index << 2))",
      replace: "load<f32>(cellScales + (index << 2))",
    },
  ],
  "assembly/normalise.ts": [
    {
      title: "the mean counts the padding",
      find: "const count = <f32>(units * gates);\n  const bytes = gates << 4;",
      replace: "const count = <f32>(((units + 3) & ~3) * gates);\n  const bytes = gates << 4;",
    },
    {
      title: "the variance counts the padding",
      find: "const d = v128.and(f32x4.sub(v128.load(at), mean), lanes);",
      replace: "const d = f32x4.sub(v128.load(at), mean);",
    },
    {
      title: "the gradient of the mean is dropped",
      find: "f32x4.sub(f32x4.sub(v128.load(d + at), mean), f32x4.mul(v128.load(n + at), share))",
      replace: "f32x4.sub(v128.load(d + at), f32x4.mul(v128.load(n + at), share))",
    },
    {
      title: "the shift has no gradient",
      find: "shift = f32x4.add(shift, slope);",
      replace: "",
    },
  ],
};
