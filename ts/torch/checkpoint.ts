/** The tensors of a file that `torch.save` wrote: a zip archive of a pickle and the numbers that it speaks of. */
import { FormatError } from "../errors.js";
import { type Entry, elementBytes } from "../io/safetensors.js";
import { readZip } from "../io/zip.js";
import type { TorchLimits } from "./limits.js";
import { isPlaced, type Placed, type PythonObject } from "./objects.js";
import { unpickle } from "./pickle.js";

const WHERE = "PyTorch file";

/**
 * Tensors by name; those in dictionaries and lists within each other have the names of all of them, with dots between. Those
 * that lie in their storage without gaps are views of it. FormatError for anything that is not data.
 */
export function readCheckpoint(bytes: Uint8Array, limits: TorchLimits): Map<string, Entry> {
  const files = readZip(
    bytes,
    WHERE,
    2 * limits.tensors,
    "a program (TorchScript) has such files: save model.state_dict()",
  );
  const root = rootOf(files);
  const order = files.get(`${root}byteorder`);
  if (order && String.fromCharCode(...order.subarray(0, 16)) !== "little") {
    throw new FormatError({ where: `${WHERE} byteorder`, expected: '"little"', got: "another" });
  }
  const object = unpickle(files.get(`${root}data.pkl`)!, `${WHERE} data.pkl`, limits.pickleMemory);
  let copied = 0;
  const tensors = new Map<string, Entry>();
  for (const [name, tensor] of placedTensors(object, limits)) {
    const where = `${WHERE} tensor ${JSON.stringify(name.slice(0, 80))}`;
    const entry = entryOf(tensor, where, files.get(`${root}data/${tensor.storage.key}`), limits);
    // Of tensors that share a storage any number may be copied out of few bytes.
    if (!isDense(tensor)) copied += entry.bytes.length;
    if (copied > bytes.length) {
      throw new FormatError({ where, expected: `at most ${bytes.length} bytes rearranged`, got: "more" });
    }
    tensors.set(name, entry);
  }
  return tensors;
}

/** What the names of all files begin with, to the first slash. */
function rootOf(files: ReadonlyMap<string, Uint8Array>): string {
  const [pickle, another] = [...files.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickle === undefined || another !== undefined) {
    throw new FormatError({
      where: WHERE,
      expected: "one data.pkl in its archive",
      got: pickle === undefined ? "none" : "several",
      hint: "is this a file of torch.save?",
    });
  }
  return pickle.slice(0, pickle.indexOf("/") + 1);
}

function* placedTensors(object: PythonObject, limits: TorchLimits): Generator<[string, Placed]> {
  const names = new Set<string>();
  let items = 0;

  function refuse(expected: string, got: string): never {
    throw new FormatError({ where: `${WHERE} data.pkl`, expected, got });
  }

  function* within(value: PythonObject, path: string, depth: number): Generator<[string, Placed]> {
    if (isPlaced(value)) {
      if (names.has(path)) refuse("every name once", JSON.stringify(path.slice(0, 80)));
      names.add(path);
      if (names.size > limits.tensors) refuse(`at most ${limits.tensors} tensors`, "more");
      if (path.length > limits.nameBytes)
        refuse(`names of at most ${limits.nameBytes} letters`, `${path.length}`);
      yield [path, value];
    } else if (Array.isArray(value) || value instanceof Map) {
      if (depth === limits.depth) refuse(`at most ${limits.depth} levels`, "more");
      for (const [key, item] of value.entries()) {
        // Also of those that are referred to again and again.
        if (++items > 16 * limits.tensors) refuse(`at most ${16 * limits.tensors} objects`, "more");
        yield* within(item, depth === 0 ? `${key}` : `${path}.${key}`, depth + 1);
      }
    }
  }

  yield* within(object, "", 0);
}

function isDense({ shape, strides }: Placed): boolean {
  if (shape.includes(0)) return true;
  let size = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis]! > 1 && strides[axis] !== size) return false;
    size *= shape[axis]!;
  }
  return true;
}

function entryOf(tensor: Placed, where: string, bytes: Uint8Array | undefined, limits: TorchLimits): Entry {
  const { storage, offset, shape, strides } = tensor;
  const { dtype, count } = storage;
  const size = elementBytes[dtype];
  const refuse = (expected: string, got: string) => {
    throw new FormatError({ where, expected, got });
  };
  if (!bytes) return refuse(`its numbers in the archive, data/${storage.key}`, "no such file");
  if (bytes.length !== count * size) refuse(`${count} numbers of ${size} bytes`, `${bytes.length} bytes`);
  if (shape.length > limits.rank) refuse(`at most ${limits.rank} axes`, `${shape.length}`);
  const elements = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((at, length, axis) => at + (length - 1) * strides[axis]!, offset);
  // No more elements than the storage has: none that is read again and again by a stride of 0.
  if (elements > count || (elements > 0 && last >= count)) {
    refuse(`elements within its ${count} numbers`, `[${shape}] by [${strides}] from ${offset}`);
  }
  if (elements === 0) return { dtype, shape, bytes: new Uint8Array(0) };
  if (isDense(tensor)) {
    return { dtype, shape, bytes: bytes.subarray(offset * size, (offset + elements) * size) };
  }
  return { dtype, shape, bytes: gathered(tensor, bytes, elements, size) };
}

/** The elements in order, for a transposed tensor, say. */
function gathered(
  { offset, shape, strides }: Placed,
  bytes: Uint8Array,
  elements: number,
  size: number,
): Uint8Array {
  const copy = new Uint8Array(elements * size);
  const index = shape.map(() => 0);
  let from = offset;
  for (let element = 0; element < elements; element++) {
    for (let byte = 0; byte < size; byte++) copy[element * size + byte] = bytes[from * size + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return copy;
}
