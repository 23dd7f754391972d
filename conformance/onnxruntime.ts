/** onnxruntime for Node.js, as far as it is needed here: it is installed in this folder alone. */
import { createRequire } from "node:module";

interface OrtTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

interface Session {
  readonly inputNames: readonly string[];
  run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>;
  release(): Promise<void>;
}

const ort = createRequire(import.meta.url)("onnxruntime-node") as {
  InferenceSession: { create(bytes: Uint8Array, options: object): Promise<Session> };
  Tensor: new (type: string, data: ArrayLike<number> | BigInt64Array, dims: readonly number[]) => OrtTensor;
};

export interface Feed {
  readonly type: "float32" | "int32" | "int64";
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** All outputs of a file for these inputs. */
export async function run(
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
): Promise<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> {
  const session = await ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const given = Object.entries(feeds).map(([name, { type, shape, data }]) => {
      const values =
        type === "int64"
          ? BigInt64Array.from(Array.from(data, BigInt))
          : type === "int32"
            ? Int32Array.from(data)
            : Float32Array.from(data);
      return [name, new ort.Tensor(type, values, shape)];
    });
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        { shape: dims, data: Float32Array.from(data as Float32Array) },
      ]),
    );
  } finally {
    await session.release();
  }
}

/** The largest difference of two lists of numbers; Infinity where one is longer. */
export function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
