/** Sets of kernels: what the build writes for each binary. */

/** What a kernel takes, by name, and what it returns. */
export interface Signature {
  readonly operands: object;
  readonly result: unknown;
}

/** The signatures of a set of kernels by their names: what the build writes for each binary. */
export type Signatures<K> = { readonly [N in keyof K]: Signature };

/** A compiled set of kernels, as the build writes it into a `.gen.ts`. */
export interface KernelSet<K extends Signatures<K>> extends Binary {
  readonly name: string;
  /** The names of each kernel's operands in order, with spaces between. */
  readonly parameters: { readonly [N in keyof K]: string };
  /** Where the memory behind the static data begins, in bytes. */
  readonly arena: number;
}

export interface Binary {
  /** Offset in the binary of the byte that is 3 to import a shared memory and 1 to import an unshared one. */
  readonly memoryFlag: number;
  /** What a `.wasm` file of this set ends with, in a custom section named `recurra`: no other binary has the same. */
  readonly identity: string;
  /**
   * The WebAssembly module: its bytes, or two hexadecimal digits for each; compiled already, importing an unshared memory,
   * where the host allows nothing else; empty where the package leaves it to `options.kernels`.
   */
  readonly binary: string | Uint8Array | WebAssembly.Module;
}

/** A set whose kernels an engine can run once it is linked. */
// biome-ignore lint/suspicious/noExplicitAny: of any signatures
export type AnyKernelSet = KernelSet<any>;

/** Kernels that the user has brought. */
export interface Brought {
  /** Whether some of them are compiled already, and therefore import an unshared memory. */
  readonly compiled: boolean;
  /** The binary of this name that was brought, or else the package's own. EngineError where it is of another version. */
  choose(name: string, own: Binary): Binary;
}
