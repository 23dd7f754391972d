/** What a model computes for one batch size and number of steps: values, and the nodes that make one from another. */
import { LINE, roundUp } from "../engine/address.js";
import type { Kernels } from "../engine/kernels.gen.js";
import type { AnyKernelSet } from "../engine/sets.js";
import { InputError } from "../errors.js";
import { type Keeping, type Parameter, type ParameterDefinition, parameter } from "./parameter.js";
import { type Place, place, type Span, span } from "./span.js";

/** Numbers for every step and row of the batch: [steps][batch][width], each row padded with zeros to `stride` floats. */
export interface Value {
  readonly graph: Graph;
  /** `features`: width float32 a row. `tokens`: one index a row, below `width`. */
  readonly kind: "features" | "tokens";
  readonly steps: number;
  readonly batch: number;
  readonly width: number;
  readonly stride: number;
  /** How many steps of each row count, as words [batch]; undefined if all do. Rows past their length are padding. */
  readonly lengths: Place | undefined;
  readonly place: Place;
  /** Whether a gradient with respect to it is wanted. */
  readonly differentiable: boolean;
  /** Whether its only reader may put its own result in the same place. */
  readonly overwritable: boolean;
  /** How many nodes read it. */
  readers: number;
  /** Whether it depends on nothing but the other inputs of a model: a stream computes it once, not at every step. */
  standing: boolean;
}

/** What the values of one sequence have in common. */
export type Sequence = Pick<Value, "steps" | "batch"> & Partial<Pick<Value, "lengths">>;

/** The operands of a kernel: a place where it wants an address, a number elsewhere. */
export type Operands<K extends keyof Kernels> = {
  readonly [P in keyof Kernels[K]["operands"]]: number extends Kernels[K]["operands"][P]
    ? number
    : Place | Span | 0;
};

/** Records one kernel call. */
export type Emit = <K extends keyof Kernels>(kernel: K, operands: Operands<K>) => void;

/** What a node's backward pass is given. */
export interface Backward {
  readonly emit: Emit;
  /** The gradient of the node's output: complete, and nobody else reads it. */
  readonly dOutput: Place;
  /**
   * Where to write the gradient of an input, which must then be overwritten whole; undefined if it has none. When other
   * nodes read the input too, what is written here is added to what they gave, after this node's backward pass.
   * An op that makes the gradient in a place of its own gives that place and gets it back: each place to one input only.
   */
  gradient(input: Value, own?: Place): Place | undefined;
  /**
   * Where to add the gradient of a part of an input, and to write nothing else: the whole gradient so far, zero at first;
   * undefined if it has none. So nodes that read a part each cost together what one costs that reads the whole. An op asks
   * for this or for `gradient` of an input, not for both.
   */
  accumulate(input: Value): Place | undefined;
}

/** One operation: its emission of kernel calls, forward and backward. */
export interface Node {
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
  forward(emit: Emit): void;
  backward(context: Backward): void;
}

/** Where a recurrence keeps what can be looked into. */
export interface Observation {
  readonly path: string;
  readonly steps: number;
  readonly batch: number;
  readonly units: number;
  readonly gates: readonly string[];
  /** [steps][batch] rows of gates, interleaved as in their weights: activations, or their gradients after the backward pass. */
  readonly gateRows: Place;
  /** By name: [steps][batch] rows of the state after each step, and the width of a row. */
  readonly states: readonly { readonly name: string; readonly width: number; readonly rows: Place }[];
  /** [steps][batch] rows of the gradient of the hidden state, once the backward pass is recorded. */
  dHidden: Place | undefined;
}

/** Where an attention keeps its weights. */
export interface AttentionObservation {
  readonly path: string;
  readonly steps: number;
  /** How many positions it attends to. */
  readonly sources: number;
  readonly batch: number;
  readonly heads: number;
  /** Whether other inputs look at each other, which happens once in a stream. */
  readonly standing: boolean;
  /** Whether a sequence looks at itself. */
  readonly own: boolean;
  /** [steps][batch][heads] rows of one number for each position, in whole lines of 16. */
  readonly weights: Place;
}

/** A row of state carried from the last step of one run to the first of the next; one place if it is changed where it is. */
export interface State {
  readonly first: Place;
  readonly last: Place;
  /** Floats in the state of the whole batch. */
  readonly count: number;
}

/** Numbers that the plan writes once, when it is made. */
export interface Constant {
  readonly span: Span;
  readonly values: ArrayLike<number>;
}

/** What a graph is recorded for. */
export interface GraphSetting {
  readonly training: boolean;
  readonly batch: number;
  /** Whether it is one step of a stream, whose states hold what was before; default false. */
  readonly streaming?: boolean;
  /** After how many steps the states are taken that the next run continues from; undefined: after the last. */
  readonly advance?: number | undefined;
  /** Whether all parameters are known already, so that a new one is an error. */
  readonly complete?: boolean;
  /** How new ones are kept; default all as float32. */
  readonly keeping?: Keeping | undefined;
}

/** A recording of the operations that make the output from the input, in the order in which they run. */
export class Graph {
  readonly nodes: Node[] = [];
  /** The sets of kernels that are called besides the one that every network needs. */
  readonly sets = new Set<AnyKernelSet>();
  readonly states: State[] = [];
  readonly observations: Observation[] = [];
  readonly attentions: AttentionObservation[] = [];
  readonly constants: Constant[] = [];
  readonly training: boolean;
  /** Whether this is one step of a stream, whose states hold what was before. */
  readonly streaming: boolean;
  /** After how many steps the states are taken that the next run continues from; undefined: after the last. */
  readonly advance: number | undefined;
  /** Words [batch], written by the host: not 0 for the rows that begin anew, 0 for those that continue. */
  readonly fresh: Span;
  /** The seed of the run and the number of the step: two words that dropout reads. */
  readonly clock: Span = span("clock", LINE, { role: "given", holds: "words" });
  readonly #parameters: Map<string, Parameter>;
  readonly #complete: boolean;
  readonly #keeping: Keeping | undefined;
  readonly #paths = new Map<object, readonly string[]>();
  #path: readonly string[] = [];
  readonly #counts: number[] = [0];
  #uses = 0;
  #wholeSequences: string | undefined;
  #longest = Infinity;

