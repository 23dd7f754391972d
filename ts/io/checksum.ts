/** A checksum of bytes, to tell a file that has been damaged. */

const POLYNOMIAL = 0xedb88320;

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
  return remainder;
});

/**
 * CRC-32 (ISO 3309, as in gzip and PNG) of these bytes, or of others that gave `before` followed by these. It differs for
 * any two of one length that differ in one place of up to 32 bits.
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  let remainder = ~before;
  for (let i = 0; i < bytes.length; i++) {
    remainder = (remainder >>> 8) ^ table[(remainder ^ bytes[i]!) & 0xff]!;
  }
  return ~remainder >>> 0;
}
