// Errors to plant in what reads and writes the files of others.

/** @type {import("./errors.js").Planting} */
export const formats = {
  "ts/io/numbers.ts": [
    {
      title: "subnormal halves are half of themselves",
      find: "for (exponent = 1; fraction < 0x400; exponent--)",
      replace: "for (exponent = 0; fraction < 0x400; exponent--)",
    },
    {
      title: "halves that are not a number are numbers",
      find: "if (exponent === 31) return",
      replace: "if (exponent === 32) return",
    },
  ],
  "ts/io/shards.ts": [
    {
      title: "a file may have a tensor that the index does not have there",
      find: "if (named !== file)",
      replace: "if (named === undefined)",
    },
  ],
  "ts/io/zip.ts": [
    {
      title: "a file may come twice in an archive",
      find: 'if (expected.has(name) || name === "__proto__")',
      replace: 'if (name === "__proto__")',
    },
    {
      title: "files may have more bytes than their archive",
      find: "if (total > bytes.length)",
      replace: "if (size > bytes.length)",
    },
    {
      title: "a file past the end of the archive is cut",
      find: "if (file.length !== length) refuse(",
      replace: "if (file.length > length) refuse(",
    },
    {
      title: "a damaged file passes",
      find: "if (found !== checksum)",
      replace: "if (found < 0)",
    },
    {
      title: "the directory of an archive past 4 GB is sought where that of others is",
      find: "view.getUint32(record + 48, true)",
      replace: "view.getUint32(end + 16, true)",
    },
  ],
  "ts/torch/pickle.ts": [
    {
      title: "objects are taken from below a mark",
      find: "if (stack.length === (marks.at(-1) ?? 0))",
      replace: "if (stack.length === 0)",
    },
    {
      title: "references cost nothing",
      find: "take(PLACE + size);",
      replace: "take(size);",
    },
    {
      title: "bytes behind the end of a pickle are not seen",
      find: "if (place !== bytes.length)",
      replace: "if (place > bytes.length)",
    },
    {
      title: "keys that are lists are left out",
      find: 'refuse("a key that is text or a number", kindOf(key));',
      replace: "continue;",
    },
  ],
  "ts/torch/objects.ts": [
    {
      title: "a storage may have a negative count",
      find: "Number.isSafeInteger(value) && value >= 0",
      replace: "Number.isSafeInteger(value)",
    },
    {
      title: "numbers of 16 bits of one kind are read as those of the other",
      find: '["torch BFloat16Storage", { named: "BF16" }]',
      replace: '["torch BFloat16Storage", { named: "F16" }]',
    },
  ],
  "ts/torch/checkpoint.ts": [
    {
      title: "a few numbers may be read for ever by strides of 0",
      find: "if (elements > count || (elements > 0 && last >= count))",
      replace: "if (elements > 0 && last >= count)",
    },
    {
      title: "a tensor may reach beyond its storage by one number",
      find: "last >= count",
      replace: "last > count",
    },
    {
      title: "what is rearranged may take any memory",
      find: "if (!isDense(tensor)) copied += entry.bytes.length;",
      replace: "",
    },
    {
      title: "a transposed tensor is read as it lies",
      find: "if (shape[axis]! > 1 && strides[axis] !== size) return false;",
      replace: "",
    },
    {
      title: "numbers of machines of the other order of bytes are taken",
      find: '!== "little"',
      replace: '=== "large"',
    },
  ],
  "ts/torch/state.ts": [
    {
      title: "safetensors with a header of 128 bytes are taken for a pickle",
      find: "if (isSafetensors(bytes)) return readSafetensors(bytes, limits).tensors;",
      replace: "",
    },
  ],
  "ts/torch/weights.ts": [
    {
      title: "what is made of keys and values changes places",
      find: 'weightKey: { tensor: "in_proj_weight", transposed: true, third: 1 }',
      replace: 'weightKey: { tensor: "in_proj_weight", transposed: true, third: 2 }',
    },
    {
      title: "keys of another width are stacked with queries",
      find: "return key!.shape[0] === units && value!.shape[0] === units ? stackedAttention : attention;",
      replace: "return value!.shape[0] === units ? stackedAttention : attention;",
    },
    {
      title: "a single bias is the first of two",
      find: "return own.map((value, i) => value + other[i]!);",
      replace: "return own;",
    },
    {
      title: "the second bias of a GRU's candidate is added to the first",
      find: 'kind === "gru" ? (own.length / 3) * 2 : own.length',
      replace: "own.length",
    },
    {
      title: "projections are not transposed",
      find: 'weightProjection: { tensor: "weight_hr", transposed: true }',
      replace: 'weightProjection: { tensor: "weight_hr" }',
    },
  ],
  "ts/torch/match.ts": [
    {
      title: "the layers of a transformer are taken by their shapes alone",
      find: "if (named.length > 0) all.set(layer, named);",
      replace: "",
    },
    {
      title: "modules of like shapes are taken in the order of the file",
      find: "const ordered = alike.length === fitting.length ? inOrder(fitting) : undefined;",
      replace: "const ordered = fitting;",
    },
    {
      title: "a module that no layer has is left out",
      find: "if (left) refuse(",
      replace: "if (!left) refuse(",
    },
    {
      title: "numbers in names are ordered as text",
      find: "(a.numbers[place] ?? 0) - (b.numbers[place] ?? 0)",
      replace: 'String(a.numbers[place]).localeCompare(String(b.numbers[place]), "en")',
    },
  ],
  "ts/torch/chain.ts": [
    {
      title: "the first of several orders is taken",
      find: "if (another) refuse(",
      replace: "if (!chain) refuse(",
    },
    {
      title: "what is between two numbered modules is forgotten",
      find: "if (between > 1)",
      replace: "if (between > 9)",
    },
  ],
  "ts/torch/export.ts": [
    {
      title: "layers within others are not looked at",
      find: "if (values && !values.includes(option))",
      replace: "if (values && !values.includes(option) && !where.includes('.'))",
    },
  ],
  "ts/convert/verify.ts": [
    {
      title: "numbers past the length of a row are compared",
      find: "Math.min(steps, lengths?.[row] ?? steps)",
      replace: "steps",
    },
    {
      title: "a number that is none differs by nothing",
      find: "return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;",
      replace: "return difference;",
    },
  ],
};