  /** `parameters` is kept by the model: a second graph of the same model finds the parameters of the first. */
  constructor(parameters: Map<string, Parameter>, setting: GraphSetting) {
    const { training, batch, streaming = false, advance, complete = false, keeping } = setting;
    this.#parameters = parameters;
    this.#complete = complete;
    this.#keeping = keeping;
    this.training = training;
    this.streaming = streaming;
    this.advance = advance;
    this.fresh = span("fresh", batch, { role: "given", holds: "words" });
  }

  /** Whether the model is being made, by a trace of two steps: its parameters are asked for the first time. */
  get defining(): boolean {
    return !this.#complete;
  }

  /** The name of the layer being recorded, for example `1.lstm`. */
  get path(): string {
    return this.#path.join(".");
  }

  /**
   * Records a layer under the next number and its name. A layer that is recorded again in the same graph keeps its path:
   * it has the same parameters wherever it is used.
   */
  scope<T>(layer: object, name: string, record: () => T): T {
    const depth = this.#counts.length - 1;
    const before = this.#path;
    this.#path = this.#paths.get(layer) ?? [...before, `${this.#counts[depth]!++}.${name}`];
    this.#paths.set(layer, this.#path);
    this.#counts.push(0);
    try {
      return record();
    } finally {
      this.#path = before;
      this.#counts.pop();
    }
  }

  /** Gives a layer a name within the one being recorded, in place of its number and kind, unless it has a path already. */
  name(layer: object, name: string): void {
    if (!this.#paths.has(layer)) this.#paths.set(layer, [...this.#path, name]);
  }

  /** The parameter of this name in the layer being recorded, made when it is first asked for. */
  parameter(name: string, definition: ParameterDefinition): Parameter {
    const path = `${this.path}.${name}`;
    let found = this.#parameters.get(path);
    if (!found) {
      if (this.#complete) {
        throw new InputError({
          where: path,
          expected: "only layers that the model was made with",
          got: "a new one",
          hint: "use every layer whatever the number of steps: a model is made by a trace of two",
        });
      }
      found = parameter(path, definition, this.#keeping);
      this.#parameters.set(path, found);
    }
    if (found.shape.join() !== definition.shape.join()) {
      throw new InputError({
        where: path,
        expected: `shape [${found.shape}] as when the model was made`,
        got: `[${definition.shape}]`,
        hint: "a model's layers may not change between batches",
      });
    }
    return found;
  }

  /** A new value: in its own span, or in `at`. */
  value(description: Sequence & Pick<Value, "width"> & Partial<Value>, at?: Place): Value {
    const {
      kind = "features",
      steps,
      batch,
      lengths,
      width,
      differentiable = true,
      overwritable = false,
    } = description;
    const stride = kind === "tokens" ? 1 : roundUp(width, LINE);
    const where = at ?? place(span(this.path, steps * batch * stride));
    return {
      graph: this,
      kind,
      steps,
      batch,
      width,
      stride,
      lengths,
      place: where,
      differentiable,
      overwritable,
      readers: 0,
      standing: false,
    };
  }

  /** A value that the host writes before each run; `standing`: of another input than the model's own sequence. */
  given(
    name: string,
    description: Sequence & Pick<Value, "kind" | "width"> & Partial<Pick<Value, "standing">>,
  ): Value {
    const { kind, steps, batch, width, standing = false } = description;
    const stride = kind === "tokens" ? 1 : roundUp(width, LINE);
    const holds = kind === "tokens" ? "words" : "floats";
    const given = span(name, steps * batch * stride, { role: "given", holds });
    return Object.assign(this.value({ ...description, differentiable: false }, place(given)), { standing });
  }

  /** Numbers that stay the same in every run, padded with zeros. */
  constant(name: string, values: ArrayLike<number>): Span {
    const constant = { span: span(name, values.length, { role: "given" }), values };
    this.constants.push(constant);
    return constant.span;
  }

  /** Says that kernels of a set are called that not every network needs. */
  use(set: AnyKernelSet): void {
    this.sets.add(set);
  }

  /** Records an operation and gives its output. */
  apply(node: Omit<Node, "name">): Value {
    for (const input of node.inputs) input.readers++;
    node.output.standing = node.inputs.length > 0 && node.inputs.every(({ standing }) => standing);
    this.nodes.push({ ...node, name: this.path });
    return node.output;
  }

  /** A state that this graph carries from run to run. */
  carry(state: State): void {
    this.states.push(state);
  }

  /** The layer that needs whole sequences, so that the model cannot be streamed; undefined if none does. */
  get wholeSequences(): string | undefined {
    return this.#wholeSequences;
  }

  /** Says that a layer, the one being recorded unless it is named, needs the whole sequence of x. */
  refuseStreaming({ standing }: Pick<Value, "standing">, name = this.path): void {
    if (!standing) this.#wholeSequences ??= name;
  }

  /** After how many steps a stream has to begin anew. */
  get longest(): number {
    return this.#longest;
  }

  /** Says that a layer has room for so many steps of a stream. */
  limit(longest: number): void {
    this.#longest = Math.min(this.#longest, longest);
  }

  /** A number for each use of the random generator in the graph. */
  nextUse(): number {
    return this.#uses++;
  }
}
