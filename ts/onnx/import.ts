/** Models from ONNX files. */
import type { EngineOptions } from "../engine/engine.js";
import { FormatError, InputError } from "../errors.js";
import { writeParameter } from "../graph/parameter.js";
import { features, type Input, inputs as several, tokens } from "../layers/input.js";
import { wiring } from "../layers/wiring.js";
import { Model } from "../model/model.js";
import { createNetwork } from "../model/network.js";
import type { Builder } from "./builder.js";
import { type OnnxLimits, readOnnx } from "./file.js";
import type { Constants } from "./inputs.js";
import { type Extent, extentOf, type Signal, widthOf } from "./signal.js";
import { trace } from "./trace.js";

export interface FromOnnxOptions extends EngineOptions {
  /** The name of the output that the model gives; default the first. */
  readonly output?: string;
  /** Numbers for inputs of the graph that the model is not to read, by name: they become weights. */
  readonly constants?: Constants;
  /** How much the file may ask for. */
  readonly limits?: Partial<OnnxLimits>;
}

/** A model, and how it stands to its file. */
export interface FromOnnx {
  readonly model: Model;
  /** The input that the model reads and what its axes are in the file, for example ["steps", "batch", 5]. */
  readonly input: { readonly name: string; readonly axes: readonly Extent[] };
  /** The same of the output; the numbers of a row are in this order too. */
  readonly output: { readonly name: string; readonly axes: readonly Extent[] };
  /**
   * The inputs that are initial states, if there are any: the model then reads `inputs`, its own under the name of the file and
   * each of these as one step of directions x units numbers.
   */
  readonly states: readonly { readonly name: string; readonly axes: readonly Extent[] }[];
  /** Further inputs that are sequences, if there are any, of as many steps as `axes` says: `steps`, or `steps2` for others. */
  readonly sources: readonly { readonly name: string; readonly axes: readonly Extent[] }[];
  /** The input of the file that is the `lengths` of this model's data, if there is one. */
  readonly lengths: string | undefined;
  /** Where other programs may give other numbers. */
  readonly warnings: readonly string[];
}

/**
 * Makes a model that predicts, streams and trains from an ONNX file (operators of versions 7 to 28). Which axis is
 * steps and which rows of the batch follows from its recurrent operators; without any, the batch is first. FormatError for bytes
 * that are no such file, and for what cannot be expressed here, with the name of its node, before anything is made.
 */
export async function fromOnnx(bytes: Uint8Array, options: FromOnnxOptions = {}): Promise<FromOnnx> {
  if (!(bytes instanceof Uint8Array)) {
    throw new InputError({ where: "fromOnnx", expected: "a Uint8Array", got: typeof bytes });
  }
  const { output: wanted, constants = {}, limits, ...engineOptions } = options;
  const file = readOnnx(bytes, limits);
  const name = wanted ?? file.outputs[0] ?? "";
  if (!file.outputs.includes(name)) {
    throw new InputError({
      where: "fromOnnx.output",
      expected: `one of ${file.outputs.join(", ")}`,
      got: JSON.stringify(name),
    });
  }
  for (const [name, { shape, data }] of Object.entries(constants)) {
    if (shape.reduce((a, b) => a * b, 1) !== data.length) {
      throw new InputError({
        where: `fromOnnx.constants.${name}`,
        expected: `numbers for [${shape}]`,
        got: `${data.length}`,
      });
    }
  }
  const { inputs, builder, begin, sources, end } = trace(file, name, constants);
  builder.prune(end.node);
  const read = (input: Signal): Input =>
    input.tokens ? tokens(builder.symbols.get(input.node) ?? 1) : features(widthOf(input));
  const reads = read(begin);
  const { states } = inputs;
  const others = [
    ...sources.map((source) => [source.node, read(source)] as const),
    ...states.map((state) => [state.name, features(widthOf(state))] as const),
  ];
  const all = others.length > 0 ? several(Object.fromEntries([[inputs.data.name, reads], ...others])) : reads;
  const model = await make(all, builder, end.node, engineOptions);
  return {
    model,
    input: { name: inputs.data.name, axes: begin.axes.map(extentOf) },
    output: { name, axes: end.axes.map(extentOf) },
    states: states.map(({ name, axes }) => ({ name, axes: axes.map(extentOf) })),
    sources: sources.map(({ node, axes }) => ({ name: node, axes: axes.map(extentOf) })),
    lengths: builder.lengths,
    warnings: builder.warnings,
  };
}

async function make(input: Input, builder: Builder, output: string, options: EngineOptions): Promise<Model> {
  const layer = builder.nodes.length > 0 ? [wiring({ nodes: builder.nodes, output })] : [];
  const network = await createNetwork(input, layer, options);
  for (const parameter of network.parameters) {
    const path = parameter.path.replace(/^0\.wiring\./, "");
    const values = builder.weights.get(path);
    const count = parameter.layout.rows * parameter.layout.columns;
    if (values?.length !== count) {
      throw new FormatError({
        where: `ONNX ${path}`,
        expected: `${count} numbers`,
        got: String(values?.length),
      });
    }
    writeParameter(network.engine, parameter, Float32Array.from(values));
  }
  return new Model(network);
}
