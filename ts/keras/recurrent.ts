/** Recurrent layers of Keras: one cell or several on top of each other, one way or both. */
import { bidirectional } from "../layers/bidirectional.js";
import { dropout } from "../layers/dropout.js";
import type { RecurrentLayer } from "../layers/recurrent.js";
import type { Apply, Subject } from "./convert.js";
import { describedOf } from "./definition.js";
import { cells, type KerasCell, type Parameters } from "./gates.js";
import { isRecord, Settings } from "./settings.js";
import { snakeCase, type Weights } from "./weights.js";
import type { Signal } from "./wires.js";

/** A cell, and what it is called and kept as. */
interface Placed {
  readonly name: string;
  readonly cell: KerasCell;
  readonly weights: Weights;
}

/** What a layer of Keras does with the steps, and what it gives. */
interface Recurrence {
  readonly subject: Subject;
  readonly cells: readonly Placed[];
  readonly backwards: boolean;
  readonly sequences: boolean;
  readonly states: boolean;
}

/** What a recurrence has given: its output in the order of the input, and where the last step and the states are. */
interface Run {
  readonly output: string;
  readonly width: number;
  readonly last: string;
  readonly states: readonly { readonly node: string; readonly width: number }[];
}

/** LSTM, GRU, SimpleRNN, and RNN of cells. */
export function recurrent(subject: Subject, className: string): Apply {
  const recurrence = recurrenceOf(subject, className);
  const run = runner(recurrence);
  const { backwards, sequences, states } = recurrence;
  return ([input, ...more], initial) => {
    const x = requireSequence(subject, input);
    const made = run(x, [...more, ...initial]);
    const inOrder = () =>
      backwards
        ? subject.wires.operation(`${subject.name}_reversed`, { op: "reverse" }, made.output)
        : made.output;
    if (sequences && backwards && x.masked) {
      subject.refuse("a mask only where the steps stay in order", "go_backwards with return_sequences");
    }
    const output = sequences
      ? { ...x, node: inOrder(), width: made.width }
      : rowOf({ node: made.last, width: made.width });
    return [output, ...(states ? made.states.map(rowOf) : [])];
  };
}

/** Bidirectional: outputs merged, or for merge_mode None side by side as two; then the states, forward ones first. */
export function twoWays(subject: Subject): Apply {
  const { settings, wires, name } = subject;
  const merge = settings.value("merge_mode") ?? null;
  if (merge !== null && !(typeof merge === "string" && Object.hasOwn(merges, merge))) {
    settings.refuse("merge_mode", `${Object.keys(merges).join(", ")} or null`, merge);
  }
  const inner = subject.inner("layer", "forward_layer");
  const forward = recurrenceOf(inner, inner.className);
  const backward = settings.value("backward_layer")
    ? otherWay(subject)
    : {
        ...recurrenceOf(subject.inner("layer", "backward_layer"), inner.className),
        backwards: !forward.backwards,
      };
  if (forward.sequences !== backward.sequences || forward.states !== backward.states) {
    subject.refuse("two layers that give alike", "others");
  }
  const { sequences, states } = forward;
  const joint =
    merge === null ? undefined : jointLayer(forward, backward, merges[merge as keyof typeof merges].merge);
  const [there, back] = [runner(forward), runner(backward)];
  return ([input, ...more], given) => {
    const x = requireSequence(subject, input);
    const initial = [...more, ...given];
    if (joint && initial.length === 0) return [{ ...x, ...joint(x) }];
    const half = initial.length / 2;
    const [ahead, behind] = [there(x, initial.slice(0, half)), back(x, initial.slice(half))];
    const ends = [ahead, behind].map(({ output, last }) => (sequences ? output : last));
    if (sequences && forward.backwards) {
      subject.refuse("a forward layer that goes forward", "go_backwards");
    }
    const signalOf = (node: string, width: number) =>
      sequences ? { ...x, node, width } : rowOf({ node, width });
    const finals = states ? [...ahead.states, ...behind.states].map(rowOf) : [];
    if (merge === null) {
      return [signalOf(ends[0]!, ahead.width), signalOf(ends[1]!, behind.width), ...finals];
    }
    if (merge !== "concat" && ahead.width !== behind.width) {
      subject.refuse(`${ahead.width} units both ways`, String(behind.width));
    }
    const node = wires.operation(name, { op: merges[merge as keyof typeof merges].op }, ...ends);
    const width = merge === "concat" ? ahead.width + behind.width : ahead.width;
    return [signalOf(node, width), ...finals];
  };
}

/** Keras' merges: the operation on the outputs of both ways, and what `bidirectional` calls it. */
export const merges = {
  concat: { op: "concat", merge: "concat" },
  sum: { op: "add", merge: "sum" },
  mul: { op: "multiply", merge: "multiply" },
  ave: { op: "average", merge: "average" },
} as const;

function otherWay(subject: Subject): Recurrence {
  const inner = subject.inner("backward_layer", "backward_layer");
  return recurrenceOf(inner, inner.className);
}

