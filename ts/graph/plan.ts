/** A graph made ready to run: kernel calls whose every argument is a number, over one block of memory. */

import type { Address } from "../engine/address.js";
import type { Engine, KernelName, Shared, SharedCall } from "../engine/engine.js";
import type { Block } from "../engine/heap.js";
import type { Kernels } from "../engine/kernels.gen.js";
import { multiplications } from "../engine/worth.js";
import { differentiate } from "./differentiate.js";
import type { Emit, Graph, Operands, Value } from "./graph.js";
import { arrange, type Lifetime } from "./layout.js";
import { addressOf, type Place, place, type Span } from "./span.js";

/** A recorded kernel call. */
interface Step {
  /** The layer and the kernel, for example `1.lstm lstmForward`. */
  readonly name: string;
  readonly kernel: KernelName;
  readonly operands: Readonly<Record<string, number | Place>>;
}

function isPlace(operand: number | Place): operand is Place {
  return typeof operand === "object";
}

function spansOf({ operands }: Step): Span[] {
  return Object.values(operands)
    .filter(isPlace)
    .map(({ span }) => span);
}

/** What is not finite first: a tensor, and the operation that made it; of a given one or a parameter its own name. */
export interface NonFinite {
  readonly operation: string;
  readonly tensor: string;
}

/** Lets others work during a long run. */
export interface Turns {
  /** Runs calls in order. */
  run(calls: readonly (() => void)[]): Promise<void>;
  /** Ends a run on several threads, during which others work anyway. */
  readonly signal: AbortSignal | undefined;
}

/** Emits into a list of steps on behalf of a node. */
function emitter(steps: Step[], name: string): Emit {
  return <K extends KernelName>(kernel: K, operands: Operands<K>) => {
    const entries = Object.entries<number | Place | Span>(operands as Record<string, number | Place | Span>);
    const places = entries.map(([key, operand]): [string, number | Place] => [
      key,
      typeof operand === "object" && "address" in operand ? place(operand) : operand,
    ]);
    steps.push({ name: `${name} ${kernel}`.trim(), kernel, operands: Object.fromEntries(places) });
  };
}

/** Addresses in the place of places. */
function numbersOf(operands: Step["operands"]): Record<string, number> {
  return Object.fromEntries(
    Object.entries(operands).map(([key, operand]) => [key, isPlace(operand) ? addressOf(operand) : operand]),
  );
}

/** The operand of which every thread has its own, and the bytes from one thread's to the next's. */
function scratchOf(operands: Step["operands"]): SharedCall<Kernels>["own"] {
  for (const [operand, value] of Object.entries(operands)) {
    if (isPlace(value) && value.span.role === "scratch") return { operand, bytes: value.span.count * 4 };
  }
  return undefined;
}

/** How many multiplications a step of a recurrence makes, which reads all of its weights for every row and step of a sequence. */
function workOf(operands: Step["operands"]): number | undefined {
  if (!("stop" in operands)) return undefined;
  const { from, to, start, stop } = operands as Readonly<Record<string, number>>;
  let numbers = 0;
  for (const [name, operand] of Object.entries(operands)) {
    if (!isPlace(operand) || !/weight|transposed|projection/i.test(name)) continue;
    const { count, holds } = operand.span;
    numbers += holds === "words" ? 4 * count : count;
  }
  return numbers === 0 ? undefined : (to! - from!) * (stop! - start!) * numbers;
}

/** Whether a step does nothing but begin rows that are marked as fresh. */
function begins({ kernel, operands }: Step, fresh: Span): boolean {
  return kernel === "beginStates" && isPlace(operands.fresh!) && operands.fresh.span === fresh;
}

function run(calls: readonly (() => void)[]): void {
  for (let i = 0; i < calls.length; i++) calls[i]!();
}

export interface PlanOptions {
  /** Values that the host reads after a run. */
  readonly results: readonly Place[];
  /** With one the backward pass is part of the plan. */
  readonly loss?: Value | undefined;
  /** Whether the host looks into the recurrences too. */
  readonly observed?: boolean;
  /** Whether what depends on nothing but the model's other inputs is computed by `prepare`, and not by each run. */
  readonly prepared?: boolean;
}

/** Runs the forward and the backward pass of a graph, and carries its states from one run to the next. */
export class Plan {
  readonly #engine: Engine;
  readonly #graph: Graph;
  readonly #steps: readonly Step[];
  readonly #spans: readonly Span[];
  readonly #block: Block;
  readonly #prepare: readonly (() => void)[];
  readonly #forward: readonly (() => void)[];
  /** The same without what only rows at their beginning need. */
  readonly #onward: readonly (() => void)[];
  readonly #backward: readonly (() => void)[];
  readonly #calls: readonly (() => void)[];
  readonly #carry: readonly (() => void)[];
  readonly #shared: Shared | undefined;
  readonly #preparation: Shared | undefined;

