/** A model as one graph: the layers inside of others beside those around them, each with what it reads. */
import type { Input } from "../layers/input.js";
import type { Definition } from "../layers/layer.js";
import type { Operation } from "../layers/operations.js";

/** An input of the model, a layer or an operation. */
export interface GraphNode {
  /** Not always its own. */
  readonly name: string;
  /** Of a layer: that of its parameters, for example `1.lstm`. Nodes with one path are one layer, used again. */
  readonly path: string;
  /** A layer named `activations` is those that it is `of`, the last of which is affine: Keras has one layer for some such. */
  readonly of: { readonly input: Input } | { readonly layer: Definition } | { readonly operation: Operation };
  readonly inputs: readonly GraphNode[];
  /** What the states of a recurrent layer begin with. */
  readonly initial: readonly GraphNode[];
}

export interface ModelGraph {
  readonly inputs: readonly GraphNode[];
  /** Those that the output is made of, in an order in which each reads earlier ones. */
  readonly nodes: readonly GraphNode[];
  readonly output: GraphNode;
}

/** Layers with parameters that work on each step by itself: they stay one layer, wherever they are used. */
const learning = new Set(["dense", "layerNorm"]);

/** These, and other layers and operations of which the same is true. */
const stepwise = new Set([
  ...[...learning, "activation", "activations", "softmax", "logSoftmax", "dropout"],
  ...["add", "subtract", "multiply", "average", "maximum", "minimum", "concat"],
]);

/** A node of a wiring as it is saved. */
interface SavedNode {
  readonly name: string;
  readonly of: Definition | Operation;
  readonly inputs: readonly string[];
  readonly initial?: readonly string[];
}

function kindOf({ of }: GraphNode): string {
  return "layer" in of ? of.layer.layer : "operation" in of ? of.operation.op : "input";
}

function isStepwise(node: GraphNode): boolean {
  return stepwise.has(kindOf(node));
}

/** The graph of a model that reads this input, from the definitions of its layers. */
export function graphOf(input: Input, layers: readonly Definition[]): ModelGraph {
  const nodes: GraphNode[] = [];
  const inputs = new Map(
    Object.entries(input.named ?? { input }).map(([name, own]) => [name, add(name, name, { input: own })]),
  );
  const [first] = inputs.values();
  const output = chain(layers, "", first!);
  const needed = new Set([output]);
  for (const node of nodes.toReversed()) {
    if (needed.has(node)) for (const source of [...node.inputs, ...node.initial]) needed.add(source);
  }
  return { inputs: [...inputs.values()], nodes: nodes.filter((node) => needed.has(node)), output };

  function add(
    name: string,
    path: string,
    of: GraphNode["of"],
    inputs: readonly GraphNode[] = [],
    initial: readonly GraphNode[] = [],
  ): GraphNode {
    const node = { name, path, of, inputs, initial };
    nodes.push(node);
    return node;
  }

  /** Layers one after another; `around`: the path of the layer that they are in, with a dot behind it. */
  function chain(layers: readonly Definition[], around: string, source: GraphNode): GraphNode {
    return layers.reduce((node, definition, index) => {
      const path = `${around}${index}.${definition.layer}`;
      return one(definition, `${definition.layer}_${index}`, path, node);
    }, source);
  }

  function one(
    definition: Definition,
    name: string,
    path: string,
    source: GraphNode,
    initial?: readonly GraphNode[],
  ): GraphNode {
    const { layer, of, nodes: saved, output } = definition;
    if (layer === "last") return lastOf(name, path, source);
    if (layer === "residual") {
      const end = chain(of as readonly Definition[], `${path}.`, source);
      return add(name, path, { operation: { op: "add" } }, [source, end]);
    }
    const before = "layer" in source.of ? source.of.layer : undefined;
    if (layer === "activation" && definition.name === "affine" && before?.layer === "activation") {
      return add(name, path, { layer: { layer: "activations", of: [before, definition] } }, source.inputs);
    }
    if (layer === "wiring") return wired(saved as readonly SavedNode[], output as string, path, source);
    return add(name, path, { layer: definition }, [source], initial);
  }

  /** The last step of what works on each step by itself is what that makes of the last step. */
  function lastOf(name: string, path: string, source: GraphNode): GraphNode {
    const wanted = new Set([source]);
    for (const node of nodes.toReversed()) {
      if (wanted.has(node) && isStepwise(node)) for (const each of node.inputs) wanted.add(each);
    }
    const lasts = new Map<GraphNode, GraphNode>();
    for (const node of nodes.filter((each) => wanted.has(each))) {
      const own = learning.has(kindOf(node)) ? node.path : `${node.path} at ${path}`;
      const ends = node.inputs.map((each) => lasts.get(each)!);
      const last = () => add(name, path, { operation: { op: "last" } }, [node]);
      lasts.set(node, isStepwise(node) ? add(node.name, own, node.of, ends) : last());
    }
    return lasts.get(source)!;
  }

  function wired(saved: readonly SavedNode[], output: string, path: string, source: GraphNode): GraphNode {
    const known = new Map([...inputs, ["input", source]]);
    const made = new Map<string, { readonly definition: Definition; readonly path: string }>();
    for (const { name, of, inputs, initial = [] } of saved) {
      const [read, begin] = [inputs, initial].map((names) => names.map((each) => known.get(each)!));
      if ("op" in of && of.op !== "again") {
        const own = `${path}.${name}`;
        const last = of.op === "last" && lastOf(name, own, read![0]!);
        known.set(name, last || add(name, own, { operation: of as Operation }, read));
        continue;
      }
      const layer =
        "op" in of ? made.get((of as { node: string }).node)! : { definition: of, path: `${path}.${name}` };
      made.set(name, layer);
      known.set(name, one(layer.definition, name, layer.path, read![0]!, begin));
    }
    return known.get(output)!;
  }
}
