/** Object headers: the messages that say what an object of an HDF5 file is. */
import { atMost } from "../limits.js";
import type { Source } from "./source.js";

/** The kinds of messages that are looked at (HDF5 file format 3.0, section IV.A.2). */
export const kind = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  link: 6,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const;

export interface Message {
  readonly kind: number;
  readonly at: number;
  readonly size: number;
}

/** Bytes from `at` to `end` that hold messages. */
interface Block {
  readonly at: number;
  readonly end: number;
}

/** All messages of the object whose header lies at `at`, with those of the blocks that continue it. */
export function messagesOf(source: Source, at: number): Message[] {
  source.part(at);
  const version = source.byte(at);
  if (version === 1) {
    const most = source.word16(at + 2);
    const first = { at: at + 16, end: at + 16 + source.word32(at + 8) };
    const messages = readBlocks(source, first, { head: 8, prefix: 0, suffix: 0 }, (place) => ({
      kind: source.word16(place),
      size: source.word16(place + 2),
      flags: source.byte(place + 4),
    }));
    atMost(`HDF5 at byte ${at}`, messages.length, most, "messages, as its header says");
    return messages;
  }
  source.signature(at, "OHDR");
  if (source.byte(at + 4) !== 2) source.refuse(at + 4, "version 2", String(source.byte(at + 4)));
  const flags = source.byte(at + 5);
  // Times, then bounds for the storage of attributes, then the length of the first block in 1, 2, 4 or 8 bytes.
  const place = at + 6 + (flags & 32 ? 16 : 0) + (flags & 16 ? 4 : 0);
  const bytes = 1 << (flags & 3);
  const read = [source.byte, source.word16, source.word32, source.length64][flags & 3]!;
  const start = place + bytes;
  const first = { at: start, end: start + read.call(source, place) };
  const head = flags & 4 ? 6 : 4; // with or without the order of creation
  return readBlocks(source, first, { head, prefix: 4, suffix: 4 }, (place) => ({
    kind: source.byte(place),
    size: source.word16(place + 1),
    flags: source.byte(place + 3),
  }));
}

/** `head`: bytes before each message; a block that continues begins with `prefix` and ends in `suffix` bytes of its own. */
function readBlocks(
  source: Source,
  first: Block,
  { head, prefix, suffix }: { head: number; prefix: number; suffix: number },
  headOf: (at: number) => { kind: number; size: number; flags: number },
): Message[] {
  const messages: Message[] = [];
  const blocks = [first];
  for (const block of blocks) {
    let at = block.at;
    while (at + head <= block.end) {
      source.part(at);
      const { kind: found, size, flags } = headOf(at);
      const body = at + head;
      if (body + size > block.end) {
        source.refuse(at, `a message within ${block.end - body} bytes`, `one of ${size}`);
      }
      if (found === kind.continuation) {
        const start = source.address(body);
        if (prefix > 0) source.signature(start, "OCHK");
        blocks.push({ at: start + prefix, end: start + source.length64(body + 8) - suffix });
      } else if (flags & 2 && isKnown(found)) {
        source.refuse(at, "messages kept where they are used", "a shared one");
      } else {
        messages.push({ kind: found, at: body, size });
      }
      at = body + size;
    }
  }
  return messages;
}

function isKnown(found: number): boolean {
  return Object.values<number>(kind).includes(found);
}
