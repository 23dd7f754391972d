/** Decodes base64 without the host's help: worklets have no `atob`. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const values = new Uint8Array(128);
  for (let i = 0; i < 64; i++) values[alphabet.charCodeAt(i)] = i;
  const end = text.indexOf("=");
  const symbols = end < 0 ? text.length : end;
  const bytes = new Uint8Array(Math.floor((symbols * 3) / 4));
  let bits = 0;
  for (let i = 0, at = 0; i < symbols; i++) {
    bits = (bits << 6) | values[text.charCodeAt(i)]!;
    if (i % 4 !== 0) bytes[at++] = bits >> (6 - 2 * (i % 4));
  }
  return bytes;
}
