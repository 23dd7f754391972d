/** The entry that only predicts: the same bits as the whole library, and nothing in it that trains. */
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as recurra from "recurra";
import * as inference from "recurra/inference";
import { describe, expect, test, vi } from "vitest";
import { bundle, jobs } from "../../scripts/sizes.js";

vi.setConfig({ testTimeout: 60_000 }); // only ends what hangs

const { dense, features, gru, lstm, model, tokens } = recurra;

const x = Array.from({ length: 7 }, (_, t) => [t / 7, 1 - t / 3, (t * t) % 3]);
const symbols = { target: [1, 2, 3], source: [3, 2, 1, 4] };

// biome-ignore lint/suspicious/noExplicitAny: data of several kinds
const models: [string, () => Promise<recurra.Model>, any][] = [
  [
    "every recurrence",
    () =>
      model(
        ...[features(3), lstm(5, { peepholes: true }), gru(4), recurra.rnn(3)],
        ...[recurra.minGru(4), recurra.minLstm(4), recurra.layerNormLstm(4), dense(2)],
      ),
    x,
  ],
  [
    "what surrounds them",
    () =>
      model(
        ...[features(3), lstm(6, { projection: 3, zoneout: 0.1, recurrentDropout: 0.1 })],
        ...[recurra.bidirectional(gru(3)), recurra.dropout(0.2), recurra.layerNorm()],
        ...[recurra.residual(dense(6)), recurra.activation("gelu"), recurra.last(), recurra.softmax()],
      ),
    x,
  ],
  [
    "attention",
    () =>
      model(
        recurra.inputs({ target: tokens(7), source: tokens(7) }),
        recurra.encoderDecoder({
          encoder: [recurra.embedding(4), gru(5)],
          decoder: [recurra.embedding(4), gru(5)],
          attention: { score: "additive" },
        }),
        dense(7),
      ),
    symbols,
  ],
  ["int8", async () => (await recurra.quantise(await model(features(3), lstm(8), dense(2)))).model, x],
];

test.each(models)("%s: loaded from a file it predicts the same bits", async (_, make, data) => {
  const net = await make();
  const again = await inference.load(net.save());
  const [one, other] = [await net.predict(data), await again.predict(data)];
  expect(other.shape).toEqual(one.shape);
  expect(Array.from(other.data)).toEqual(Array.from(one.data));
});

test("what trains is refused in words", async () => {
  const net = await inference.model(inference.features(1), inference.dense(1));
  const refusal = /expected an import from recurra, got one from recurra\/inference, which only predicts/;
  await expect(async () => net.fit([], {} as never)).rejects.toThrow(refusal);
  await expect(async () => net.evaluate([], {} as never)).rejects.toThrow(refusal);
});

test("an encoder and a decoder translate as they do in the whole library", async () => {
  const [, make] = models.find(([name]) => name === "attention")!;
  const net = await make();
  const again = await inference.load(net.save());
  const options = { start: 0, end: 6, maxLength: 5 };
  const found = await inference.translator(again, options).translate([symbols.source]);
  expect(found[0]![0]!.tokens).toEqual(
    (await recurra.translator(net, options).translate([symbols.source]))[0]![0]!.tokens,
  );
});

describe("a bundle", () => {
  /** The script of a job, its binaries apart. */
  async function contentsOf(job: string) {
    const text = (await bundle(jobs[job]!)).toString();
    const binaries = [...text.matchAll(/"(0061736d[0-9a-f]+)"/g)].map(([, hex]) => Buffer.from(hex!, "hex"));
    const kernels = binaries.flatMap((binary) =>
      WebAssembly.Module.exports(new WebAssembly.Module(binary)).map(({ name }) => name),
    );
    return { text: text.replace(/"0061736d[0-9a-f]+"/g, '""'), kernels };
  }

  test.each(["an LSTM that only predicts", "any model of a file that only predicts"])(
    "of %s has no kernel that trains, nor the name of one",
    async (job) => {
      const { text, kernels } = await contentsOf(job);
      expect(kernels).toContain("lstmForward");
      const training = /Backward$|Gradient$|^(sgd|adam|crossEntropyForward|ctcForward|lasso|follow)$/;
      expect(kernels.filter((name) => training.test(name))).toEqual([]);
      const named = text.match(/"(\w+Backward|\w+Gradient|sgd|adam|crossEntropyForward)"/g) ?? [];
      expect(named).toEqual([]);
      expect(text).not.toMatch(/accumulate must|options\.clip|optimiser/);
    },
  );

  test("of an LSTM that only predicts is smaller by a quarter than one that trains too", async () => {
    const [training, predicting] = Object.values(jobs);
    const size = async (job: typeof training) => gzipSync(await bundle(job!)).length;
    expect(await size(predicting)).toBeLessThan(0.75 * (await size(training)));
  });

  test("of the built package is as small as one of its sources", async () => {
    const { names } = Object.values(jobs)[0]!;
    const size = async (from: string) => {
      const { outputFiles } = await esbuild.build({
        stdin: { contents: `export { ${names.join(", ")} } from "${from}";`, resolveDir: ".", loader: "ts" },
        ...{ bundle: true, splitting: true, outdir: "size", minify: true, format: "esm", write: false },
        logOverride: { "ignored-bare-import": "silent" },
      } as const);
      return outputFiles.find(({ path }) => path.endsWith("stdin.js"))!.contents.length;
    };
    expect(await size("recurra")).toBeLessThan(1.02 * (await size("./ts/index.ts")));
  });
});