/** Both ways as one layer of ours, where they are the same layer twice and all that is wanted is the merged outputs. */
function jointLayer(
  forward: Recurrence,
  backward: Recurrence,
  merge: "concat" | "sum" | "multiply" | "average",
): ((x: Signal) => Pick<Signal, "node" | "width">) | undefined {
  const [one, other] = [forward.cells[0]!, backward.cells[0]!];
  const { subject, sequences, states, backwards } = forward;
  const alike =
    JSON.stringify(one.cell.layer(false).definition) === JSON.stringify(other.cell.layer(false).definition) &&
    forward.cells.length + backward.cells.length === 2 &&
    !backwards &&
    backward.backwards &&
    one.cell.dropout + other.cell.dropout === 0;
  if (!alike || !sequences || states) return undefined;
  const layer = bidirectional(one.cell.layer(false), { merge });
  const { units } = one.cell;
  const width = merge === "concat" ? 2 * units : units;
  const inside = one.cell.layer(false).definition.layer;
  let parameters: Parameters | undefined;
  return (x) => {
    parameters ??= new Map([
      ...prefixed(`0.${inside}.`, one.cell.parameters(one.weights, x.width)),
      ...prefixed(`1.${inside}.`, other.cell.parameters(other.weights, x.width)),
    ]);
    return { node: subject.wires.layer(subject.name, layer, x.node, parameters), width };
  };
}

function prefixed(prefix: string, parameters: Parameters) {
  return [...parameters].map(([suffix, values]) => [prefix + suffix, values] as const);
}

function recurrenceOf(subject: Subject, className: string): Recurrence {
  const { settings, warn, weights, name } = subject;
  const recurrence = {
    subject,
    backwards: settings.flag("go_backwards", false),
    sequences: settings.flag("return_sequences", false),
    states: settings.flag("return_state", false),
    cells:
      className === "RNN"
        ? cellsOf(subject)
        : [{ name, weights: weights.inside("cell"), cell: cellOf(subject, className, settings) }],
  };
  settings.finish(warn);
  return recurrence;
}

/** The cell of an RNN, or those that it has on top of each other. */
function cellsOf(subject: Subject): Placed[] {
  const { settings, name, where } = subject;
  const value = settings.value("cell");
  const weights = subject.weights.inside("cell");
  const listed = Array.isArray(value) ? value : undefined;
  const described = listed ? undefined : describedOf(`${where} cell`, value);
  if (described && described.className !== "StackedRNNCells") {
    return [{ name, weights, cell: innerCell(subject, value) }];
  }
  const own = new Settings(`${where} cell`, described?.config ?? { cells: listed });
  const list = own.list("cells");
  own.finish(subject.warn);
  if (list.length === 0) subject.refuse("a cell", "none");
  const seen = new Map<string, number>();
  return list.map((entry) => {
    const kept = snakeCase(describedOf(`${where} cell`, entry).className);
    const count = seen.get(kept) ?? 0;
    seen.set(kept, count + 1);
    const among = weights.inside("cells").inside(count > 0 ? `${kept}_${count}` : kept);
    return { name: `${name}_${kept}`, weights: among, cell: innerCell(subject, entry) };
  });
}

function innerCell(subject: Subject, value: unknown): KerasCell {
  const { className, config } = describedOf(`${subject.where} cell`, value);
  const settings = new Settings(`${className} in ${subject.where}`, isRecord(config) ? config : {});
  const cell = cellOf(subject, className, settings);
  settings.finish(subject.warn);
  return cell;
}

function cellOf(subject: Subject, className: string, settings: Settings): KerasCell {
  if (!Object.hasOwn(cells, className)) {
    subject.refuse(`a cell among ${Object.keys(cells).join(", ")}`, className);
  }
  return cells[className]!(settings, subject.keras3);
}

/** Runs the cells of a recurrence one on top of the other; the same layers at each call. */
function runner({ subject, cells, backwards }: Recurrence): (x: Signal, initial: readonly Signal[]) => Run {
  const { wires } = subject;
  const placed = cells.map((entry) => ({ ...entry, layer: entry.cell.layer(backwards) }));
  const masks = placed.map(({ cell }) => dropout(cell.dropout, { perSequence: true }));
  const known = new Map<RecurrentLayer, Parameters>();
  return (x, initial) => {
    const total = placed.reduce((sum, { cell }) => sum + cell.states, 0);
    if (initial.length > 0 && initial.length !== total) {
      subject.refuse(`${total} initial states`, String(initial.length));
    }
    let { node, width } = x;
    let next = 0;
    const states: { node: string; width: number }[] = [];
    for (const [index, { name, cell, layer, weights }] of placed.entries()) {
      if (cell.dropout > 0) node = wires.layer(`${name}_dropout`, masks[index]!, node);
      const parameters = known.get(layer) ?? cell.parameters(weights, width);
      known.set(layer, parameters);
      const begin = initial.slice(next, next + cell.states).map(({ node }) => node);
      next += cell.states;
      node = wires.layer(name, layer, node, parameters, begin.length > 0 ? begin : undefined);
      width = cell.units;
      for (let state = 0; state < cell.states; state++) {
        states.push({ node: wires.operation(`${name}_state`, { op: "state", index: state }, node), width });
      }
    }
    const hidden = states.at(-placed.at(-1)!.cell.states)!.node;
    const last = backwards ? hidden : wires.operation(`${subject.name}_last`, { op: "last" }, node);
    return { output: node, width, last, states };
  };
}

/** One row of numbers for each sequence. */
function rowOf({ node, width }: { readonly node: string; readonly width: number }): Signal {
  return { node, width, kind: "numbers", sequence: false, masked: false, of: undefined, steps: undefined };
}

/** Throws unless it is a sequence of rows of numbers. */
export function requireSequence(subject: Subject, input: Signal | undefined): Signal {
  if (!input?.sequence || input.kind !== "numbers") {
    return subject.refuse("a sequence of rows of numbers", input ? "something else" : "nothing");
  }
  subject.wires.overSteps(subject.where, input);
  return input;
}
