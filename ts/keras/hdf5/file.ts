/**
 * Groups, attributes and datasets of an HDF5 file as h5py writes them for Keras (HDF5 file format specification 3.0). Only
 * what is asked for is read. Storage in chunks, filters, links to other files and storage of many links or attributes in
 * trees of the second version, which Keras never writes, are refused by name.
 */
import { FormatError } from "../../errors.js";
import { atMost, type KerasLimits } from "../limits.js";
import { countOf, type Datatype, datatypeAt, shapeAt } from "./datatype.js";
import { heapText, nameOf } from "./heaps.js";
import { kind, type Message, messagesOf } from "./messages.js";
import { NOWHERE, Source } from "./source.js";

type Bounds = Pick<KerasLimits, "parts" | "rank">;

/** Opens a file and gives its root. FormatError for anything but an HDF5 file. */
export function readHdf5(bytes: Uint8Array, limits: Bounds): Hdf5Object {
  const source = new Source(bytes, limits.parts);
  source.signature(0, "\x89HDF\r\n\x1a\n");
  const version = source.byte(8);
  if (version > 3) source.refuse(8, "a superblock of version 0 to 3", String(version));
  const old = version < 2;
  const sizes = old ? 13 : 9;
  if (source.byte(sizes) !== 8 || source.byte(sizes + 1) !== 8) {
    source.refuse(sizes, "addresses and lengths of 8 bytes", "others");
  }
  const base = old ? 24 + (version === 1 ? 4 : 0) : 12;
  if (source.address(base) !== 0) source.refuse(base, "a file that begins at its first byte", "another");
  const root = source.address(old ? base + 40 : base + 24);
  return new Hdf5Object({ source, limits }, root, "/");
}

/** The bytes begin like an HDF5 file. */
export function isHdf5(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x48 && bytes[2] === 0x44 && bytes[3] === 0x46;
}

/** A group or a dataset. */
export class Hdf5Object {
  readonly path: string;
  readonly #file: { readonly source: Source; readonly limits: Bounds };
  readonly #messages: readonly Message[];
  readonly #found = new Map<string, Hdf5Object>();
  #links: ReadonlyMap<string, number> | undefined;

  constructor(file: { source: Source; limits: Bounds }, at: number, path: string) {
    this.path = path;
    this.#file = file;
    this.#messages = messagesOf(file.source, at);
  }

