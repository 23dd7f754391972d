/** What a program does not import is not in its bundle. */
import * as esbuild from "esbuild";
import { expect, test } from "vitest";

/** The sources of ours that a bundle with these imports has code of. */
async function sourcesOf(...names: readonly string[]): Promise<string[]> {
  const { metafile } = await esbuild.build({
    stdin: {
      contents: `export { ${names.join(", ")} } from "./ts/index.ts";`,
      resolveDir: ".",
      loader: "ts",
    },
    bundle: true,
    format: "esm",
    write: false,
    metafile: true,
  });
  const [{ inputs }] = Object.values(metafile.outputs);
  return Object.keys(inputs).filter((path) => inputs[path]!.bytesInOutput > 0);
}

test("of losses and metrics only those that are imported", async () => {
  const optional = [
    ...["binary-cross-entropy", "cosine", "cross-entropy", "ctc", "residual", "slice"].map(
      (op) => `ts/ops/${op}.ts`,
    ),
    ...["classification", "confusion", "language", "metric", "regression", "roc-auc"].map(
      (of) => `ts/metrics/${of}.ts`,
    ),
    ...["ts/text/ctc.ts", "ts/data/softmax.ts"],
  ];
  const present = async (...names: string[]) => {
    const sources = await sourcesOf("model", ...names);
    return optional.filter((path) => sources.includes(path));
  };
  expect(await present()).toEqual([]);
  expect(await present("crossEntropy")).toEqual(["ts/ops/cross-entropy.ts"]);
  expect(await present("huber")).toEqual(["ts/ops/residual.ts"]);
  expect(await present("ctc")).toEqual(["ts/ops/ctc.ts"]);
  expect(await present("mae")).toEqual(["ts/metrics/metric.ts", "ts/metrics/regression.ts"]);
});

test("of optimisers, and of what may surround training, only those that are imported", async () => {
  const optional = [
    ...["adadelta", "adam", "adamax", "lion", "rmsprop", "schedules", "sgd"].map(
      (of) => `ts/optimisers/${of}.ts`,
    ),
    ...["average", "checkpoints", "diagnose", "find-rate", "overfit", "resume", "validation"].map(
      (of) => `ts/training/${of}.ts`,
    ),
  ];
  const present = async (...names: string[]) => {
    const sources = await sourcesOf("model", ...names);
    return optional.filter((path) => sources.includes(path));
  };
  expect(await present()).toEqual([]);
  expect(await present("sgd")).toEqual(["ts/optimisers/sgd.ts"]);
  expect(await present("adagrad", "warmup")).toEqual([
    "ts/optimisers/rmsprop.ts",
    "ts/optimisers/schedules.ts",
  ]);
  expect(await present("validation")).toEqual(["ts/training/validation.ts"]);
  expect(await present("resume")).toEqual(["ts/training/resume.ts"]);
  expect(await present("checkpoints")).toEqual(["ts/training/checkpoints.ts", "ts/training/resume.ts"]);
  expect(await present("diagnose")).toEqual(["ts/training/diagnose.ts"]);
});
