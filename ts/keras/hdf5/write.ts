/**
 * HDF5 files of groups and float32 datasets, as far as Keras needs them (HDF5 file format specification 3.0): a superblock of
 * version 0, objects with headers of version 1, links as messages in them, numbers one after another. No trees, no heaps.
 */
import { InputError } from "../../errors.js";
import { lengthInUtf8 } from "../../io/utf8.js";
import type { Numbers } from "../weights.js";
import { kind } from "./messages.js";

/** What a group holds, by names of 1 to 255 bytes in UTF-8 without "/" and zeros: other groups, and datasets. */
export type Hdf5Group = ReadonlyMap<string, Hdf5Group | Numbers>;

/** Bytes of the superblock, behind which the objects are. */
const START = 96;
/** The address that means none. */
const NOWHERE = 0xffff_ffff_ffff_ffffn;
/** Most messages of a header, of which a group needs two beside its links. */
const MESSAGES = 65_535;

/** Kinds of messages that readers of datasets and groups expect, though nothing follows from what they say here. */
const fillValue = 5;
const groupInfo = 10;

/** The same tree gives the same bytes. InputError for a name that is none, or more than 65,533 members of a group. */
export function writeHdf5(root: Hdf5Group): Uint8Array {
  const parts: Uint8Array[] = [];
  let end = START;

  /** Puts bytes at the end, where the address is a multiple of 8; gives that address. */
  function place(bytes: Uint8Array): number {
    const at = end;
    const rest = new Uint8Array(-bytes.length & 7);
    parts.push(bytes, rest);
    end += bytes.length + rest.length;
    return at;
  }

  function written(path: string, object: Hdf5Group | Numbers): number {
    if ("data" in object) {
      const { buffer, byteOffset, byteLength } = object.data;
      const data = place(new Uint8Array(buffer, byteOffset, byteLength));
      return place(header(datasetMessages(object, data)));
    }
    if (object.size > MESSAGES - 2) {
      const expected = `at most ${MESSAGES - 2} members`;
      throw new InputError({ where: `HDF5 ${path || "/"}`, expected, got: String(object.size) });
    }
    const links = [...object].map(([name, member]) => {
      requireName(path, name);
      return linkMessage(name, written(`${path}/${name}`, member));
    });
    return place(header([...groupMessages(), ...links]));
  }

  const address = written("", root);
  const bytes = new Uint8Array(end);
  bytes.set(superblock(address, end));
  let at = START;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A message: its kind, and a body whose length is a multiple of 8. */
type Written = readonly [kind: number, body: Uint8Array];

/** III.A: signature, versions and sizes, bounds of trees that there are none of, base, end of the file, entry of the root. */
function superblock(root: number, end: number): Uint8Array {
  const bytes = new Uint8Array(START);
  bytes.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
  bytes.set([8, 8, 0, 4, 0, 16], 13);
  const view = new DataView(bytes.buffer);
  const addresses = [0n, NOWHERE, BigInt(end), NOWHERE, 0n, BigInt(root)];
  for (const [index, address] of addresses.entries()) view.setBigUint64(24 + 8 * index, address, true);
  return bytes;
}

/** IV.A.1.a: version, number of messages, how often the object is linked to, bytes that follow. */
function header(messages: readonly Written[]): Uint8Array {
  const size = messages.reduce((sum, [, body]) => sum + 8 + body.length, 0);
  const bytes = new Uint8Array(16 + size);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint16(2, messages.length, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, size, true);
  let at = 16;
  for (const [kind, body] of messages) {
    view.setUint16(at, kind, true);
    view.setUint16(at + 2, body.length, true);
    bytes.set(body, at + 8);
    at += 8 + body.length;
  }
  return bytes;
}

/** Links in the header, not in a heap (IV.A.2.c), and nothing to say about their number (IV.A.2.k). */
function groupMessages(): readonly Written[] {
  const info = new Uint8Array(24).fill(255, 2, 18);
  return [
    [kind.linkInfo, info],
    [groupInfo, new Uint8Array(8)],
  ];
}

/** IV.A.2.g: version 1, a name in UTF-8 with its length in one byte, an address. */
function linkMessage(name: string, address: number): Written {
  const text = new TextEncoder().encode(name);
  const body = new Uint8Array((4 + text.length + 8 + 7) & ~7);
  body.set([1, 16, 1, text.length, ...text]);
  new DataView(body.buffer).setBigUint64(4 + text.length, BigInt(address), true);
  return [kind.link, body];
}

/** A dataspace, IEEE 754 of 32 bits, no value for what is not written, and where the numbers are (IV.A.2.b, d, f, i). */
function datasetMessages({ shape, data }: Numbers, at: number): readonly Written[] {
  const space = new Uint8Array(8 + 8 * shape.length);
  space.set([1, shape.length]);
  const lengths = new DataView(space.buffer);
  for (const [axis, length] of shape.entries()) lengths.setBigUint64(8 + 8 * axis, BigInt(length), true);
  const type = new Uint8Array(24);
  type.set([0x11, 0x20, 31, 0, 4]); // a float of version 1, its sign in bit 31, of 4 bytes
  type.set([32, 0, 23, 8, 0, 23, 127], 10); // its bits; where its exponent and mantissa are, and how long; the bias
  const fill = Uint8Array.of(2, 2, 2, 0, 0, 0, 0, 0);
  const layout = new Uint8Array(24);
  layout.set([3, 1]);
  const place = new DataView(layout.buffer);
  place.setBigUint64(2, data.length === 0 ? NOWHERE : BigInt(at), true);
  place.setBigUint64(10, BigInt(4 * data.length), true);
  return [
    [kind.dataspace, space],
    [kind.datatype, type],
    [fillValue, fill],
    [kind.layout, layout],
  ];
}

function requireName(path: string, name: string): void {
  const length = lengthInUtf8(name);
  if (length >= 1 && length <= 255 && !/[/\0\p{Cs}]|^\.$/u.test(name)) return;
  throw new InputError({
    where: `HDF5 ${path || "/"}`,
    expected: 'names of 1 to 255 bytes without "/" and zeros',
    got: JSON.stringify(name.slice(0, 80)),
  });
}
