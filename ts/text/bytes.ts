/** Texts as bytes, and bytes as characters that can be seen. */

/**
 * The UTF-8 of a text, in which a lone surrogate has three bytes as any other code point of its size (WTF-8), so that no two
 * texts have the same bytes.
 */
export function bytesOf(text: string): number[] {
  const bytes: number[] = [];
  for (const symbol of text) {
    const point = symbol.codePointAt(0)!;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return bytes;
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/**
 * The text of such bytes. Bytes that belong to no code point become U+FFFD, one for each longest beginning of one, as the
 * Encoding Standard decodes UTF-8.
 */
export function textOf(bytes: ArrayLike<number>): string {
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i++]!;
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      continue;
    }
    const more =
      lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
    // What would be shorter otherwise, or lie past U+10FFFF.
    let low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    let high = lead === 0xf4 ? 0x8f : 0xbf;
    let point = lead & (0x3f >> more);
    let read = 0;
    for (; read < more && bytes[i]! >= low && bytes[i]! <= high; read++) {
      point = (point << 6) | (bytes[i++]! & 0x3f);
      [low, high] = [0x80, 0xbf];
    }
    text += more > 0 && read === more ? String.fromCodePoint(point) : "\ufffd";
  }
  return text;
}

/**
 * A character for each byte that can be seen and is no space (Radford et al. 2019): itself where Latin-1 has such a one, else
 * the next of those from U+0100. In ascending order of the characters, as GPT-2 numbers the bytes.
 */
export function visibleBytes(): { readonly byte: number; readonly character: string }[] {
  const all = Array.from({ length: 256 }, (_, byte) => byte);
  const shown = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  return [
    ...all.filter(shown).map((byte) => ({ byte, character: String.fromCharCode(byte) })),
    ...all
      .filter((byte) => !shown(byte))
      .map((byte, i) => ({ byte, character: String.fromCharCode(0x100 + i) })),
  ];
}
