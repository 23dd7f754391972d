/** Changes of bytes, as damage and as malice make them. */
import type { Random } from "../../ts/random.js";

/** The same bytes but for one to three changes: bits, numbers at the edges of a varint, pieces moved, copied, cut or doubled. */
export function mutated(bytes: Uint8Array, source: Random): Uint8Array {
  let made = Array.from(bytes);
  for (let changes = 1 + source.integer(3); changes > 0; changes--) {
    if (made.length === 0) made = [0];
    const at = source.integer(made.length);
    const length = 1 + source.integer(12);
    switch (source.integer(20)) {
      case 0:
        made[at] = made[at]! ^ (1 << source.integer(8));
        break;
      case 1:
        made[at] = [0, 1, 0x7f, 0x80, 0xff][source.integer(5)]!;
        break;
      case 2:
        made.splice(at, length);
        break;
      case 3:
        made.splice(at, 0, ...made.slice(source.integer(made.length)).slice(0, length));
        break;
      case 4:
        made = made.slice(0, at + 1);
        break;
      case 5:
        made.splice(at, 0, 0xff, 0xff, 0xff, 0xff, 0x0f);
        break;
      default:
        made[at] = (made[at]! + source.integer(5) - 2) & 0xff; // lengths stay right more often than not
    }
  }
  return Uint8Array.from(made);
}
