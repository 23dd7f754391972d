/** Where the numbers of a layer come from: a group of an HDF5 file of Keras 3, or a list in the order of the layer. */
import { FormatError } from "../errors.js";
import type { Hdf5Object } from "./hdf5/file.js";

/** One array of numbers, row-major. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The weights of a layer, or of a layer in it. */
export interface Weights {
  /** Those of the layer that is kept under this name in this one. */
  inside(name: string): Weights;
  /** The next ones, which must have these shapes. FormatError unless there are such. */
  take(where: string, shapes: readonly (readonly number[])[]): Float32Array[];
}

/** What gives each layer its weights. */
export interface WeightFile {
  /** Of the layer of this class and name that is number `count` of its class in its model. */
  of(path: readonly LayerPlace[]): Weights;
  /** Throws FormatError if weights are left that no layer has taken. */
  finish(): void;
}

/** A layer among those of its model. */
export interface LayerPlace {
  readonly name: string;
  readonly className: string;
  /** How many of its class come before it. */
  readonly count: number;
}

/** `model.weights.h5` and `.weights.h5` of Keras 3: layers under the names of their classes, weights under numbers. */
export function groupedWeights(root: Hdf5Object): WeightFile {
  const top = root.find("layers") ? "layers" : "_layer_checkpoint_dependencies"; // the latter in Keras 2.12 to 2.15
  if (!root.find(top)) {
    throw new FormatError({
      where: "HDF5 /",
      expected: "layers, as Keras 3 saves weights",
      got: root.names.join(", ") || "nothing",
    });
  }
  return {
    of(path) {
      const at = path.map(({ className, count }) => `${snakeCase(className)}${count > 0 ? `_${count}` : ""}`);
      return grouped(root, `${top}/${at.join(`/${top}/`)}`);
    },
    finish() {},
  };
}

function grouped(root: Hdf5Object, path: string): Weights {
  return {
    inside(name) {
      const kept = root.find(`${path}/_${name}`) ? `_${name}` : name; // what is private in Keras 2
      return grouped(root, `${path}/${kept}`);
    },
    take(where, shapes) {
      const group = root.find(`${path}/vars`);
      const names = group?.names ?? [];
      if (names.length !== shapes.length) refuseCount(where, shapes.length, names.length);
      return shapes.map((shape, index) => {
        const found = group?.find(String(index));
        requireShape(`${where} weight ${index}`, shape, found?.shape);
        return found!.numbers();
      });
    },
  };
}

/** One of a list, under the name that it has in the file. */
export interface Listed extends Numbers {
  readonly name: string;
}

/** Lists by the name of the layer: legacy `.h5` files and layers models of TensorFlow.js. */
export function listedWeights(lists: ReadonlyMap<string, () => readonly Listed[]>): WeightFile {
  const open = new Map<string, List>();
  return {
    of(path) {
      const { name } = path[0]!; // a model in a model has its weights in one list
      const list = open.get(name) ?? listOf(lists.get(name)?.() ?? []);
      open.set(name, list);
      const own = path.slice(1).map(({ name }) => name);
      const listed: Weights = {
        inside: () => listed,
        take(where, shapes) {
          return shapes.map((shape, index) => {
            const found = firstOf(list, own);
            requireShape(`${where} weight ${index}`, shape, found?.shape);
            list.left.delete(found!);
            return found!.data;
          });
        },
      };
      return listed;
    },
    finish() {
      for (const [name, { left }] of open) {
        if (left.size > 0) refuseCount(`weights of ${JSON.stringify(name)}`, 0, left.size);
      }
    },
  };
}

/** A list that is being read. */
interface List {
  /** What nobody has taken, in order. */
  readonly left: Set<Listed>;
  /** By each part of their names. */
  readonly under: ReadonlyMap<string, readonly Listed[]>;
}

function listOf(all: readonly Listed[]): List {
  const under = new Map<string, Listed[]>();
  for (const weight of all) {
    for (const part of new Set(weight.name.split("/"))) {
      const others = under.get(part);
      if (others) others.push(weight);
      else under.set(part, [weight]);
    }
  }
  return { left: new Set(all), under };
}

/**
 * The first weight that is left of the layer that these names lead to, for in the list of a model those of its frozen layers
 * come last. Where no name says so, the first that is left.
 */
function firstOf({ left, under }: List, names: readonly string[]): Listed | undefined {
  const [name, ...models] = names.toReversed();
  const own = (name === undefined ? [] : (under.get(name) ?? [])).filter((weight) => left.has(weight));
  const inAll = own.find((weight) => models.every((model) => weight.name.includes(`${model}/`)));
  const [first] = left;
  return inAll ?? own[0] ?? first;
}

function refuseCount(where: string, expected: number, got: number): never {
  throw new FormatError({ where, expected: `${expected} weights`, got: String(got) });
}

function requireShape(where: string, expected: readonly number[], got: readonly number[] | undefined): void {
  if (got?.join() === expected.join()) return;
  throw new FormatError({ where, expected: `shape [${expected}]`, got: got ? `[${got}]` : "no such weight" });
}

/** As Keras names what it keeps of a class: LSTM is lstm, SimpleRNN simple_rnn, TimeDistributed time_distributed. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}
