/** Layers and their calls as definitions of Keras 3 and of TensorFlow.js say them. */
import type { NamedWeights } from "./gates.js";

export type Config = Readonly<Record<string, unknown>>;

/** A layer of Keras, and how often it is called on what. */
export interface WrittenLayer {
  readonly className: string;
  readonly name: string;
  readonly config: Config;
  readonly weights: readonly WeightGroup[];
  readonly calls: Call[];
}

/** Weights of a layer, or of a cell or a layer in it. */
export interface WeightGroup {
  /** Where they are in the group of the layer in HDF5, for example `forward_layer/cell`. */
  readonly among: string;
  /** What TensorFlow.js puts between the names of the layer and the weight. */
  readonly scope: string;
  readonly weights: NamedWeights;
}

export interface Call {
  readonly layer: WrittenLayer;
  readonly inputs: readonly Reference[];
  readonly initial: readonly Reference[];
}

/** One output of a call. */
export interface Reference {
  readonly call: Call;
  readonly output: number;
  /** Its axes, null where they are not fixed; known once the whole model is. */
  shape(): readonly (number | null)[];
  readonly dtype: "float32" | "int32";
}

export interface WrittenModel {
  readonly inputs: readonly Reference[];
  readonly output: Reference;
}

/**
 * The layers in the order that Keras brings them into whatever order they are defined in: those furthest from the output
 * first, of these in the order in which they are met on the way back from it. By it weights are named.
 */
export function inOrder({ inputs, output }: WrittenModel): WrittenLayer[] {
  const met = new Set<WrittenLayer>();
  const entered = new Set<Call>();
  const finished: Call[] = [];
  const open = [output.call];
  for (let call = open.at(-1); call; call = open.at(-1)) {
    entered.add(call);
    met.add(call.layer);
    const next = sourcesOf(call).find((source) => !entered.has(source.call));
    if (next) open.push(next.call);
    else finished.push(open.pop()!);
  }
  const ofCalls = new Map<Call, number>();
  const ofLayers = new Map<WrittenLayer, number>();
  for (const call of finished.toReversed()) {
    const depth = Math.max(ofCalls.get(call) ?? 0, ofLayers.get(call.layer) ?? 0);
    ofLayers.set(call.layer, depth);
    for (const source of sourcesOf(call)) {
      ofCalls.set(source.call, Math.max(depth + 1, ofCalls.get(source.call) ?? 0));
    }
  }
  const ordered = [...met].sort((a, b) => ofLayers.get(b)! - ofLayers.get(a)!);
  const others = inputs.map(({ call }) => call.layer).filter((layer) => !met.has(layer));
  return [...ordered, ...others];
}

/** The definition in `config.json` of Keras 3. */
export function keras3Definition(model: WrittenModel): object {
  const tensor = (reference: Reference) => ({
    class_name: "__keras_tensor__",
    config: { shape: reference.shape(), dtype: reference.dtype, keras_history: historyOf(reference) },
  });
  const node = ({ layer, inputs, initial }: Call) => {
    const tensors = inputs.map(tensor);
    return {
      args: merges.has(layer.className) ? [tensors] : tensors,
      kwargs: initial.length > 0 ? { initial_state: initial.map(tensor) } : {},
    };
  };
  const layers = inOrder(model).map((layer) => ({
    ...layerOf(layer.className, { name: layer.name, ...layer.config }),
    name: layer.name,
    inbound_nodes: layer.className === "InputLayer" ? [] : layer.calls.map(node),
  }));
  const inputs = model.inputs.map(historyOf);
  return {
    module: "keras.src.models.functional",
    class_name: "Functional",
    config: {
      name: "recurra",
      trainable: true,
      layers,
      input_layers: inputs.length === 1 ? inputs[0] : inputs,
      output_layers: historyOf(model.output),
    },
    registered_name: "Functional",
  };
}

/** A layer as Keras 3 says it, alone or inside of another; TensorFlow.js passes over what it does not know. */
export function layerOf(className: string, config: Config) {
  return { module: "keras.layers", class_name: className, config, registered_name: null };
}

/** The topology in `model.json` of TensorFlow.js. */
export function layersTopology(model: WrittenModel): object {
  const node = ({ inputs, initial }: Call) =>
    [...inputs, ...initial].map((reference) => [...historyOf(reference), {}]);
  return {
    class_name: "Functional",
    config: {
      name: "recurra",
      layers: inOrder(model).map(({ className, name, config, calls }) => ({
        class_name: className,
        config: { name, ...config },
        name,
        inbound_nodes: className === "InputLayer" ? [] : calls.map(node),
      })),
      input_layers: model.inputs.map(historyOf),
      output_layers: [historyOf(model.output)],
    },
  };
}

/** Layers of Keras that are given a list. */
const merges = new Set(["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]);

function historyOf({ call, output }: Reference): [layer: string, call: number, output: number] {
  return [call.layer.name, call.layer.calls.indexOf(call), output];
}

function sourcesOf({ inputs, initial }: Call): readonly Reference[] {
  return [...inputs, ...initial];
}
