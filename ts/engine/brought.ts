/** Kernels that the user brings: files, bytes or modules, which must be those of this version. */
import { EngineError, InputError } from "../errors.js";
import type { EngineOptions, KernelSources, PrecisionName } from "./engine.js";
import { names, relaxed } from "./kernels.gen.js";
import type { Binary, Brought } from "./sets.js";

/** What a file holds, or what the host has made of it. */
type Content = Uint8Array | WebAssembly.Module;

/** What was fetched, by URL, so that models made one after another fetch and compile once. */
const fetched = new Map<string, Promise<Uint8Array>>();

/** Binaries from bytes, so that the same bytes are compiled once. */
const binaries = new WeakMap<Uint8Array, Binary>();

/**
 * Fetches what is to be fetched, and nothing else: from a folder what a model of this precision may need, with the kernels
 * of int8 if it is `quantised`. InputError for what can be no source of kernels, EngineError where a file does not come or, once it is chosen, is of another version.
 */
export async function bring(
  kernels: NonNullable<EngineOptions["kernels"]>,
  precision: PrecisionName,
  quantised: boolean,
): Promise<Brought> {
  const wanted = names.filter((name) => name !== "int8" || quantised);
  const fast = precision === "fast" ? wanted.filter((name) => relaxed.includes(name)) : [];
  const sources = sourcesOf(kernels, [...wanted, ...fast.map((name) => `${name}-fast`)]);
  const contents = new Map<string, Content>();
  await Promise.all(
    Object.entries(sources).map(async ([name, source]) => {
      contents.set(name, await contentOf(name, source));
    }),
  );
  return {
    compiled: [...contents.values()].some((content) => !(content instanceof Uint8Array)),
    choose(name, own) {
      const content = contents.get(name);
      return content ? binaryOf(name, content, own) : own;
    },
  };
}

function sourcesOf(kernels: NonNullable<EngineOptions["kernels"]>, wanted: readonly string[]): KernelSources {
  if (typeof kernels === "string" || kernels instanceof URL) {
    const folder = String(kernels).replace(/\/?$/, "/");
    return Object.fromEntries(wanted.map((name) => [name, `${folder}${name}.wasm`]));
  }
  const known =
    typeof kernels === "object" && kernels !== null && !ArrayBuffer.isView(kernels)
      ? Object.keys(kernels)
      : [];
  const wrong = known.find((name) => !names.includes(name.replace(/-fast$/, "")));
  if (known.length === 0 || wrong !== undefined) {
    throw new InputError({
      where: "options.kernels",
      expected: `the URL of a folder, or kernels by name: ${names.join(", ")}`,
      got: wrong ?? String(kernels),
    });
  }
  return kernels;
}

async function contentOf(name: string, source: KernelSources[string]): Promise<Content> {
  if (typeof source === "string" || source instanceof URL) return await fetchOnce(name, String(source));
  if (source instanceof Uint8Array) return source;
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  switch (Object.prototype.toString.call(source)) {
    case "[object WebAssembly.Module]":
      return source as WebAssembly.Module;
    case "[object ArrayBuffer]":
    case "[object SharedArrayBuffer]":
      return new Uint8Array(source as ArrayBuffer);
  }
  throw new InputError({
    where: `options.kernels.${name}`,
    expected: "a URL, the bytes of a .wasm file or a WebAssembly.Module",
    got: String(source),
  });
}

function fetchOnce(name: string, url: string): Promise<Uint8Array> {
  const known = fetched.get(url);
  if (known) return known;
  const coming = fetchBytes(name, url);
  fetched.set(url, coming);
  coming.catch(() => fetched.delete(url)); // who asks again may be luckier
  return coming;
}

async function fetchBytes(name: string, url: string): Promise<Uint8Array> {
  let got: unknown;
  try {
    const response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    got = `HTTP ${response.status}`;
  } catch (cause) {
    got = cause;
  }
  throw new EngineError({
    where: `options.kernels.${name}`,
    expected: `a file at ${url}`,
    got: String(got),
    cause: got,
  });
}

function binaryOf(name: string, content: Content, own: Binary): Binary {
  const bytes = content instanceof Uint8Array ? content : undefined;
  const known = bytes && binaries.get(bytes);
  if (known?.identity === own.identity) return known;
  const identity = bytes ? endOf(bytes) : sectionOf(content as WebAssembly.Module);
  if (identity !== own.identity) {
    throw new EngineError({
      where: `options.kernels.${name}`,
      expected: `the kernels ${own.identity}`,
      got: identity || "something else",
      hint: `take ${name}.wasm from the same version of the package`,
    });
  }
  const binary = { ...own, binary: content };
  if (bytes) binaries.set(bytes, binary);
  return binary;
}

/** The identity in the section at the end of a file. */
function endOf(bytes: Uint8Array): string {
  const end = String.fromCharCode(...bytes.subarray(-64));
  return /recurra([a-z0-9-]+ [0-9a-f]+)$/.exec(end)?.[1] ?? "";
}

function sectionOf(module: WebAssembly.Module): string {
  const [section] = WebAssembly.Module.customSections(module, "recurra");
  return section ? String.fromCharCode(...new Uint8Array(section).subarray(0, 64)) : "";
}
