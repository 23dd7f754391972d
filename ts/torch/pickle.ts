/**
 * A reader of Python's pickles, protocol 2, as data (the opcodes of Lib/pickletools.py): a closed list of opcodes makes
 * objects of a closed list of kinds; nothing is ever called.
 */
import { FormatError } from "../errors.js";
import { decodeUtf8 } from "../io/utf8.js";
import { isNamed, known, type PythonObject, reduced, storageOf } from "./objects.js";

/** Bytes that objects take, as estimated: a place on the stack or in the memo, and what else a text, a list or a map needs. */
const PLACE = 24;
const TEXT = 32;
const LIST = 64;
const MAP = 256;

/** The object that the pickle is. FormatError, with the byte, for an opcode or a name that is not in the lists, and for more than `memory` bytes of objects. */
export function unpickle(bytes: Uint8Array, where: string, memory: number): PythonObject {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: PythonObject[] = [];
  const marks: number[] = [];
  const memo = new Map<number, PythonObject>();
  let place = 0;
  let start = 0;
  let taken = 0;

  function refuse(expected: string, got: string): never {
    throw new FormatError({ where: `${where} at byte ${start}`, expected, got });
  }

  function take(size: number): void {
    taken += size;
    if (taken > memory) refuse(`objects of at most ${memory} bytes`, "more");
  }

  /** Where the next `count` bytes begin. */
  function skip(count: number): number {
    const from = place;
    if (count > bytes.length - place) refuse("more bytes", "the end of the pickle");
    place += count;
    return from;
  }

  const u8 = () => view.getUint8(skip(1));
  const u32 = () => view.getUint32(skip(4), true);

  function push(value: PythonObject, size = 0): void {
    take(PLACE + size);
    stack.push(value);
  }

  function pop(): PythonObject {
    if (stack.length === (marks.at(-1) ?? 0)) refuse("an object on the stack", "none");
    return stack.pop()!;
  }

  /** The objects behind the last mark. */
  function marked(): PythonObject[] {
    const mark = marks.pop();
    if (mark === undefined) refuse("a mark on the stack", "none");
    return stack.splice(mark);
  }

  /** The object below, which stays. */
  function top<T extends PythonObject>(what: string, is: (value: PythonObject) => value is T): T {
    const value = pop();
    stack.push(value);
    return is(value) ? value : refuse(what, kindOf(value));
  }

  function list(count: number): void {
    const items: PythonObject[] = new Array(count);
    for (let i = count - 1; i >= 0; i--) items[i] = pop();
    push(items, LIST);
  }

  function text(length: number): void {
    const from = skip(length);
    take(TEXT + 2 * length);
    try {
      push(decodeUtf8(bytes.slice(from, place)));
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      refuse("text in UTF-8", "other bytes");
    }
  }

  function line(): string {
    const end = bytes.indexOf(10, place);
    if (end < 0 || end - place > 256) refuse("a name of at most 256 letters and the end of its line", "none");
    const letters = bytes.subarray(place, end);
    place = end + 1;
    return String.fromCharCode(...letters);
  }

  function name(): void {
    const path = `${line()} ${line()}`;
    push(known.get(path) ?? refuse(`one of ${[...known.keys()].join(", ")}`, JSON.stringify(path)));
  }

  function set(entries: readonly PythonObject[]): void {
    const map = top("a dictionary below", isMap);
    if (entries.length % 2 > 0) refuse("keys and values in pairs", `${entries.length} objects`);
    for (let i = 0; i < entries.length; i += 2) {
      const key = entries[i]!;
      if (typeof key === "object" && key !== null) refuse("a key that is text or a number", kindOf(key));
      map.set(key, entries[i + 1]!);
      take(2 * PLACE);
    }
  }

  function append(items: readonly PythonObject[]): void {
    const list = top("a list below", Array.isArray);
    for (const item of items) list.push(item);
    take(items.length * PLACE);
  }

  function reduce(): void {
    const args = pop();
    const of = pop();
    if (!isNamed(of) || !Array.isArray(args))
      refuse("a name and its arguments", `${kindOf(of)} and ${kindOf(args)}`);
    const size = of.named === "OrderedDict" ? MAP : LIST;
    push(reduced(of, args) ?? refuse(`arguments that ${of.named} takes`, `${args.length} others`), size);
  }

  function mark(): void {
    take(PLACE);
    marks.push(stack.length);
  }

  /** Attributes of an OrderedDict, `_metadata` of a state_dict, are left out. */
  function build(): void {
    pop();
    top("a dictionary below", isMap);
  }

  function remember(index: number): void {
    const value = pop();
    stack.push(value);
    take(2 * PLACE);
    memo.set(index, value);
  }

  function recall(index: number): void {
    const value = memo.get(index);
    push(value === undefined ? refuse("an object in the memo", `none at ${index}`) : value);
  }

  /** A whole number of so many bytes, two's complement. */
  function long(length: number): void {
    if (length > 8) refuse("a number of at most 8 bytes", `${length}`);
    const from = skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[from + i]!);
    value = BigInt.asIntN(8 * length, value);
    push(BigInt(Number(value)) === value ? Number(value) : value);
  }

  const opcodes: ReadonlyMap<number, () => void> = new Map([
    [0x28, mark], // ( MARK
    [0x29, () => push([], LIST)], // ) EMPTY_TUPLE
    [0x5d, () => push([], LIST)], // ] EMPTY_LIST
    [0x7d, () => push(new Map(), MAP)], // } EMPTY_DICT
    [0x74, () => push(marked(), LIST)], // t TUPLE
    [0x85, () => list(1)], // TUPLE1
    [0x86, () => list(2)], // TUPLE2
    [0x87, () => list(3)], // TUPLE3
    [0x61, () => append([pop()])], // a APPEND
    [0x65, () => append(marked())], // e APPENDS
    [0x73, () => set([pop(), pop()].reverse())], // s SETITEM
    [0x75, () => set(marked())], // u SETITEMS
    [0x4e, () => push(null)], // N NONE
    [0x88, () => push(true)], // NEWTRUE
    [0x89, () => push(false)], // NEWFALSE
    [0x4b, () => push(u8())], // K BININT1
    [0x4d, () => push(view.getUint16(skip(2), true))], // M BININT2
    [0x4a, () => push(view.getInt32(skip(4), true))], // J BININT
    [0x8a, () => long(u8())], // LONG1
    [0x47, () => push(view.getFloat64(skip(8), false))], // G BINFLOAT
    [0x58, () => text(u32())], // X BINUNICODE
    [0x63, name], // c GLOBAL
    [0x52, reduce], // R REDUCE
    [0x51, () => push(storageOf(pop()) ?? refuse("the id of a storage", "another"), LIST)], // Q BINPERSID
    [0x62, build], // b BUILD
    [0x71, () => remember(u8())], // q BINPUT
    [0x72, () => remember(u32())], // r LONG_BINPUT
    [0x68, () => recall(u8())], // h BINGET
    [0x6a, () => recall(u32())], // j LONG_BINGET
  ]);

  if (bytes[0] !== 0x80 || bytes[1] !== 2) refuse("a pickle of protocol 2", "something else");
  place = 2;
  for (;;) {
    start = place;
    const code = u8();
    if (code === 0x2e) break; // . STOP
    const run = opcodes.get(code) ?? refuse("an opcode of data", `0x${code.toString(16).padStart(2, "0")}`);
    run();
  }
  const whole = pop();
  if (stack.length > 0 || marks.length > 0) refuse("one object", "more on the stack");
  if (place !== bytes.length) refuse("the end behind STOP", `${bytes.length - place} bytes more`);
  return whole;
}

function isMap(value: PythonObject): value is Map<PythonObject, PythonObject> {
  return value instanceof Map;
}

function kindOf(value: PythonObject): string {
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "a dictionary";
  if (typeof value !== "object" || value === null) return value === null ? "None" : `a ${typeof value}`;
  return "named" in value ? value.named : "strides" in value ? "a tensor" : "a storage";
}
