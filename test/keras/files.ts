/** Files of Keras for the tests, from the golden ones. */
import { gunzipSync, strToU8, unzipSync, zipSync } from "fflate";
import attention from "../golden/keras/attention.json" with { type: "json" };
import files from "../golden/keras/files.json" with { type: "json" };
import layers from "../golden/keras/layers.json" with { type: "json" };

const decode = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** What is in a golden file of this name: its bytes, its definition as text, its weights. */
export function golden(name: string) {
  const found: { file?: string; definition?: string; weights?: string; json?: string; files?: object } =
    files.find((file) => file.name === name)!;
  const unpack = (text: string | undefined) =>
    text === undefined ? new Uint8Array(0) : gunzipSync(decode(text));
  return {
    bytes: unpack(found.file),
    definition: found.definition ?? "",
    weights: unpack(found.weights),
    json: found.json ?? "",
    files: new Map(
      Object.entries((found.files ?? {}) as Record<string, string>).map(([name, bytes]) => [
        name,
        decode(bytes),
      ]),
    ),
  };
}

/** The `.keras` file of a layer's golden case. */
export function layerFile(name: string): Uint8Array {
  return decode([...layers, ...attention].find((layer) => layer.name === name)!.file);
}

type Config = Record<string, unknown>;

/** A layer as a definition has it. */
export interface WrittenLayer {
  class_name: string;
  module?: string;
  registered_name?: string | null;
  config: Config;
  inbound_nodes?: unknown;
}

/** A definition with its layers changed. */
export function edited(definition: string, change: (layers: WrittenLayer[], config: Config) => void): string {
  const parsed = JSON.parse(definition) as { config: Config & { layers: WrittenLayer[] } };
  change(parsed.config.layers, parsed.config);
  return JSON.stringify(parsed);
}

/** A `.keras` file with its definition changed. */
export function editedFile(
  file: Uint8Array,
  change: (layers: WrittenLayer[], config: Config) => void,
): Uint8Array {
  const parts = unzipSync(file);
  const definition = edited(new TextDecoder().decode(parts["config.json"]), change);
  return zipSync({ ...parts, "config.json": strToU8(definition) }, { mtime: "1980-01-01T00:00:00" });
}
