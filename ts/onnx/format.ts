/** Files of ONNX for the converter: how they are known, and what is in them, without running it. */
import type { ContainedLayer, Contents, Format, ReadOptions, Written } from "../convert/format.js";
import type { Model } from "../model/model.js";
import { toOnnx } from "./export.js";
import { readGraph } from "./file.js";
import { fromOnnx } from "./import.js";
import type { AttributeProto, NodeProto } from "./schema.js";
import { typeOf } from "./tensor.js";

export const onnx: Format = {
  /** The first field of every exporter is the version of the format, a small number. */
  recognises(bytes: Uint8Array): boolean {
    return bytes[0] === 8 && bytes[1]! >= 3 && bytes[1]! < 64;
  },

  async inspect(bytes: Uint8Array): Promise<Contents> {
    const { opset, producer, graph } = readGraph(bytes);
    return {
      format: `ONNX, opset ${opset}`,
      about: new Map(producer ? [["producer", producer]] : []),
      layers: graph.node.map(contained),
      tensors: graph.initializer.map(({ name = "", dims, dataType }) => ({
        name,
        dtype: typeOf(dataType),
        shape: dims,
      })),
    };
  },

  async read(bytes: Uint8Array, options: ReadOptions = {}): Promise<Model> {
    const { files: _, limits: __, ...engine } = options;
    return (await fromOnnx(bytes, engine)).model;
  },

  async write(model: Model): Promise<Written> {
    return { bytes: toOnnx(model) };
  },
};

function contained({ name = "", opType = "", attribute }: NodeProto): ContainedLayer {
  return { name, kind: opType, options: attribute.map(written).join(", ") };
}

function written({ name = "", ...attribute }: AttributeProto): string {
  return `${name} ${textOf(attribute)}`;
}

function textOf({ f, i, s, t, floats, ints, strings }: AttributeProto): string {
  const text = (bytes: Uint8Array) => JSON.stringify(new TextDecoder().decode(new Uint8Array(bytes)));
  if (strings && strings.length > 0) return `[${strings.map(text).join(", ")}]`;
  if (ints && ints.length > 0) return `[${ints.join(", ")}]`;
  if (floats && floats.length > 0) return `${floats.length} numbers`;
  if (t) return `tensor [${t.dims.join(", ")}]`;
  return s ? text(s) : String(f ?? i ?? 0);
}
