/** The files in a `.keras` archive, unpacked only as far as was said how long they may be. */
import { unzipSync } from "fflate";
import { FormatError, RecurraError } from "../errors.js";
import { atMost, type KerasLimits } from "./limits.js";

const wanted = ["config.json", "metadata.json", "model.weights.h5"] as const;

export type KerasArchive = Readonly<Record<(typeof wanted)[number], Uint8Array | undefined>>;

/** Other files in the archive are left packed. FormatError for anything but an archive and for more than the limits. */
export function readArchive(bytes: Uint8Array, limits: KerasLimits): KerasArchive {
  const where = ".keras archive";
  const sizes = new Map<string, number>();
  let entries = 0;
  let total = 0;
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = unzipSync(bytes, {
      filter({ name, size, originalSize, compression }) {
        atMost(where, ++entries, limits.entries, "entries");
        if (!(wanted as readonly string[]).includes(name)) return false;
        const refuse = (expected: string, got: string) => {
          throw new FormatError({ where: `${where} ${name}`, expected, got });
        };
        if (sizes.has(name)) refuse("one file of this name", "another");
        if (compression !== 0 && compression !== 8)
          refuse("stored or deflated bytes", `method ${compression}`);
        if (compression === 0 && size !== originalSize) refuse(`${originalSize} bytes`, String(size));
        total += originalSize;
        atMost(where, total, limits.unpackedBytes, "unpacked bytes");
        sizes.set(name, originalSize);
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof RecurraError) throw cause;
    throw new FormatError({ where, expected: "a zip archive", got: "bytes that are none", cause });
  }
  const read = (name: (typeof wanted)[number]) => {
    const file = sizes.has(name) ? files[name] : undefined;
    if (file && file.length !== sizes.get(name)) {
      throw new FormatError({
        where: `${where} ${name}`,
        expected: `${sizes.get(name)} bytes`,
        got: String(file.length),
      });
    }
    return file;
  };
  return {
    "config.json": read("config.json"),
    "metadata.json": read("metadata.json"),
    "model.weights.h5": read("model.weights.h5"),
  };
}
