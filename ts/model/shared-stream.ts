/** The steps of a stream on all threads of its model, where that pays. Nothing else may be asked of it while one is awaited. */
import type { Engine } from "../engine/engine.js";
import type { Others, Stream } from "./stream.js";

/** As `stream.stepRows`. */
export async function stepShared(
  stream: Stream,
  engine: Engine,
  input: number | ArrayLike<number>,
): Promise<readonly Float32Array[]> {
  const { plan } = stream;
  if (!plan.shared) return stream.stepRows(input);
  stream.take(input);
  await engine.alone(() => plan.run());
  return stream.stepped();
}

/** As `stream.begin`. */
export async function beginShared(stream: Stream, engine: Engine, others: Others): Promise<void> {
  stream.give(others);
  await engine.alone(() => stream.plan.prepareShared());
  stream.reset();
}
