/** Safetensors files with a checksum of themselves in their metadata, so that no damage goes unnoticed. */
import { FormatError } from "../errors.js";
import { crc32 } from "./checksum.js";
import { type Entry, writeSafetensors } from "./safetensors.js";

/** How a sealed file begins, behind 8 bytes of length; the checksum follows, 8 hexadecimal digits. */
const BEGINNING = '{"__metadata__":{"checksum":"';
const START = 8 + BEGINNING.length;
const BLANK = "00000000";

/** The bytes of a file like those of `writeSafetensors`, with a checksum before the other metadata. */
export function writeSealed(
  tensors: Iterable<readonly [name: string, entry: Entry]>,
  metadata: ReadonlyMap<string, string>,
): Uint8Array {
  const file = writeSafetensors(tensors, new Map([["checksum", BLANK], ...metadata, ["checksum", BLANK]]));
  file.set(asciiOf(checksumOf(file)), START);
  return file;
}

/** Throws FormatError unless the file, of which these are the metadata, is as it was written. */
export function requireSeal(file: Uint8Array, metadata: ReadonlyMap<string, string>): void {
  const checksum = metadata.get("checksum");
  const actual = checksumOf(file);
  if (checksum === actual && asciiOf(BEGINNING).every((byte, i) => file[8 + i] === byte)) return;
  throw new FormatError({
    where: "model file checksum",
    expected: checksum === undefined ? "one in the metadata" : `${checksum}, as the file says`,
    got: checksum === undefined ? "none" : actual,
    hint: "the file is damaged",
  });
}

/** Not by TextEncoder, which audio worklets have not. */
function asciiOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Of a file, as if its own checksum were blank. */
function checksumOf(file: Uint8Array): string {
  const before = crc32(file.subarray(0, START));
  const blank = crc32(asciiOf(BLANK), before);
  return crc32(file.subarray(START + BLANK.length), blank)
    .toString(16)
    .padStart(BLANK.length, "0");
}
