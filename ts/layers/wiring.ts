/** Layers that are no chain: nodes that read the input and each other by name. */
import { InputError } from "../errors.js";
import type { Value } from "../graph/graph.js";
import { type Layer, layer, requireOptions } from "./layer.js";
import { type Operation, operate, requireOperation, requireTaken, type Takes } from "./operations.js";
import type { Sequenced } from "./recurrent.js";

/** One value of a wiring: what a layer or an operation makes of values that have a name already. */
export interface WiringNode {
  /** Letters, digits, _ and -, 128 at most; not that of another node. It is part of the paths of the parameters. */
  readonly name: string;
  readonly of: Layer | Operation;
  /**
   * The names of earlier nodes or of the model's other inputs, or `input`, which is what the wiring is given. A layer reads
   * one; attention also two, query and source, or three, query, keys and values; `transformerDecoder` a sequence and a memory.
   */
  readonly inputs: readonly string[];
  /** Of a recurrent layer: what its states begin with, values of one step, in the order of the states. */
  readonly initial?: readonly string[];
}

export interface WiringOptions {
  /** In an order in which each reads earlier ones only; 1 to 4096. */
  readonly nodes: readonly WiringNode[];
  /** The name of the node whose value is the output; default the last. */
  readonly output?: string;
}

const MOST = 4096;
const NAME = /^[\w-]{1,128}$/;

/** A layer with states. */
interface Stateful extends Layer {
  sequence(input: Value, initial?: readonly Value[]): Sequenced;
}

/** A layer that looks at other values than the one it is given. */
interface Attending extends Layer {
  readonly takes: Takes;
  over(query: Value, source: Value, values?: Value): Value;
}

/** A node that has been checked. */
interface Checked extends WiringNode {
  /** Undefined for an operation. */
  readonly layer: Layer | undefined;
  /** How it is saved. */
  readonly definition: object;
}

/**
 * A graph of layers as one layer, which can be saved: each node is a layer or a named operation on values that are there
 * already. InputError for a name that is not, for options of an operation that it does not take, and, once the model is
 * made, for values that do not fit.
 *
 *     wiring({
 *       nodes: [
 *         { name: "gate", of: dense(8), inputs: ["input"] },
 *         { name: "memory", of: lstm(8), inputs: ["input"] },
 *         { name: "both", of: { op: "multiply" }, inputs: ["gate", "memory"] },
 *       ],
 *     })
 */
export function wiring(options: WiringOptions): Layer {
  requireOptions("wiring", options, ["nodes", "output"]);
  const { nodes } = options;
  if (!Array.isArray(nodes) || nodes.length < 1 || nodes.length > MOST) {
    throw new InputError({
      where: "wiring.nodes",
      expected: `1 to ${MOST} nodes`,
      got: Array.isArray(nodes) ? String(nodes.length) : typeof nodes,
    });
  }
  const earlier = new Map<string, Checked>();
  for (const node of nodes as readonly WiringNode[]) {
    const checked = check(node, earlier);
    earlier.set(checked.name, checked);
  }
  const checked = [...earlier.values()];
  const { output = checked.at(-1)!.name } = options;
  if (!earlier.has(output)) {
    throw new InputError({ where: "wiring.output", expected: "the name of a node", got: String(output) });
  }
  const stateful = new Set(
    checked.flatMap(({ of, inputs, initial, name }) => {
      if (initial) return [name];
      return "op" in of && of.op === "state" ? [inputs[0]!] : [];
    }),
  );
  const definition = { layer: "wiring", nodes: checked.map(({ definition }) => definition), output };
  return layer(definition, (input, others) => {
    const values = new Map([...Object.entries(others), ["input", input]]);
    const states = new Map<string, readonly Value[]>();
    for (const { name, of, layer, inputs, initial } of checked) {
      const given = inputs.map((source) => sourceOf(values, name, source));
      if (!layer) {
        const operation = of as Operation;
        const value =
          operation.op === "state"
            ? stateOf(states.get(inputs[0]!)!, name, operation.index)
            : operate(operation, given);
        values.set(name, value);
        continue;
      }
      input.graph.name(layer, name);
      if (stateful.has(name)) {
        const begin = initial?.map((source) => sourceOf(values, name, source));
        const run = (layer as Stateful).sequence(given[0]!, begin);
        if (begin && begin.length !== run.states.length) {
          throw new InputError({
            where: `wiring node ${name}.initial`,
            expected: `${run.states.length} states`,
            got: String(begin.length),
          });
        }
        states.set(name, run.states);
        values.set(name, run.output);
      } else {
        const [first, second, third] = given;
        values.set(name, second ? (layer as Attending).over(first!, second, third) : layer(first!, others));
      }
    }
    return values.get(output)!;
  });
}

