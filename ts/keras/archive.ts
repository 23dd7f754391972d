/** The files in a `.keras` archive, unpacked only as far as was said how long they may be. */
import { unpack, writeZip } from "../io/zip.js";
import { atMost, type KerasLimits } from "./limits.js";

const names = ["metadata.json", "config.json", "model.weights.h5"] as const;

type Name = (typeof names)[number];
export type KerasArchive = Readonly<Partial<Record<Name, Uint8Array>>>;

/** Other files in the archive are left packed. FormatError for anything but an archive and for more than the limits. */
export function readArchive(bytes: Uint8Array, limits: KerasLimits): KerasArchive {
  const where = ".keras archive";
  let entries = 0;
  let total = 0;
  const files = unpack(bytes, where, ({ name, originalSize }) => {
    atMost(where, ++entries, limits.entries, "entries");
    if (!(names as readonly string[]).includes(name)) return false;
    total += originalSize;
    atMost(where, total, limits.unpackedBytes, "unpacked bytes");
    return true;
  });
  return Object.fromEntries(files);
}

/** The same files give the same bytes. */
export function writeArchive(files: Readonly<Record<Name, Uint8Array>>): Uint8Array {
  return writeZip(new Map(names.map((name) => [name, files[name]])));
}
