// Errors to plant in the kernels other than the cells'.

/** @type {import("./errors.js").Planting} */
export const kernels = {
  "assembly/activation.ts": [
    {
      title: "the derivative of elu below 0 is the result",
      find: "f32x4.add(y, a)",
      replace: "y",
    },
    {
      title: "the derivative of softsign is not squared",
      find: "f32x4.mul(rest, rest)",
      replace: "rest",
    },
    {
      title: "the derivative of the scaled tanh lacks the inner factor",
      find: "f32x4.splat(alpha * beta)",
      replace: "a",
    },
    {
      title: "gelu's bell is that of the rounded square",
      find: "f32x4.sub(e, f32x4.mul(e, f32x4.mul(lost, half)))",
      replace: "e",
    },
    {
      title: "the derivative of silu above 0 is that below",
      find: "v128.bitselect(below, f32x4.sub(one, below), f32x4.lt(x, zero))",
      replace: "below",
    },
  ],
  "assembly/matmul.ts": [
    {
      title: "one of four vectors of the bias gradient is dropped",
      find: "    s2 = f32x4.add(s2, d2);\n",
      replace: "",
    },
    {
      title: "the last row of an odd number is left out",
      find: "if (rows == 1 || rows == 3) row(x, panel, 0, 1, count, seed, 0, out);",
      replace: "",
    },
    {
      title: "the last of an odd number of inner indices is left out where there is one row",
      find: "if (count & 1) {",
      replace: "if (false) {",
    },
    {
      title: "the second half of five rows starts from the seed of the first",
      find: "seed + 32, seedStride, out + 32",
      replace: "seed, seedStride, out + 32",
    },
    {
      title: "every block of inner indices starts from the bias again",
      find: "const first = k == 0;",
      replace: "const first = k < depth;",
    },
    {
      title: "rows past the last whole four are not transposed",
      find: "let c = r < wholeRows ? wholeColumns : 0;",
      replace: "let c = wholeColumns;",
    },
    {
      title: "a transposed block has two rows alike",
      find: "v128.shuffle<f32>(ab2, cd2, 2, 3, 6, 7)",
      replace: "v128.shuffle<f32>(ab2, cd2, 0, 1, 4, 5)",
    },
    {
      title: "the weight's gradient is overwritten, not accumulated",
      find: "packed, count, target, 64, target, 64);",
      replace: "packed, count, ZEROS, 0, target, 64);",
    },
  ],
  "assembly/panels.ts": [
    {
      title: "a gate is given the columns of its first units again and again",
      find: "((group % gates) * units + first)",
      replace: "((group % gates) * units)",
    },
    {
      title: "the last units of a gate are taken from the next",
      find: "if (lanes >= 4) v128",
      replace: "if (lanes >= 1) v128",
    },
  ],
  "assembly/random.ts": [
    {
      title: "uniform numbers are all positive",
      find: "/ 2147483648 - 1)",
      replace: "/ 4294967296)",
    },
  ],
  "assembly/orthogonal.ts": [
    {
      title: "the signs of a random orthogonal matrix are not drawn",
      find: "row == first ? sign : 1",
      replace: "1",
    },
  ],
  "assembly/losses/softmax.ts": [
    {
      title: "large logits overflow",
      find: "return largest(lanes);",
      replace: "return 0;",
    },
    {
      title: "padding counts as classes",
      find: "v128.bitselect(v128.load(x + lastVector(width)), f32x4.splat(-Infinity), data)",
      replace: "v128.load(x + lastVector(width))",
    },
  ],
  "assembly/losses/cross-entropy.ts": [
    {
      title: "the target's gradient is that of a weight of 1",
      find: "load<f32>(own) - weight * share",
      replace: "load<f32>(own) - share",
    },
    {
      title: "what is spread over all classes has no gradient",
      find: "f32x4.mul(v128.load(base + c), lanes)",
      replace: "f32x4.splat(0)",
    },
  ],
  "assembly/losses/distribution.ts": [
    {
      title: "a class without a share adds its infinite logit",
      find: "v128.and(f32x4.mul(q, gain), f32x4.ne(q, f32x4.splat(0)))",
      replace: "f32x4.mul(q, gain)",
    },
  ],
  "assembly/losses/residual.ts": [
    {
      title: "the gradient beyond the knee has no sign",
      find: "v128.xor(outer, v128.and(d, f32x4.splat(-0.0)))",
      replace: "outer",
    },
  ],
  "assembly/losses/binary.ts": [
    {
      title: "large logits overflow",
      find: "exp(f32x4.neg(size))",
      replace: "exp(size)",
    },
  ],
  "assembly/losses/cosine.ts": [
    {
      title: "rows within the margin are pushed apart",
      find: "cosine > margin ? weight : 0",
      replace: "weight",
    },
  ],
  "assembly/losses/ctc.ts": [
    {
      title: "a blank between two labels alike can be skipped",
      find: "if (load<u32>(label) != load<u32>(label - pitch)) store",
      replace: "store",
    },
    {
      title: "labels must end in a blank",
      find: "join(last, before, f32x4.splat(NEVER))",
      replace: "join(last, f32x4.splat(NEVER), f32x4.splat(NEVER))",
    },
    {
      title: "the numbers taken off the states are forgotten",
      find: "taken += relate(next, end);",
      replace: "relate(next, end);",
    },
    {
      title: "impossible labels have a gradient",
      find: "if (weight == 0 || arrived(alphas, count) < LEAST) length = 0;",
      replace: "if (weight == 0) length = 0;",
    },
  ],
  "assembly/softmax-rows.ts": [
    {
      title: "padding has a share of the whole",
      find: "decay(f32x4.sub(c < end ? v128.load(x + c) : last, shift))",
      replace: "decay(f32x4.sub(v128.load(x + c), shift))",
    },
    {
      title: "the gradient of the softmax is not brought to a sum of 0",
      find: ": f32x4.mul(v128.load(y + at), f32x4.sub(d, all))",
      replace: ": f32x4.mul(v128.load(y + at), d)",
    },
    {
      title: "padding counts as exponentials of 0",
      find: "v128.and(exp(v128.load(row + (c << 2))), lanesFrom(c, width))",
      replace: "exp(v128.load(row + (c << 2)))",
    },
  ],
  "assembly/sequence.ts": [
    {
      title: "all rows begin anew or continue as the first does",
      find: "if (fresh != 0 && !load<u32>(fresh + (row << 2))) continue;",
      replace: "if (fresh != 0 && !load<u32>(fresh)) continue;",
    },
    {
      title: "a row that continues gives its state's gradient to the initial state",
      find: "if (fresh != 0 && !load<u32>(fresh + (row << 2))) {",
      replace: "if (fresh != 0 && !load<u32>(fresh)) {",
    },
    {
      title: "the gradient of a learned initial state is that of the last row",
      find: "f32x4.add(v128.load(dInitial + c), v128.load(d + c))",
      replace: "v128.load(d + c)",
    },
    {
      title: "all rows begin with the first row's initial state",
      find: "initial + ((row * initialStride) << 2)",
      replace: "initial",
    },
    {
      title: "outputs past the length of a row are the state it has kept",
      find: "if (ended(lengths, row, t)) memory.fill(y + offset, 0, bytes);\n      else if (x != y)",
      replace: "if (x != y)",
    },
    {
      title: "the last step of a short row is that of the longest",
      find: "lengths ? min(load<u32>(lengths + (row << 2)), steps) : steps",
      replace: "steps",
    },
  ],
  "assembly/embedding.ts": [
    {
      title: "a symbol that comes twice has the gradient of the last time",
      find: "f32x4.add(v128.load(target + c), v128.load(source + c))",
      replace: "v128.load(source + c)",
    },
    {
      title: "padding is learned",
      find: "    if (id == skipped) continue;\n",
      replace: "",
    },
  ],
  "assembly/touched.ts": [
    {
      title: "a row is taken for touched because it was once",
      find: "place >= count || load<u32>(list + (<usize>place << 2)) != id",
      replace: "load<u32>(list + (<usize>place << 2)) != id",
    },
    {
      title: "a row is taken for another that stands in its place",
      find: " || load<u32>(list + (<usize>place << 2)) != id",
      replace: "",
    },
    {
      title: "steps past the length of their row touch symbols",
      find: " && !ended(lengths, row, t)",
      replace: "",
    },
    {
      title: "padding is touched",
      find: "id != padding && ",
      replace: "",
    },
    {
      title: "the second batch of a step forgets the rows of the first",
      find: "let count = load<u32>(size);",
      replace: "let count: u32 = 0;",
    },
  ],
  "assembly/dropout.ts": [
    {
      title: "what is left is not scaled up",
      find: "f32x4.splat(1 / (1 - rate))",
      replace: "f32x4.splat(1)",
    },
    {
      title: "every step has the same mask",
      find: "const step = load<u32>(clock, 4);",
      replace: "const step: u32 = 0;",
    },
  ],
  "assembly/optimise.ts": [
    {
      title: "Nesterov's momentum looks ahead from the velocity",
      find: "nesterov ? blend(v, momentum, g, 1) : v",
      replace: "nesterov ? blend(v, momentum, v, 1) : v",
    },
    {
      title: "Adam's second moment is not corrected for its beginning",
      find: "f32x4.mul(f32x4.sqrt(v), f32x4.splat(root))",
      replace: "f32x4.sqrt(v)",
    },
    {
      title: "Adam's epsilon is inside the root",
      find: "f32x4.add(f32x4.mul(f32x4.sqrt(v), f32x4.splat(root)), f32x4.splat(epsilon))",
      replace: "f32x4.mul(f32x4.sqrt(f32x4.add(v, f32x4.splat(epsilon))), f32x4.splat(root))",
    },
    {
      title: "decoupled decay shrinks nothing",
      find: "f32x4.sub(f32x4.mul(p, f32x4.splat(shrink)), move)",
      replace: "f32x4.sub(p, move)",
    },
    {
      title: "AMSGrad forgets its greatest moment",
      find: "v128.store(greatest, v);",
      replace: "",
    },
    {
      title: "a centred root is of the square alone",
      find: "f32x4.sub(s, f32x4.mul(a, a))",
      replace: "s",
    },
    {
      title: "Lion's momentum takes as much of a gradient as its sign does",
      find: "blend(m, <f32>beta2, g, <f32>(1 - beta2))",
      replace: "blend(m, <f32>beta2, g, <f32>(1 - beta1))",
    },
  ],
  "assembly/lane.ts": [
    {
      title: "sigmoid gives above 0 what it gives below",
      find: "v128.bitselect(e, one, i32x4.shr_s(x, 31))",
      replace: "e",
    },
    {
      title: "tanh loses the sign",
      find: "v128.bitselect(x, f32x4.div(m, f32x4.add(m, constant(52))), constant(88))",
      replace: "f32x4.abs(f32x4.div(m, f32x4.add(m, constant(52))))",
    },
    {
      title: "a sum of lanes leaves out half of them",
      find: "f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)",
      replace: "f32x4.extract_lane(pairs, 0)",
    },
  ],
  "assembly/pointwise.ts": [
    {
      title: "the last columns of a part overwrite what others have given",
      find: "store<f32>(y + c, load<f32>(y + c) + load<f32>(x + c))",
      replace: "store<f32>(y + c, load<f32>(x + c))",
    },
  ],
  "assembly/zoneout.ts": [
    {
      title: "zoneout keeps what it shall not",
      find: "const old = f32x4.mul(z, v128.load(previous + half));",
      replace: "const old = f32x4.mul(f32x4.sub(one, z), v128.load(previous + half));",
    },
    {
      title: "zoneout draws the same numbers at every step",
      find: "threefry(<u32>(first + (i >> 3)), stream, load<u32>(clock), load<u32>(clock, 4), y + i);",
      replace: "threefry(<u32>(i >> 3), stream, load<u32>(clock), load<u32>(clock, 4), y + i);",
    },
    {
      title: "zoneout shares out the gradient of a row that has ended",
      find: "    if (ended(lengths, row, t)) {\n      memory.fill(kept + start, 0, bytes);\n      continue;\n    }\n",
      replace: "",
    },
  ],
};