function check(node: WiringNode, earlier: ReadonlyMap<string, Checked>): Checked {
  const { name, of, inputs, initial } = node ?? {};
  const refuse = (part: string, expected: string, got: unknown): never => {
    const where = typeof name === "string" && NAME.test(name) ? `wiring node ${name}` : "wiring node";
    throw new InputError({ where: `${where}${part}`, expected, got: String(got) });
  };
  if (typeof name !== "string" || !NAME.test(name) || name === "input" || earlier.has(name)) {
    refuse(".name", "one of its own, of letters, digits, _ and -, and not input", name);
  }
  requireOptions(`wiring node ${name}`, node, ["name", "of", "inputs", "initial"]);
  for (const [part, names] of Object.entries({ inputs, initial: initial ?? [] })) {
    if (
      !Array.isArray(names) ||
      names.length > 1024 ||
      !names.every((source) => typeof source === "string")
    ) {
      refuse(`.${part}`, "a list of names", typeof names);
    }
  }
  let made = typeof of === "function" ? (of as Layer) : undefined;
  let definition: object = made?.definition ?? of;
  if (made) {
    const first = [...earlier.values()].find(({ layer }) => layer === made);
    if (first) definition = { op: "again", node: first.name };
  } else if (typeof of !== "object" || of === null) {
    refuse(".of", "a layer or an operation", of);
  } else if ((of as Operation).op === "again") {
    const { node } = of as Operation & { op: "again" };
    made = earlier.get(node)?.layer;
    if (!made) refuse(".of", "the name of an earlier node with a layer", node);
  } else if ((of as Operation).op === "state") {
    const { index } = of as Operation & { op: "state" };
    if (!(Number.isInteger(index) && index >= 0)) refuse(".of.index", "a whole number from 0", index);
    if (!isStateful(earlier.get(inputs[0]!)?.layer) || inputs.length !== 1) {
      refuse(".inputs", "the name of an earlier recurrent node", inputs);
    }
  } else {
    requireOperation(`wiring node ${name}`, of as Operation, inputs.length);
  }
  if (made) {
    const takes: Takes = isAttending(made) ? made.takes : [1, 1];
    requireTaken(`wiring node ${name}`, made.definition.layer, takes, inputs.length);
  }
  if (initial && !isStateful(made)) refuse(".initial", "none: this is no recurrent layer", "some");
  return { name, of, inputs, ...(initial && { initial }), layer: made, definition: saved(node, definition) };
}

function saved({ name, inputs, initial }: WiringNode, of: object): object {
  return { name, of, inputs, ...(initial && { initial }) };
}

function isStateful(made: Layer | undefined): made is Stateful {
  return made !== undefined && "sequence" in made;
}

function isAttending(made: Layer): made is Attending {
  return "over" in made;
}

function sourceOf(values: ReadonlyMap<string, Value>, node: string, source: string): Value {
  const value = values.get(source);
  if (!value) {
    throw new InputError({
      where: `wiring node ${node}`,
      expected: `one of ${[...values.keys()].join(", ")}`,
      got: JSON.stringify(source),
      hint: "a node reads what comes before it",
    });
  }
  return value;
}

function stateOf(states: readonly Value[], node: string, index: number): Value {
  const state = states[index];
  if (!state) {
    throw new InputError({
      where: `wiring node ${node}`,
      expected: `a state from 0 to ${states.length - 1}`,
      got: String(index),
    });
  }
  return state;
}
