/**
 * Files that outlast a crash where nothing can be renamed: of each there are two versions, written in turn, and one counts only
 * once its mark is complete. So one whole version is there at any moment.
 */
import { crc32 } from "../io/checksum.js";

/** What keeps the versions. A `write` that is cut off may leave anything under its name, but under no other. */
export interface Files {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, bytes: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
}

/** Before the bytes of a file: a word to tell marks, the number of the version, the length, and a checksum of all these. */
const MARK = 20;
const MAGIC = 0x52435231;

interface Version {
  readonly name: string;
  readonly number: number;
  readonly bytes: Uint8Array;
}

/** A store that keeps two versions of each file. Saves of one file must not overlap. */
export function twoVersions(files: Files) {
  const namesOf = (file: string) => [`${file}.0`, `${file}.1`] as const;

  async function newest(file: string): Promise<Version | undefined> {
    const versions = await Promise.all(
      namesOf(file).map(async (name) => {
        const bytes = await files.read(name);
        return bytes && versionOf(name, bytes);
      }),
    );
    return versions.reduce((best, version) =>
      version && (!best || version.number > best.number) ? version : best,
    );
  }

  return {
    async save(file: string, bytes: Uint8Array): Promise<void> {
      const last = await newest(file);
      const [first, second] = namesOf(file);
      await files.write(last?.name === first ? second : first, marked((last?.number ?? 0) + 1, bytes));
    },
    async load(file: string): Promise<Uint8Array | undefined> {
      return (await newest(file))?.bytes;
    },
    async remove(file: string): Promise<void> {
      const last = await newest(file);
      const [first, second] = namesOf(file);
      // The older one first: it must not become the newest.
      for (const name of last?.name === first ? [second, first] : [first, second]) await files.remove(name);
    },
  };
}

function marked(number: number, bytes: Uint8Array): Uint8Array {
  const file = new Uint8Array(MARK + bytes.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC);
  view.setFloat64(4, number);
  view.setUint32(12, bytes.length);
  file.set(bytes, MARK);
  view.setUint32(16, checksumOf(file));
  return file;
}

/** Undefined if the file was not written to its end. */
function versionOf(name: string, file: Uint8Array): Version | undefined {
  if (file.length < MARK) return undefined;
  const view = new DataView(file.buffer, file.byteOffset);
  const whole =
    view.getUint32(0) === MAGIC &&
    view.getUint32(12) === file.length - MARK &&
    view.getUint32(16) === checksumOf(file);
  return whole ? { name, number: view.getFloat64(4), bytes: file.slice(MARK) } : undefined;
}

/** Of all but its own place. */
function checksumOf(file: Uint8Array): number {
  return crc32(file.subarray(MARK), crc32(file.subarray(0, MARK - 4)));
}
