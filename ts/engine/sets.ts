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
  /** The WebAssembly module, two hexadecimal digits a byte. */
  readonly binary: string;
}

/** A set whose kernels an engine can run once it is linked. */
// biome-ignore lint/suspicious/noExplicitAny: of any signatures
export type AnyKernelSet = KernelSet<any>;
