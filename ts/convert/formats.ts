/** The formats there are. Each is loaded when a file needs it. */
import { FormatError, InputError } from "../errors.js";
import type { Format } from "./format.js";

interface KnownFormat {
  /** By which it can be asked for. */
  readonly name: string;
  /** Of its files, in lower case with the dot; several formats may share one. */
  readonly extensions: readonly string[];
  load(): Promise<Format>;
}

/** Of two that both recognise a file, or share an extension, the first is taken. */
const formats: readonly KnownFormat[] = [
  {
    name: "recurra",
    extensions: [".safetensors"],
    load: async () => (await import("./recurra.js")).recurra,
  },
  {
    name: "pt",
    extensions: [".pt", ".pth"],
    load: async () => (await import("../torch/format.js")).pt,
  },
  {
    name: "onnx",
    extensions: [".onnx"],
    load: async () => (await import("../onnx/format.js")).onnx,
  },
  {
    name: "safetensors",
    extensions: [],
    load: async () => (await import("../torch/format.js")).safetensors,
  },
  {
    name: "keras",
    extensions: [".keras"],
    load: async () => (await import("../keras/format.js")).keras,
  },
  {
    name: "h5",
    extensions: [".h5"],
    load: async () => (await import("../keras/format.js")).h5,
  },
  {
    name: "tfjs",
    extensions: [".json"],
    load: async () => (await import("../keras/format.js")).tfjs,
  },
];

/** The names of all formats. */
export const formatNames: readonly string[] = formats.map(({ name }) => name);

/** The format of this name. InputError if there is none. */
export async function formatOf(name: string): Promise<Format> {
  const known = formats.find((format) => format.name === name);
  if (known) return await known.load();
  throw new InputError({ where: "format", expected: formatNames.join(", "), got: JSON.stringify(name) });
}

/** The name of the format of files with this name, by its extension; undefined if none has it. */
export function formatNameFor(file: string): string | undefined {
  const lower = file.toLowerCase();
  return formats.find(({ extensions }) => extensions.some((extension) => lower.endsWith(extension)))?.name;
}

/** The format that recognises these bytes. FormatError if none does. */
export async function recognise(bytes: Uint8Array): Promise<Format> {
  for (const { load } of formats) {
    const format = await load();
    if (format.recognises(bytes)) return format;
  }
  throw new FormatError({ where: "file", expected: `one of ${formatNames.join(", ")}`, got: "none of them" });
}
