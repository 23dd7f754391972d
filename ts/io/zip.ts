/** Archives of files that are not compressed (zip, APPNOTE 6.3): fflate takes them apart; this file says what they may ask for. */
import { unzipSync, zipSync } from "fflate";
import { FormatError, RecurraError } from "../errors.js";

/** Whether bytes begin as an archive does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;
}

/**
 * The files in an archive, by their names. FormatError, naming the file, for one that is compressed or comes twice, for more
 * than `most` files or more bytes than the archive has, and for what is no archive. The names are not looked at: who asks for
 * files by name gets bytes, and no path is followed. `hint`: why a file may be compressed.
 */
export function readZip(
  bytes: Uint8Array,
  where: string,
  most: number,
  hint?: string,
): ReadonlyMap<string, Uint8Array> {
  const refuse = (name: string, expected: string, got: string, hint?: string) => {
    const quoted = JSON.stringify(name.slice(0, 80));
    throw new FormatError({ where: `${where}[${quoted}]`, expected, got, hint });
  };
  const sizes = new Map<string, number>();
  let total = 0;
  let unzipped: Readonly<Record<string, Uint8Array>>;
  try {
    unzipped = unzipSync(bytes, {
      filter({ name, size, originalSize, compression }) {
        total += size;
        if (sizes.size === most) refuse(name, `at most ${most} files`, "more");
        if (compression !== 0) refuse(name, "a file that is not compressed", `method ${compression}`, hint);
        if (size !== originalSize) refuse(name, `${originalSize} bytes`, `${size}`);
        if (total > bytes.length) refuse(name, `at most ${bytes.length} bytes in all`, "more");
        if (sizes.has(name) || name === "__proto__") refuse(name, "a name of its own", "another file's");
        sizes.set(name, size);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof RecurraError) throw cause;
    throw new FormatError({ where, expected: "a zip archive", got: "bytes that are none", cause });
  }
  const files = new Map(Object.entries(unzipped));
  for (const [name, size] of sizes) {
    const { length } = files.get(name)!;
    if (length !== size) refuse(name, `${size} bytes`, `${length} to the end of the archive`);
  }
  return files;
}

/** An archive of these files, not compressed and of no date, so that the same files give the same bytes. */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return zipSync(Object.fromEntries(files), { level: 0, mtime: "1980-01-01T00:00:00" });
}
