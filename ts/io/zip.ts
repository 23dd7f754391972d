/** Archives of files (zip, APPNOTE 6.3): fflate takes them apart; this file says what they may ask for, and checks their sums. */
import { type UnzipFileInfo, unzipSync, zipSync } from "fflate";
import { FormatError, RecurraError } from "../errors.js";
import { crc32 } from "./checksum.js";

/** Whether bytes begin as an archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * The files in an archive, by their names. FormatError, naming the file, for one that is compressed, damaged or comes twice, for
 * more than `most` files or more bytes than the archive has, and for what is no archive. The names are not looked at: who asks for
 * files by name gets bytes, and no path is followed. `hint`: why a file may be compressed.
 */
export function readZip(
  bytes: Uint8Array,
  where: string,
  most: number,
  hint?: string,
): ReadonlyMap<string, Uint8Array> {
  let entries = 0;
  let total = 0;
  return unpack(bytes, where, ({ name, size, compression }) => {
    total += size;
    if (entries++ === most) refuse(where, name, `at most ${most} files`, "more");
    if (compression !== 0)
      refuse(where, name, "a file that is not compressed", `method ${compression}`, hint);
    if (total > bytes.length) refuse(where, name, `at most ${bytes.length} bytes in all`, "more");
    return true;
  });
}

/**
 * The files of an archive that are wanted, each asked for in the order of the archive, which unpack to as many bytes as it says.
 * FormatError for one that comes twice, has other bytes than its CRC-32 is of, or is packed neither as it is nor by deflate. A
 * CRC-32 of 0 is not checked: PyTorch writes it where it is told to make none.
 */
export function unpack(
  bytes: Uint8Array,
  where: string,
  wanted: (file: UnzipFileInfo) => boolean,
): ReadonlyMap<string, Uint8Array> {
  const expected = new Map<string, { readonly length: number; readonly checksum: number }>();
  const checksums = checksumsIn(bytes);
  let unzipped: Readonly<Record<string, Uint8Array>>;
  try {
    unzipped = unzipSync(bytes, {
      filter(file) {
        const checksum: number = checksums.next().value!;
        if (!wanted(file)) return false;
        const { name, size, originalSize, compression } = file;
        if (compression !== 0 && compression !== 8)
          refuse(where, name, "stored or deflated bytes", `method ${compression}`);
        if (compression === 0 && size !== originalSize)
          refuse(where, name, `${originalSize} bytes`, `${size}`);
        if (expected.has(name) || name === "__proto__")
          refuse(where, name, "a name of its own", "another file's");
        expected.set(name, { length: originalSize, checksum });
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof RecurraError) throw cause;
    throw new FormatError({ where, expected: "a zip archive", got: "bytes that are none", cause });
  }
  for (const [name, { length, checksum }] of expected) {
    const file = unzipped[name]!;
    if (file.length !== length) refuse(where, name, `${length} bytes`, `${file.length}`);
    const found = checksum === 0 ? 0 : crc32(file);
    if (found !== checksum)
      refuse(where, name, `bytes with the CRC-32 ${hex(checksum)}`, hex(found), "the file is damaged");
  }
  return new Map(Object.entries(unzipped));
}

/** The CRC-32 of each file, as the directory lists them (4.3.12), which is sought where fflate seeks it. */
function* checksumsIn(bytes: Uint8Array): Generator<number, undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  let place = view.getUint32(end + 16, true);
  // Of an archive past 4 GB another record has it, and what lies before says where (4.3.14, 4.3.15).
  if (end >= 20 && view.getUint32(end - 20, true) === 0x07064b50) {
    const record = view.getUint32(end - 12, true);
    if (view.getUint32(record, true) === 0x06064b50) place = view.getUint32(record + 48, true);
  }
  for (;;) {
    yield view.getUint32(place + 16, true);
    place += 46 + [28, 30, 32].reduce((sum, length) => sum + view.getUint16(place + length, true), 0);
  }
}

/** An archive of these files, not compressed and of no date, so that the same files give the same bytes. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return zipSync(Object.fromEntries(files), { level: 0, mtime: "1980-01-01T00:00:00" });
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, "0");
}

function refuse(where: string, name: string, expected: string, got: string, hint?: string): never {
  throw new FormatError({ where: `${where}[${JSON.stringify(name.slice(0, 80))}]`, expected, got, hint });
}
