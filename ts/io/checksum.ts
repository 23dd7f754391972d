/** A checksum of bytes, to tell a file that has been damaged. */

const POLYNOMIAL = 0xedb88320;

let known: Int32Array | undefined;

/** What a byte becomes in the remainder once so many others have followed it: 256 numbers for each of 0 to 7. */
function remainders(): Int32Array {
  if (known) return known;
  known = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
    known[byte] = remainder;
  }
  for (let i = 256; i < known.length; i++) {
    const before = known[i - 256]!;
    known[i] = (before >>> 8) ^ known[before & 0xff]!;
  }
  return known;
}

/**
 * CRC-32 (ISO 3309, as in gzip and PNG) of these bytes, or of others that gave `before` followed by these; eight bytes at a
 * time (Kounavis & Berry 2005). It differs for any two of one length that differ in one place of up to 32 bits.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const table = remainders();
  let remainder = ~before;
  const single = (from: number, to: number): void => {
    for (let i = from; i < to; i++) remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]!) & 0xff]!;
  };
  const start = -bytes.byteOffset & 3; // where words may begin
  const pairs = (bytes.length - start) >> 3;
  if (pairs <= 0) {
    single(0, bytes.length);
    return ~remainder >>> 0;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start, 2 * pairs);
  single(0, start);
  for (let i = 0; i < words.length; i += 2) {
    const a = words[i]! ^ remainder;
    const b = words[i + 1]!;
    remainder =
      table[0x700 | (a & 0xff)]! ^
      table[0x600 | ((a >>> 8) & 0xff)]! ^
      table[0x500 | ((a >>> 16) & 0xff)]! ^
      table[0x400 | (a >>> 24)]! ^
      table[0x300 | (b & 0xff)]! ^
      table[0x200 | ((b >>> 8) & 0xff)]! ^
      table[0x100 | ((b >>> 16) & 0xff)]! ^
      table[b >>> 24]!;
  }
  single(start + 4 * words.length, bytes.length);
  return ~remainder >>> 0;
}