  /** The names of what the group holds; none of a dataset. */
  get names(): string[] {
    return [...this.#members().keys()];
  }

  /** What lies under this path, whose names have "/" between them; undefined if nothing does. */
  find(path: string): Hdf5Object | undefined {
    let found: Hdf5Object = this;
    for (const name of path.split("/").filter((name) => name !== "")) {
      const next = found.#member(name);
      if (!next) return undefined;
      found = next;
    }
    return found;
  }

  /** The length of each axis of a dataset; undefined for a group. */
  get shape(): readonly number[] | undefined {
    const message = this.#one(kind.dataspace);
    return message && shapeAt(this.#file.source, message.at, this.#file.limits.rank);
  }

  /** What the elements of a dataset are, for example `float of 4 bytes`; undefined for a group. */
  get elements(): string | undefined {
    const message = this.shape && this.#one(kind.datatype);
    if (!message) return undefined;
    const { kind: found, size } = datatypeAt(this.#file.source, message.at);
    return `${found} of ${size} bytes`;
  }

  /** The numbers of a dataset as float32, row-major, rounded if they were wider. FormatError for anything else. */
  numbers(): Float32Array {
    const { source } = this.#file;
    const shape = this.shape;
    const type = this.#one(kind.datatype);
    const layout = this.#one(kind.layout);
    if (!shape || !type || !layout) return this.#refuse("a dataset", "a group");
    const datatype = datatypeAt(source, type.at);
    if (datatype.kind !== "float") {
      return this.#refuse("numbers of 2, 4 or 8 bytes in IEEE 754", `${datatype.kind} of ${datatype.size}`);
    }
    if (this.#one(kind.filters)) this.#refuse("numbers as they are", "a filter, such as compression");
    const bytes = countOf(shape) * datatype.size;
    return numbersOf(this.#stored(layout, bytes), datatype);
  }

  /** A text, or a list of them, that is kept as an attribute; undefined if there is none of this name. FormatError for another kind. */
  texts(name: string): string[] | undefined {
    const { source, limits } = this.#file;
    if (this.#one(kind.attributeInfo)) {
      const info = this.#one(kind.attributeInfo)!;
      const tree = source.address(info.at + 2 + (source.byte(info.at + 1) & 1 ? 2 : 0));
      if (tree !== NOWHERE) this.#refuse("attributes in the header", "attributes in a heap");
    }
    for (const message of this.#messages) {
      if (message.kind !== kind.attribute) continue;
      source.part(message.at);
      const version = source.byte(message.at);
      if (version < 1 || version > 3)
        source.refuse(message.at, "an attribute of version 1 to 3", `${version}`);
      const lengths = [2, 4, 6].map((offset) => source.word16(message.at + offset));
      const start = message.at + (version === 3 ? 9 : 8);
      if (source.text(start, lengths[0]!) !== name) continue;
      const padded = lengths.map((length) => (version === 1 ? Math.ceil(length / 8) * 8 : length));
      const typeAt = start + padded[0]!;
      const spaceAt = typeAt + padded[1]!;
      const shape = shapeAt(source, spaceAt, limits.rank);
      const where = `${this.path} attribute ${name}`;
      return textsAt(source, where, datatypeAt(source, typeAt), spaceAt + padded[2]!, countOf(shape));
    }
    return undefined;
  }

  #one(wanted: number): Message | undefined {
    return this.#messages.find((message) => message.kind === wanted);
  }

  #stored({ at }: Message, bytes: number): Uint8Array {
    const { source } = this.#file;
    const version = source.byte(at);
    if (version !== 3 && version !== 4) source.refuse(at, "a layout of version 3 or 4", String(version));
    const [compact, contiguous] = [source.byte(at + 1) === 0, source.byte(at + 1) === 1];
    if (compact) {
      if (source.word16(at + 2) < bytes) this.#refuse(`${bytes} bytes`, String(source.word16(at + 2)));
      return source.dataset(at + 4, bytes);
    }
    if (!contiguous) return this.#refuse("numbers one after another", "storage in chunks");
    if (bytes === 0) return new Uint8Array(0);
    const [start, size] = [source.address(at + 2), source.length64(at + 10)];
    if (size !== bytes) this.#refuse(`${bytes} bytes, as its shape says`, String(size));
    return source.dataset(start, bytes);
  }

  #member(name: string): Hdf5Object | undefined {
    const known = this.#found.get(name);
    const at = this.#members().get(name);
    if (known || at === undefined) return known;
    const made = new Hdf5Object(this.#file, at, `${this.path}${this.path === "/" ? "" : "/"}${name}`);
    this.#found.set(name, made);
    return made;
  }

  #members(): ReadonlyMap<string, number> {
    if (this.#links) return this.#links;
    const links = new Map<string, number>();
    const { source } = this.#file;
    const add = (name: string, at: number) => {
      if (name === "" || name.includes("/")) this.#refuse('names without "/"', JSON.stringify(name));
      if (links.has(name)) this.#refuse("every name once", `${JSON.stringify(name)} again`);
      links.set(name, at);
    };
    for (const { kind: found, at } of this.#messages) {
      if (found === kind.symbolTable) eachSymbol(source, source.address(at), source.address(at + 8), add);
      else if (found === kind.link) add(...linkAt(source, at));
      else if (found === kind.linkInfo) {
        const heap = source.address(at + 2 + (source.byte(at + 1) & 1 ? 8 : 0));
        if (heap !== NOWHERE) this.#refuse("links in the header or in a symbol table", "links in a heap");
      }
    }
    this.#links = links;
    return links;
  }

  #refuse(expected: string, got: string): never {
    throw new FormatError({ where: `HDF5 ${this.path}`, expected, got });
  }
}

/** Calls with each name of a group and its address: a tree of the first version over symbol tables (III.A.1, III.B). */
function eachSymbol(
  source: Source,
  tree: number,
  heap: number,
  each: (name: string, at: number) => void,
): void {
  const walk = (at: number, level: number | undefined) => {
    source.part(at);
    source.signature(at, "TREE");
    const own = source.byte(at + 5);
    if (source.byte(at + 4) !== 0 || (level !== undefined && own !== level)) {
      source.refuse(at, level === undefined ? "a tree of links" : `level ${level} of one`, "another node");
    }
    for (let entry = 0; entry < source.word16(at + 6); entry++) {
      const child = source.address(at + 32 + entry * 16);
      if (own > 0) walk(child, own - 1);
      else table(child);
    }
  };
  const table = (at: number) => {
    source.part(at);
    source.signature(at, "SNOD");
    for (let entry = 0; entry < source.word16(at + 6); entry++) {
      const place = at + 8 + entry * 40;
      if (source.word32(place + 16) === 2) source.refuse(place, "an object of this file", "a soft link");
      each(nameOf(source, heap, source.length64(place)), source.address(place + 8));
    }
  };
  walk(tree, undefined);
}

/** A link message (IV.A.2.g): a name and the address of an object. */
function linkAt(source: Source, at: number): [name: string, at: number] {
  const flags = source.byte(at + 1);
  let place = at + 2;
  if (flags & 8 && source.byte(place++) !== 0) source.refuse(at, "an object of this file", "another link");
  if (flags & 4) place += 8; // the order of creation
  if (flags & 16) place += 1; // the character set
  const read = [source.byte, source.word16, source.word32, source.length64][flags & 3]!;
  const length = read.call(source, place);
  place += 1 << (flags & 3);
  return [source.text(place, length), source.address(place + length)];
}

function textsAt(source: Source, where: string, type: Datatype, at: number, count: number): string[] {
  if (count === 0) return []; // h5py gives an empty list the type of numbers
  const { kind: found, size } = type;
  if (found !== "text" && found !== "heap text") {
    throw new FormatError({ where: `HDF5 ${where}`, expected: "text", got: found });
  }
  atMost(`HDF5 ${where}`, count * size, source.length - at, "bytes to the end of the file");
  return Array.from({ length: count }, (_, i) => {
    const place = at + i * size;
    if (found === "text") return source.text(place, size);
    return heapText(source, source.address(place + 4), source.word32(place + 12), source.word32(place));
  });
}

function numbersOf(bytes: Uint8Array, { size, littleEndian }: Datatype): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = { 2: half, 4: view.getFloat32, 8: view.getFloat64 }[size as 2 | 4 | 8];
  return Float32Array.from({ length: bytes.length / size }, (_, i) =>
    read.call(view, i * size, littleEndian),
  );
}

/** A number of 16 bits, which not every DataView can read: by its pattern as a float32. */
function half(this: DataView, at: number, littleEndian?: boolean): number {
  const bits = this.getUint16(at, littleEndian);
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 0) return (sign * mantissa) / 16_777_216; // 2^24
  pattern[0] = ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
  return sign * float[0]!;
}

const pattern = new Uint32Array(1);
const float = new Float32Array(pattern.buffer);
