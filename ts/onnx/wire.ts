/** Messages of protocol buffers by tables of their fields, read under limits and written. */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FormatError } from "../errors.js";

type Scalar = "string" | "bytes" | "int64" | "float" | "double";

/** A field by its number: its name, what it holds, and whether it may come again. */
export type Fields = Readonly<
  Record<number, readonly [name: string, kind: Scalar | Fields, count: "one" | "many"]>
>;

/** How much a file may ask for. */
export interface WireLimits {
  /** Bytes of the file (default 2,147,483,647). */
  readonly bytes: number;
  /** Messages, names and texts in all (default 262,144). */
  readonly items: number;
  /** Whole numbers in lists, in all (default 1,048,576). */
  readonly numbers: number;
  /** Bytes of a name or text (default 65,536). */
  readonly textBytes: number;
}

const defaults: WireLimits = { bytes: 2_147_483_647, items: 262_144, numbers: 1_048_576, textBytes: 65_536 };

const wireTypes: Readonly<Record<Scalar, WireType>> = {
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  int64: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
};

/**
 * Reads a message. Bytes are views of the file, not copies; lists of numbers are arrays, but packed float and double are bytes.
 * Fields that are not in the table are passed over. FormatError for anything that is no such message and for more than `limits`.
 */
export function decode(
  where: string,
  bytes: Uint8Array,
  fields: Fields,
  limits: Partial<WireLimits> = {},
): object {
  const bounds = { ...defaults, ...limits };
  const refuse = (expected: string, got: string, cause?: unknown): never => {
    throw new FormatError({ where, expected, got, cause });
  };
  if (bytes.length > bounds.bytes) refuse(`at most ${bounds.bytes} bytes`, String(bytes.length));
  let [items, numbers] = [0, 0];
  const count = (more: number) => {
    numbers += more;
    if (numbers > bounds.numbers) refuse(`at most ${bounds.numbers} numbers in lists`, "more");
  };

  /** A view, not a `Buffer`, which of a part gives another. */
  const reader = new BinaryReader(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));

  function part(end: number): number {
    const length = reader.uint32();
    if (reader.pos + length > end) refuse(`${length} bytes at byte ${reader.pos}`, `${end - reader.pos}`);
    return length;
  }

  function one(kind: Scalar | Fields, end: number): unknown {
    if (kind === "int64") return Number(reader.int64());
    if (kind === "float") return reader.float();
    if (kind === "double") return reader.double();
    const length = part(end);
    const start = reader.pos;
    if (kind === "bytes") {
      reader.pos += length;
      return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
    }
    if (++items > bounds.items) refuse(`at most ${bounds.items} messages and names`, "more");
    if (kind === "string") {
      if (length > bounds.textBytes) refuse(`texts of at most ${bounds.textBytes} bytes`, String(length));
      reader.pos = start;
      const text = new Uint8Array(bytes.subarray(start, start + length)); // shared memory cannot be decoded
      reader.pos += length;
      return new TextDecoder("utf-8", { fatal: true }).decode(text);
    }
    return message(kind, start + length);
  }

  function message(fields: Fields, end: number): object {
    const made: Record<string, unknown> = {};
    for (const [name, , count] of Object.values(fields)) if (count === "many") made[name] = [];
    while (reader.pos < end) {
      const [number, wireType] = reader.tag();
      const field = fields[number];
      if (!field) {
        reader.skip(wireType, number);
        continue;
      }
      const [name, kind, many] = field;
      const wanted = typeof kind === "string" ? wireTypes[kind] : WireType.LengthDelimited;
      const list = made[name] as unknown[];
      if (wireType === wanted) {
        const value = one(kind, end);
        if (many === "one") {
          made[name] = value;
          continue;
        }
        if (wanted !== WireType.LengthDelimited) count(1);
        list.push(value);
      } else if (many === "many" && wireType === WireType.LengthDelimited) {
        const length = part(end);
        const stop = reader.pos + length;
        if (kind === "int64") {
          while (reader.pos < stop) {
            count(1);
            list.push(Number(reader.int64()));
          }
        } else {
          list.push(new Uint8Array(bytes.buffer, bytes.byteOffset + reader.pos, length));
          reader.pos = stop;
        }
        if (reader.pos !== stop) refuse(`a list of ${name} that ends at byte ${stop}`, `${reader.pos}`);
      } else {
        refuse(`wire type ${wanted} for ${name}`, String(wireType));
      }
    }
    if (reader.pos !== end) refuse(`a message that ends at byte ${end}`, String(reader.pos));
    return made;
  }

  try {
    return message(fields, bytes.length);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    return refuse("a message of protocol buffers", `something else at byte ${reader.pos}`, cause);
  }
}

/** The bytes of a message; of a list of numbers packed. Fields that are undefined are left out. */
export function encode(fields: Fields, message: object): Uint8Array {
  const writer = new BinaryWriter();
  write(writer, fields, message);
  return writer.finish();
}

function write(writer: BinaryWriter, fields: Fields, message: object): void {
  for (const [number, [name, kind, count]] of Object.entries(fields)) {
    const value = (message as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const list = count === "many" ? (value as readonly unknown[]) : [value];
    const packed = count === "many" && kind !== "string" && kind !== "bytes" && typeof kind === "string";
    if (packed) {
      if (list.length === 0) continue;
      writer.tag(Number(number), WireType.LengthDelimited).fork();
      for (const number of list) writer[kind](number as number);
      writer.join();
      continue;
    }
    for (const each of list) {
      if (typeof kind === "string") {
        writer.tag(Number(number), wireTypes[kind]);
        writer[kind](each as never);
      } else {
        writer.tag(Number(number), WireType.LengthDelimited).fork();
        write(writer, kind, each as object);
        writer.join();
      }
    }
  }
}
