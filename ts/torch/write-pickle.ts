/** A state_dict as a pickle of protocol 2, opcode for opcode as `torch.save` writes a plain dictionary of tensors. */

/** What a tensor is, in the pickle; its numbers are in a file named by its index. */
export interface Described {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The pickle of tensors of float32, each with a storage of its own, in row-major order. */
export function pickleState(tensors: readonly Described[]): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  /** Places in the memo of what comes again. */
  const memo = new Map<string, number>();
  let remembered = 0;

  const put = (...code: number[]) => {
    for (const byte of code) bytes.push(byte);
  };
  const word = (value: number) => put(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24);

  function remember(): number {
    const index = remembered++;
    if (index < 256)
      put(0x71, index); // BINPUT
    else {
      put(0x72); // LONG_BINPUT
      word(index);
    }
    return index;
  }

  /** What `write` writes, or where it comes again a reference. */
  function once(key: string, write: () => void): void {
    const index = memo.get(key);
    if (index === undefined) {
      write();
      memo.set(key, remember());
    } else if (index < 256)
      put(0x68, index); // BINGET
    else {
      put(0x6a); // LONG_BINGET
      word(index);
    }
  }

  function text(value: string): void {
    once(`text ${value}`, () => {
      const letters = encoder.encode(value);
      put(0x58); // BINUNICODE
      word(letters.length);
      for (const byte of letters) bytes.push(byte);
    });
  }

  function name(module: string, of: string): void {
    once(`name ${module} ${of}`, () => put(0x63, ...encoder.encode(`${module}\n${of}\n`))); // GLOBAL
  }

  function whole(value: number): void {
    if (value < 0x100)
      put(0x4b, value); // BININT1
    else if (value < 0x10000)
      put(0x4d, value & 0xff, value >> 8); // BININT2
    else {
      put(0x4a); // BININT
      word(value);
    }
  }

  function wholes(values: readonly number[]): void {
    if (values.length > 3) put(0x28); // MARK
    for (const value of values) whole(value);
    put([0x29, 0x85, 0x86, 0x87][values.length] ?? 0x74); // EMPTY_TUPLE, TUPLE1, TUPLE2, TUPLE3, TUPLE
    if (values.length > 0) remember();
  }

  function tensor({ shape }: Described, index: number): void {
    const count = shape.reduce((product, length) => product * length, 1);
    name("torch._utils", "_rebuild_tensor_v2");
    put(0x28, 0x28); // MARK: arguments, MARK: id
    text("storage");
    name("torch", "FloatStorage");
    text(`${index}`);
    text("cpu");
    whole(count);
    put(0x74); // TUPLE
    remember();
    put(0x51); // BINPERSID
    whole(0); // offset
    wholes(shape);
    wholes(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1)));
    put(0x89); // NEWFALSE: no gradient
    name("collections", "OrderedDict");
    put(0x29, 0x52); // EMPTY_TUPLE, REDUCE: no hooks
    remember();
    put(0x74); // TUPLE
    remember();
    put(0x52); // REDUCE
    remember();
  }

  put(0x80, 2, 0x7d); // PROTO 2, EMPTY_DICT
  remember();
  put(0x28); // MARK
  for (const [index, each] of tensors.entries()) {
    text(each.name);
    tensor(each, index);
  }
  put(0x75); // SETITEMS
  put(0x2e); // STOP
  return Uint8Array.from(bytes);
}
