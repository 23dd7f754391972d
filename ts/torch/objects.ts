/** The closed list of what a pickle of PyTorch's may name, and what becomes of it: data, always. */
import type { Dtype } from "../io/safetensors.js";

/** A class or function of Python that the list has; it is a name here and nothing that could be called. */
export interface Named {
  readonly named: "OrderedDict" | "tensor" | "parameter" | Dtype;
}

/** Numbers in a file of their own: `count` of them. */
export interface Storage {
  readonly dtype: Dtype;
  readonly key: string;
  readonly count: number;
}

/** A tensor: where in a storage its elements are. */
export interface Placed {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** An object of Python as data: tuples are lists, dictionaries of either kind maps. */
export type PythonObject =
  | null
  | boolean
  | number
  | bigint
  | string
  | PythonObject[]
  | Map<PythonObject, PythonObject>
  | Named
  | Storage
  | Placed;

/** By module and name, as a pickle writes them. */
export const known: ReadonlyMap<string, Named> = new Map([
  ["collections OrderedDict", { named: "OrderedDict" }],
  ["torch._utils _rebuild_tensor_v2", { named: "tensor" }],
  ["torch._utils _rebuild_parameter", { named: "parameter" }],
  ["torch DoubleStorage", { named: "F64" }],
  ["torch FloatStorage", { named: "F32" }],
  ["torch HalfStorage", { named: "F16" }],
  ["torch BFloat16Storage", { named: "BF16" }],
  ["torch LongStorage", { named: "I64" }],
  ["torch IntStorage", { named: "I32" }],
  ["torch ShortStorage", { named: "I16" }],
  ["torch CharStorage", { named: "I8" }],
  ["torch ByteStorage", { named: "U8" }],
  ["torch BoolStorage", { named: "BOOL" }],
]);

export function isNamed(value: PythonObject | undefined): value is Named {
  return typeof value === "object" && value !== null && "named" in value;
}

export function isPlaced(value: PythonObject | undefined): value is Placed {
  return typeof value === "object" && value !== null && "strides" in value;
}

/** The storage that a persistent id ("storage", class, key, device, count) speaks of; undefined for any other. */
export function storageOf(id: PythonObject): Storage | undefined {
  if (!Array.isArray(id) || id.length !== 5) return undefined;
  const [kind, of, key, , count] = id;
  if (kind !== "storage" || !isNamed(of) || typeof key !== "string" || !isCount(count)) return undefined;
  if (of.named === "OrderedDict" || of.named === "tensor" || of.named === "parameter") return undefined;
  return { dtype: of.named, key, count };
}

/** What a named function gives for these arguments; undefined if it would not take them. */
export function reduced({ named }: Named, args: readonly PythonObject[]): PythonObject | undefined {
  if (named === "OrderedDict") return args.length === 0 ? new Map() : undefined;
  const [first, offset, shape, strides] = args;
  if (named === "parameter") return args.length === 3 && isPlaced(first) ? first : undefined;
  if (named !== "tensor" || args.length < 6 || args.length > 7) return undefined;
  if (typeof first !== "object" || first === null || !("key" in first)) return undefined;
  if (!isCount(offset) || !isCounts(shape) || !isCounts(strides) || shape.length !== strides.length) {
    return undefined;
  }
  return { storage: first, offset, shape, strides };
}

function isCount(value: PythonObject | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PythonObject | undefined): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}
