// Errors to plant in what reads models of Keras.

/** @type {import("./errors.js").Planting} */
export const keras = {
  "ts/keras/activations.ts": [
    {
      title: "hard_sigmoid of Keras 2 is taken for that of Keras 3",
      find: "alpha: keras3 ? 1 / 6 : 0.2,",
      replace: "alpha: 1 / 6,",
    },
  ],
  "ts/keras/archive.ts": [
    {
      title: "what an archive unpacks to is not bounded",
      find: 'atMost(where, total, limits.unpackedBytes, "unpacked bytes");',
      replace: "",
    },
  ],
  "ts/keras/attention.ts": [
    {
      title: "keys of Keras are taken for its values",
      find: "const [query, value, key = value] = inputs;",
      replace: "const [query, key, value = key] = inputs;",
    },
    {
      title: "keys of sums are not scaled",
      find: 'mode === "concat" ? times(key) : key.node',
      replace: "key.node",
    },
    {
      title: "a mask of the values is not asked for",
      find: "subject.wires.overSteps(subject.where, looked.value);",
      replace: "",
    },
    {
      title: "a window of several heads is one step wider",
      find: "{ window: band - 1 }",
      replace: "{ window: band }",
    },
    {
      title: "several heads give as much as the query has, whatever they say",
      find: "output === null ? query.width : (lone(output) as number)",
      replace: "query.width",
    },
    {
      title: "steps of two inputs are compared where some are masked",
      find: "byPosition && looked.query.of",
      replace: "!byPosition && looked.query.of",
    },
  ],
  "ts/keras/convert.ts": [
    {
      title: "a mask that is handed over is not looked at",
      find: "if (same) continue;",
      replace: "continue;",
    },
    {
      title: "every call of a model has layers of its own",
      find: "if (known) return known;",
      replace: "",
    },
    {
      title: "nothing is said of a mask that Keras 3 forgets",
      find: "for (const { node } of masked) forgotten.add(node);",
      replace: "forgotten.clear();",
    },
  ],
  "ts/keras/definition.ts": [
    {
      title: "layers of somebody's own pass for those of Keras",
      find: 'typeof registered_name === "string" && registered_name.includes(">")',
      replace: "false",
    },
    {
      title: "an option of a call says nothing",
      find: "causal: options.use_causal_mask === true };",
      replace: "causal: false };",
    },
    {
      title: "calls of models in Keras 2 are counted from nought",
      find: "{ ...layer, first: 1 }",
      replace: "layer",
    },
    {
      title: "outputs of models in Keras 3 are counted from nought",
      find: "[given.layer, call - 1, output]",
      replace: "[given.layer, call, output]",
    },
    {
      title: "layers of one class are not counted",
      find: "seen.set(className, count + 1);",
      replace: "",
    },
  ],
  "ts/keras/export-graph.ts": [
    {
      title: "the last step goes through a convolution",
      find: '"logSoftmax", "dropout"],',
      replace: '"logSoftmax", "dropout", "conv1d"],',
    },
  ],
  "ts/keras/export-layers.ts": [
    {
      title: "a softmax is a layer that takes a mask for its own",
      find: '({ className: "Activation", config: { activation: "softmax" } })',
      replace: '({ className: "Softmax", config: { axis: -1 } })',
    },
  ],
  "ts/keras/export-model.ts": [
    {
      title: "a mask is made though not all layers pass it on",
      find: "masked: masking && definition.padding === 0",
      replace: "masked: definition.padding === 0",
    },
    {
      title: "a number of steps is guessed where several would do",
      find: "if (steps.count(least + 1) !== count) return least;",
      replace: "return least;",
    },
  ],
  "ts/keras/export-recurrent.ts": [
    {
      title: "what Keras gives backwards is taken for the order of the steps",
      find: "if (reverse && uses.sequences)",
      replace: "if (reverse && uses.sequences && uses.last)",
    },
    {
      title: "an option that Keras has not is passed over",
      find: "  clip: 0,\n",
      replace: "",
    },
  ],
  "ts/keras/gates.ts": [
    {
      title: "the gates of a GRU stay in the order of Keras",
      find: "gru: [1, 0, 2],",
      replace: "gru: [0, 1, 2],",
    },
    {
      title: "the second bias of a GRU is the first again",
      find: "biases!.subarray(3 * units)",
      replace: "biases!.subarray(0)",
    },
    {
      title: "the candidate's weight of a GRU is that of a gate",
      find: "gates(hidden!, units, units, 3, order.slice(2))",
      replace: "gates(hidden!, units, units, 3, order.slice(0, 1))",
    },
    {
      title: "two biases become the first of them",
      find: "first.map((x, i) => x + second[i]!)",
      replace: "first",
    },
    {
      title: "the update gate of Cho et al. keeps its sign",
      find: "data[i] = -data[i]!",
      replace: "data[i] = +data[i]!",
    },
  ],
  "ts/keras/hdf5/file.ts": [
    {
      title: "numbers are read as if little-endian",
      find: "read.call(view, i * size, littleEndian)",
      replace: "read.call(view, i * size, true)",
    },
    {
      title: "a soft link is followed as an address",
      find: 'if (source.word32(place + 16) === 2) source.refuse(place, "an object of this file", "a soft link");',
      replace: "",
    },
    {
      title: "halves below the normal ones are zero",
      find: "if (exponent === 0) return (sign * mantissa) / 16_777_216; // 2^24",
      replace: "if (exponent === 0) return sign * 0;",
    },
    {
      title: "a filter is passed over",
      find: 'if (this.#one(kind.filters)) this.#refuse("numbers as they are", "a filter, such as compression");',
      replace: "",
    },
  ],
  "ts/keras/hdf5/source.ts": [
    {
      title: "parts of a file are not counted",
      find: "this.#parts += count;",
      replace: "",
    },
    {
      title: "bytes are read past the end",
      find: "if (!(at >= 0 && at + count <= this.#bytes.length)) {",
      replace: "if (!(at >= 0)) {",
    },
  ],
  "ts/keras/hdf5/write.ts": [
    {
      title: "names are counted in letters, not in bytes",
      find: "const length = lengthInUtf8(name);",
      replace: "const { length } = name;",
    },
  ],
  "ts/keras/normalise.ts": [
    {
      title: "shift and gain change places",
      find: "shift ? taken.at(-1)! : new Float32Array(x.width)",
      replace: "shift ? taken[0]! : new Float32Array(x.width)",
    },
    {
      title: "the mean of a column is not taken off",
      find: '(part("shift")?.[i] ?? 0) -',
      replace: '(part("shift")?.[i] ?? 0) +',
    },
  ],
  "ts/keras/steps.ts": [
    {
      title: "every part of a row that is cut is the first",
      find: "from: step * columns, to: (step + 1) * columns",
      replace: "from: 0, to: columns",
    },
  ],
  "ts/keras/recurrent.ts": [
    {
      title: "what goes backwards stays in the order of the input",
      find: "const output = sequences\n      ? { ...x, node: inOrder(), width: made.width }",
      replace: "const output = sequences\n      ? { ...x, node: made.output, width: made.width }",
    },
    {
      title: "backward states begin with those of the forward layer",
      find: "behind] = [there(x, initial.slice(0, half)), back(x, initial.slice(half))]",
      replace: "behind] = [there(x, initial.slice(0, half)), back(x, initial.slice(0, half))]",
    },
    {
      title: "the last output of a backward layer is that of the last step",
      find: "const last = backwards ? hidden :",
      replace: "const last = !backwards && hidden ? hidden :",
    },
  ],
  "ts/keras/settings.ts": [
    {
      title: "options that are not known pass",
      find: 'else if (!off.has(key) || (!silent && value !== "auto")) {',
      replace: 'else if (off.has(key) && !silent && value !== "auto") {',
    },
  ],
  "ts/keras/tfjs.ts": [
    {
      title: "every weight of a group begins at its start",
      find: "at += 4 * count;",
      replace: "at += 0;",
    },
  ],
  "ts/keras/unpad.ts": [
    {
      title: "a row is masked if any of its numbers is",
      find: "counts ||= Math.fround(values[from + i]!) !== mask!.value;",
      replace: "counts = Math.fround(values[from + i]!) !== mask!.value;",
    },
  ],
  "ts/keras/weights.ts": [
    {
      title: "the weights of a model's frozen layers are looked for first",
      find: "return inAll ?? own[0] ?? first;",
      replace: "return first;",
    },
    {
      title: "shapes of weights are not compared",
      find: "if (got?.join() === expected.join()) return;",
      replace: "if (got) return;",
    },
  ],
  "ts/keras/wires.ts": [
    {
      title: "a mask that one of two layers makes is for both",
      find: "if (mask && unmasked.length > 0) {",
      replace: "if (mask && unmasked.length > 99) {",
    },
  ],
  "ts/keras/written.ts": [
    {
      title: "layers are as far from the output as their nearest reader",
      find: "Math.max(depth + 1, ofCalls.get(source.call) ?? 0)",
      replace: "depth + 1",
    },
    {
      title: "a layer is as far from the output as its last call",
      find: "Math.max(ofCalls.get(call) ?? 0, ofLayers.get(call.layer) ?? 0)",
      replace: "ofCalls.get(call) ?? 0",
    },
  ],
};
