/** What the host grants: cores, and workers to use them. */

/** Why there is one thread only. */
export type ThreadsReason =
  /** The page is not cross-origin isolated, so that memory cannot be shared. */
  | "not-isolated"
  /** The host has no workers, or refuses to start them. */
  | "no-workers"
  /** The host refuses shared memory of this size. */
  | "memory-denied"
  /** The kernels came compiled, and so import a memory that is not shared. */
  | "compiled";

/** What of the global scope matters here; every host lacks some of it. */
const scope = globalThis as {
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Worker?: unknown;
};

/** Memory can be shared where workers may be given it; elsewhere the same binary runs on an unshared one. */
export const isolated = typeof SharedArrayBuffer === "function" && scope.crossOriginIsolated !== false;

/** A module of Node.js, Deno or Bun, without an import that a bundler would follow. */
export function builtin<M>(name: string): M | undefined {
  return scope.process?.getBuiltinModule?.(name) as M | undefined;
}

/** How many threads the host can run at once; 1 if it does not say. */
export function cores(): number {
  return (
    scope.navigator?.hardwareConcurrency ??
    builtin<{ availableParallelism(): number }>("node:os")?.availableParallelism() ??
    1
  );
}

/** Why the host has one thread only, or undefined if it has more. */
export function lacking(): ThreadsReason | undefined {
  if (!isolated) return "not-isolated";
  // Only asked for, not loaded: with its streams that would take longer than to make the model.
  const threads = builtin<{ isBuiltin(name: string): boolean }>("node:module")?.isBuiltin(
    "node:worker_threads",
  );
  return threads || scope.Worker ? undefined : "no-workers";
}
