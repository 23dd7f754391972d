/** A number for a text: the same everywhere and always. */

/** In [0, 2^32): FNV-1a over the UTF-16 code units (Fowler, Noll & Vo 1991), its bits mixed as in MurmurHash3 (Appleby 2011). */
export function hash(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bits = Math.imul(bits ^ (unit & 0xff), 0x01000193);
    bits = Math.imul(bits ^ (unit >>> 8), 0x01000193);
  }
  // A short text hardly reaches the high bits, which decide.
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