  /** EngineError when there is not enough memory. */
  constructor(engine: Engine, graph: Graph, options: PlanOptions) {
    const { results, loss, observed = false, prepared = false } = options;
    this.#engine = engine;
    this.#graph = graph;
    for (const set of graph.sets) engine.link(set);
    const [prepare, forward]: [Step[], Step[]] = [[], []];
    for (const node of graph.nodes) {
      node.forward(emitter(prepared && node.output.standing ? prepare : forward, node.name));
    }
    const backward: Step[] = [];
    if (loss) differentiate(graph, loss, (name) => emitter(backward, name));
    const carry: Step[] = [];
    for (const { first, last, count } of graph.states) {
      if (last !== first) emitter(carry, "state")("copy", { from: last, to: first, count });
    }
    this.#steps = [...prepare, ...forward, ...backward];

    const looked = observed
      ? [
          ...graph.observations.flatMap(({ gateRows, dHidden }) =>
            dHidden ? [gateRows, dHidden] : [gateRows],
          ),
          ...graph.attentions.map(({ weights }) => weights),
        ]
      : [];
    const read = new Set(forward.flatMap(spansOf));
    const lasting = prepare.flatMap(spansOf).filter((span) => read.has(span));
    const kept = [...[...results, ...looked].map(({ span }) => span), ...lasting];
    const lifetimes = lifetimesOf(this.#steps, [graph.clock, graph.fresh, ...kept], engine.threads.count);
    const { offsets, count } = arrange(lifetimes);
    this.#block = engine.allocate(count * 4, "plan");
    for (const [span, offset] of offsets) {
      span.address = (this.#block.address + offset * 4) as Address;
    }
    this.#spans = [...offsets.keys()];
    for (const { span, values } of graph.constants) {
      if (span.address !== undefined) engine.view(span.address, span.count).set(values);
    }

    const link = ({ kernel, operands }: Step) => engine.bind(kernel, numbersOf(operands));
    this.#prepare = prepare.map(link);
    this.#forward = forward.map(link);
    this.#onward = this.#forward.filter((_, index) => !begins(forward[index]!, graph.fresh));
    this.#backward = backward.map(link);
    this.#calls = [...this.#prepare, ...this.#forward, ...this.#backward];
    this.#carry = carry.map(link);
    const share = (steps: readonly Step[]) =>
      engine.share(
        steps.map(({ kernel, operands }) => ({
          kernel,
          operands: numbersOf(operands),
          own: scratchOf(operands),
          work: workOf(operands),
        })),
      );
    this.#preparation = share(prepare);
    this.#shared = share([...forward, ...backward]);
  }

  /** Bytes of the block that holds all values of the plan. */
  get bytes(): number {
    return this.#block.bytes;
  }

  /**
   * Forward and, if there is one, backward, but not what is prepared: on all threads where that pays. With `turns` others may
   * work in the middle of it, and what it throws ends the run. EngineError if a worker dies.
   */
  async run(turns?: Turns): Promise<void> {
    if (await this.#shared?.run(turns?.signal)) return;
    const calls = this.#calls.slice(this.#prepare.length);
    if (turns) await turns.run(calls);
    else run(calls);
  }

  /** Whether a run is shared out over threads. */
  get shared(): boolean {
    return this.#shared !== undefined;
  }

  /** What needs to be computed once for the other inputs, of a plan that was made so. */
  prepare(): void {
    run(this.#prepare);
  }

  /** The same on all threads where that pays. EngineError if a worker dies. */
  async prepareShared(): Promise<void> {
    if (!(await this.#preparation?.run())) run(this.#prepare);
  }

  /** `fresh`: whether a row may be at its beginning. */
  forward(fresh = true): void {
    run(fresh ? this.#forward : this.#onward);
  }

  backward(): void {
    run(this.#backward);
  }

  /** Runs once on one thread and gives the milliseconds of each call, by `now`, and about how many multiplications it makes. */
  profile(now: () => number): { name: string; milliseconds: number; multiplications: number }[] {
    return this.#steps.map(({ name, operands }, index) => {
      const start = now();
      this.#calls[index]!();
      const milliseconds = now() - start;
      return {
        name,
        milliseconds,
        multiplications: multiplications({ operands: numbersOf(operands), work: workOf(operands) }),
      };
    });
  }

  /** Makes the last states of the run the first of the next one. */
  carry(): void {
    run(this.#carry);
  }

  /**
   * Runs again, step by step, from the states and inputs that are still there, and names what is not finite first:
   * a parameter or an input, or else the operation that made it.
   */
  firstNonFinite(): NonFinite | undefined {
    const finite = (span: Span) =>
      Number.isFinite(this.#engine.call("squaredNorm", { x: addressOf(place(span)), count: span.count }));
    const states = this.#graph.states.map(({ first, count }) =>
      this.#engine.view(addressOf(first), count).slice(),
    );
    for (const span of this.#spans) {
      if (span.role !== "given") this.#engine.view(addressOf(place(span)), span.count).fill(0);
    }
    this.#graph.states.forEach(({ first, count }, index) => {
      this.#engine.view(addressOf(first), count).set(states[index]!);
    });
    const touched = this.#steps.map((step) => spansOf(step).filter(({ holds }) => holds === "floats"));
    const before = touched
      .flat()
      .find((span) => (span.role === "kept" || span.role === "given") && !finite(span));
    if (before) return { operation: before.name, tensor: before.name };
    for (const [index, { name }] of this.#steps.entries()) {
      this.#calls[index]!();
      const made = touched[index]!.find((span) => !finite(span));
      if (made) return { operation: name, tensor: made.name };
    }
    return undefined;
  }

  /** Gives the memory back; the plan must not be used again. */
  release(): void {
    this.#preparation?.release();
    this.#shared?.release();
    this.#engine.release(this.#block);
  }
}

/**
 * The spans without an address, each with the first and last step that touches it and what it needs for so many threads;
 * `kept` ones live to the end.
 */
function lifetimesOf(steps: readonly Step[], kept: readonly Span[], threads: number): Lifetime[] {
  const lifetimes = new Map<Span, Lifetime & { last: number }>();
  const touch = (span: Span, at: number) => {
    if (span.address !== undefined) return;
    const known = lifetimes.get(span);
    if (known) known.last = at;
    else {
      const count = span.count * (span.role === "scratch" ? threads : 1);
      lifetimes.set(span, { span, count, first: at, last: at });
    }
  };
  steps.forEach((step, at) => {
    for (const span of spansOf(step)) touch(span, at);
  });
  for (const span of kept) touch(span, steps.length);
  return [...lifetimes.values()];
}
