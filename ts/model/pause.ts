/** Lets the host's event loop turn, so that input, timers and cancellation are served during long work. */
import type { Turns } from "../graph/plan.js";

/** Longest time in milliseconds that work holds the event loop, when no single kernel takes longer. */
const TURN = 12;

/** Resolves after the tasks that wait now have run. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
    } else if (typeof MessageChannel === "function") {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    } else {
      setTimeout(resolve, 0);
    }
  });
}

/** Long work that takes turns with the host's other tasks, and ends with `signal.reason` soon after it is aborted. */
export class TurnTaking implements Turns {
  readonly signal: AbortSignal | undefined;
  #began = performance.now();
  /** Whether the last work that was run took long enough to be interrupted. */
  #long = true;

  constructor(signal?: AbortSignal) {
    this.signal = signal;
  }

  /** Runs calls in order, the others' tasks between two of them where it is time. Throws `signal.reason` when aborted. */
  async run(calls: readonly (() => void)[]): Promise<void> {
    const began = performance.now();
    for (let i = 0; i < calls.length; i++) {
      calls[i]!();
      if (this.#long && this.#due()) await this.take();
    }
    // The clock is not asked after every call of what is over in no time.
    this.#long = performance.now() - began > TURN / 4;
  }

  /** Between two pieces of work. Throws `signal.reason` when aborted. */
  readonly take = async (): Promise<void> => {
    if (this.#due()) {
      await pause();
      this.#began = performance.now();
    }
    this.signal?.throwIfAborted();
  };

  #due(): boolean {
    return performance.now() - this.#began >= TURN;
  }
}
