/** Where HDF5 keeps names and texts: the local heap of a group, and global heaps. */
import type { Source } from "./source.js";

/** Reads the name at an offset into the local heap at `at`. */
export function nameOf(source: Source, at: number, offset: number): string {
  source.signature(at, "HEAP");
  const size = source.length64(at + 8);
  if (offset >= size) source.refuse(at, `a name within ${size} bytes`, `one at ${offset}`);
  const start = source.address(at + 24);
  return source.text(start + offset, Math.min(size - offset, LONGEST_NAME));
}

/** The text of so many bytes that is object `index` of the global heap at `at`. */
export function heapText(source: Source, at: number, index: number, length: number): string {
  source.signature(at, "GCOL");
  const end = at + source.length64(at + 8);
  for (let place = at + 16; place + 16 <= end; ) {
    source.part(place);
    const found = source.word16(place);
    const size = source.length64(place + 8);
    if (found === index) {
      if (length > size) source.refuse(place, `a text of ${length} bytes`, `one of ${size}`);
      return source.text(place + 16, length);
    }
    if (found === 0) break; // what is left is free
    place += 16 + Math.ceil(size / 8) * 8;
  }
  return source.refuse(at, `object ${index} in a heap`, "none");
}

/** Most bytes of a name; a longer one is cut, and will not be found. */
const LONGEST_NAME = 1024;
