/** The formats there are. Each is loaded when a file needs it. */
import type { Format } from "./format.js";

export interface KnownFormat {
  /** By which it can be asked for. */
  readonly name: string;
  /** Of its files, in lower case with the dot; several formats may share one. */
  readonly extensions: readonly string[];
  load(): Promise<Format>;
}

/** Of two that both recognise a file, or share an extension, the first is taken. */
export const formats: readonly KnownFormat[] = [
  {
    name: "recurra",
    extensions: [".safetensors"],
    load: async () => (await import("./recurra.js")).recurra,
  },
];
