/** Word vectors as files: read as a stream, written in pieces. */

import { FormatError, InputError } from "../errors.js";
import { float32, readSafetensors, writeSafetensors } from "../io/safetensors.js";
import { createWordEngine, type MemoryOptions } from "./engine.js";
import { BinaryReader } from "./read-binary.js";
import { TextReader } from "./read-text.js";
import { Table } from "./table.js";
import { requireWhole } from "./training.js";
import { WordVectors } from "./vectors.js";

export interface ReadOptions extends MemoryOptions {
  /**
   * `text`: lines of a word and its numbers, with a first line "words width" (word2vec, fastText's .vec) or without (GloVe);
   * `binary`: word2vec's. Default `text`.
   */
  readonly format?: "text" | "binary";
  /** How many words are read at most, the first of the file, which are the most frequent as a rule; default all. */
  readonly most?: number;
}

/** Bytes at once, or as they come: a response's body, a file's stream. */
export type Source = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Reads word vectors. FormatError, which names the line or the byte, for anything but whole words with finite numbers of one
 * width; EngineError before more is read than options.memory allows. Of a word that comes again the first vector is kept.
 */
export async function readVectors(source: Source, options: ReadOptions = {}): Promise<WordVectors> {
  const { format = "text", most = Number.MAX_SAFE_INTEGER, memory = 1024 } = options;
  if (format !== "text" && format !== "binary") {
    throw new InputError({
      where: "readVectors.format",
      expected: '"text" or "binary"',
      got: String(format),
    });
  }
  requireWhole("readVectors.most", most, 1, Number.MAX_SAFE_INTEGER);
  const table = new Table(most, memory * 1048576);
  const reader = format === "text" ? new TextReader(table) : new BinaryReader(table);
  for await (const bytes of source instanceof Uint8Array ? [source] : source) {
    for (let from = 0; from < bytes.length && !table.full; from += PIECE)
      reader.take(bytes.subarray(from, from + PIECE));
    if (table.full) break;
  }
  if (!table.full) reader.end();
  table.end();
  const engine = await createWordEngine(options); // not before: a stream that nobody reads may fail unheard
  const vectors = new WordVectors(engine, table.words, table.width);
  vectors.fill((row, to) => table.copy(row, to));
  return vectors;
}

/** Bytes that are read at a time: what is left of a line is copied no more than so. */
const PIECE = 1 << 20;

/** Words that are written at a time. */
const BATCH = 1024;

/**
 * The bytes of a file, in pieces: `glove` is `text` without its first line. Numbers keep
 * all their bits in each format, but for the sign of a zero in text.
 */
export function* writeVectors(
  vectors: WordVectors,
  format: "text" | "glove" | "binary" = "text",
): Generator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  const { words, width } = vectors;
  const unfit = words.find((word) => /[\n\r ]/.test(word) || word === "");
  if (unfit !== undefined) {
    throw new InputError({
      where: "writeVectors",
      expected: "words without spaces and line breaks",
      got: JSON.stringify(unfit),
      hint: "saveVectors has no such limit",
    });
  }
  if (format !== "glove") yield encoder.encode(`${words.length} ${width}\n`);
  for (let from = 0; from < words.length; from += BATCH) {
    const some = words.slice(from, from + BATCH);
    const { data } = vectors.tensor(some);
    if (format !== "binary") {
      const lines = some.map((word, i) => `${word} ${data.subarray(i * width, (i + 1) * width).join(" ")}\n`);
      yield encoder.encode(lines.join(""));
      continue;
    }
    for (const [i, word] of some.entries()) {
      const name = encoder.encode(`${word} `);
      const bytes = new Uint8Array(name.length + 4 * width + 1);
      bytes.set(name);
      const view = new DataView(bytes.buffer, name.length);
      for (let k = 0; k < width; k++) view.setFloat32(4 * k, data[i * width + k]!, true);
      bytes[bytes.length - 1] = 10;
      yield bytes;
    }
  }
}

/** The vectors as a safetensors file: `vectors` F32 [words, width], and `words` U8, the UTF-8 of a JSON list. */
export function saveVectors(vectors: WordVectors): Uint8Array {
  const { shape, data } = vectors.tensor();
  const words = new TextEncoder().encode(JSON.stringify(vectors.words));
  return writeSafetensors(
    [
      ["vectors", { dtype: "F32", shape, bytes: new Uint8Array(data.buffer) }],
      ["words", { dtype: "U8", shape: [words.length], bytes: words }],
    ],
    [["format", "recurra words"]],
  );
}

/** What `saveVectors` wrote. FormatError for anything else. */
export async function loadVectors(bytes: Uint8Array, options: MemoryOptions = {}): Promise<WordVectors> {
  const where = "word vectors";
  const { tensors } = readSafetensors(bytes);
  const [vectors, list] = [tensors.get("vectors"), tensors.get("words")];
  const refuse = (expected: string, got: string): never => {
    throw new FormatError({ where, expected, got });
  };
  if (!vectors || !list)
    return refuse("the tensors vectors and words", [...tensors.keys()].join(", ") || "none");
  let words: unknown;
  try {
    words = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(list.bytes)));
  } catch {
    return refuse("a JSON list of words", "something else");
  }
  if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) {
    return refuse("a JSON list of words", "something else");
  }
  const [rows, width = 0] = vectors.shape;
  if (vectors.shape.length !== 2 || rows !== words.length || rows === 0 || width === 0) {
    return refuse(`a vector for each of ${words.length} words`, `the shape [${vectors.shape}]`);
  }
  const data = float32(vectors, where);
  const engine = await createWordEngine(options);
  try {
    const made = new WordVectors(engine, words, width);
    made.fill((row, to) => to.set(data.subarray(row * width, (row + 1) * width)));
    return made;
  } catch (fault) {
    if (!(fault instanceof InputError)) throw fault;
    throw new FormatError({ where: fault.where, expected: fault.expected, got: fault.got, cause: fault });
  }
}
