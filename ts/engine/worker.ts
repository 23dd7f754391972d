/**
 * What runs in each worker: it waits for a run, takes shares of its calls as long as there are any, and waits for the next.
 * The build makes one classic script of this file; nothing it imports may exist at run time.
 */
import type { Call } from "./shares.js";
import type { Assignment } from "./team.js";

/** How often it looks, about a tenth of a millisecond in all, before it sleeps. */
const LOOKS = 30000;

/** The longest sleep in milliseconds in the middle of a run. */
const SLEEP = 100;

interface Port {
  postMessage(message: unknown): void;
}

declare const self: Port & { onmessage: (event: { data: Assignment }) => void };
declare const require:
  | undefined
  | ((name: string) => {
      readonly parentPort: Port & {
        once(event: "message", listener: (assignment: Assignment) => void): void;
      };
    });

/** A call bound to this worker: takes the share of that number. */
interface Bound {
  readonly shares: number;
  run(share: number): void;
}

// Not by `self`, which the workers of Bun's node:worker_threads have too, but not to be written to.
if (typeof require === "function") {
  const { parentPort } = require("node:worker_threads");
  parentPort.once("message", (assignment) => work(assignment, parentPort));
} else {
  self.onmessage = ({ data }) => work(data, self);
}

function work({ modules, memory, control, worker }: Assignment, port: Port): void {
  const kernels: Record<string, (...operands: number[]) => number> = {};
  for (const module of modules) {
    Object.assign(kernels, new WebAssembly.Instance(module, { env: { memory } }).exports);
  }
  const programs = new Map<number, readonly Bound[]>();
  const words = new Int32Array(memory.buffer, control, 4 + worker + 1);
  port.postMessage({ ready: worker });

  let last = 0;
  for (;;) {
    const run = look(words, 0, last, Infinity);
    if (run === last) continue;
    if (run === -1) break;
    last = run;
    const address = Atomics.load(words, 1);
    const [id, length, calls] = new Int32Array(memory.buffer, address, 3) as unknown as [
      number,
      number,
      number,
    ];
    let bound = programs.get(id);
    if (!bound) {
      const text = new Uint8Array(memory.buffer, address + 4 * (4 + 2 * calls), length).slice();
      bound = (JSON.parse(new TextDecoder().decode(text)) as Call[]).map(bind);
      if (programs.size >= 16) programs.delete(programs.keys().next().value!);
      programs.set(id, bound);
    }
    const stopped = !execute(address, bound, run);
    Atomics.store(words, 4 + worker, run);
    if (stopped) port.postMessage({ stopped: run });
  }
  port.postMessage({ left: worker });

  function bind({ kernel, operands, own, from, to, size }: Call): Bound {
    const values = operands.map(Number); // some are texts: JSON has no word for infinity
    if (own) values[own.operand]! += worker * own.bytes;
    const call = kernels[kernel]!.bind(null, ...values);
    if (size === 0) return { shares: 1, run: () => call() };
    return {
      shares: Math.ceil((to - from) / size),
      run(share) {
        const start = from + share * size;
        call(start, Math.min(start + size, to));
      },
    };
  }

  /**
   * A program in memory: its number, the length of its text, the count of its calls, how often it was run, and for each call
   * how many shares were ever taken and how many were finished. False if it was told to stop.
   */
  function execute(address: number, calls: readonly Bound[], number: number): boolean {
    const counts = new Int32Array(memory.buffer, address + 12, 1 + 2 * calls.length);
    const runs = Atomics.load(counts, 0);
    for (const [index, { shares, run }] of calls.entries()) {
      const taken = 1 + 2 * index;
      const finished = taken + 1;
      const before = Math.imul(runs - 1, shares);
      for (;;) {
        if (Atomics.load(words, 3) === number) return false;
        const next = Atomics.load(counts, taken);
        const share = (next - before) | 0;
        if (share < 0 || share >= shares) break;
        if (Atomics.compareExchange(counts, taken, next, (next + 1) | 0) !== next) continue;
        run(share);
        const done = (Atomics.add(counts, finished, 1) + 1 - before) | 0;
        Atomics.add(words, 2, 1);
        if (done < shares) continue;
        if (index < calls.length - 1) Atomics.notify(counts, finished);
        else port.postMessage({ address, runs });
      }
      if (index === calls.length - 1) break;
      let done = Atomics.load(counts, finished);
      while (((done - before) | 0) < shares) done = look(counts, finished, done, SLEEP);
    }
    return true;
  }

  /** The word at `at`, as soon as it is no longer `old`; after some looks and `sleep` milliseconds whatever it is. */
  function look(words: Int32Array, at: number, old: number, sleep: number): number {
    for (let i = 0; i < LOOKS; i++) {
      const value = Atomics.load(words, at);
      if (value !== old) return value;
    }
    Atomics.wait(words, at, old, sleep);
    return Atomics.load(words, at);
  }
}
