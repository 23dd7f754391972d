/** What the hosts of these examples have and the types of this repository lack. */

// biome-ignore lint/suspicious/noExplicitAny: Deno's own types are not installed
declare const Deno: any;
// biome-ignore lint/suspicious/noExplicitAny: nor are Bun's
declare const Bun: any;

declare module "*.safetensors" {
  const bytes: ArrayBuffer;
  export default bytes;
}
