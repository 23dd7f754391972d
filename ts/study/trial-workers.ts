/** Trials side by side: each in a worker of its own, in browsers and in Node.js. */

import { requireWhole } from "../data/checks.js";
import { builtin, cores } from "../engine/host.js";
import { DivergedError, EngineError, InputError } from "../errors.js";

/** What the workers of browsers, of Node.js, and the two sides of each have in common. */
interface Port {
  postMessage(message: unknown): void;
  terminate?(): unknown;
  /** In Node.js. */
  on?(event: string, handle: (value: unknown) => void): unknown;
  /** Elsewhere. */
  addEventListener?(event: string, handle: (event: unknown) => void): unknown;
}

/** An answer, or what a thrown error comes down to. */
type Answer =
  | { readonly score: number }
  | { readonly error: string; readonly diverged?: Pick<DivergedError, "step" | "operation" | "tensor"> };

/** Workers that wait for options, and give a score for them. */
export interface TrialWorkers<O> {
  /** To be the `run` of a search, with `threads` at once. */
  readonly run: (options: O) => Promise<number>;
  readonly threads: number;
  /** Ends all workers. What is running rejects. */
  close(): void;
}

/**
 * Workers begun when they are needed, for example by `() => new Worker(new URL("trial.js", import.meta.url), { type: "module" })`,
 * whose module calls `answerTrials`. `threads`: at most so many, for which others wait; default as many as the host has. The options
 * go there as a message, hence without functions. A worker that fails rejects its trial with an EngineError.
 */
export function trialWorkers<O>(
  begin: () => Port,
  { threads = cores() }: { readonly threads?: number } = {},
): TrialWorkers<O> {
  requireWhole("trialWorkers.threads", threads);
  const idle: Desk[] = [];
  const open = new Set<Desk>();
  const waiting: (() => void)[] = [];
  let working = 0;
  let closed = false;

  async function run(options: O): Promise<number> {
    if (working < threads) working++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await ask(options);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else working--;
    }
  }

  async function ask(options: O): Promise<number> {
    if (closed)
      throw new InputError({ where: "trialWorkers.run", expected: "open workers", got: "closed ones" });
    let desk = idle.pop();
    while (desk?.closed) desk = idle.pop(); // it has failed while it waited
    desk ??= new Desk(begin());
    open.add(desk);
    const answer = await desk.ask(options).catch((error) => {
      desk.close();
      open.delete(desk);
      throw error;
    });
    idle.push(desk);
    if ("score" in answer) return answer.score;
    const fault = { where: "worker", expected: "a score", got: answer.error };
    throw answer.diverged ? new DivergedError({ ...fault, ...answer.diverged }) : new InputError(fault);
  }

  return {
    run,
    threads,
    close() {
      closed = true;
      for (const desk of open) desk.close();
    },
  };
}

/**
 * Answers, in a worker, whatever its `trialWorkers` ask: the call that a trial's module is made for. Where each core has a
 * trial, its models had better have one thread each.
 */
export function answerTrials<O>(run: (options: O) => number | Promise<number>): void {
  const port = ownPort();
  listen(port, "message", async (options) => {
    port.postMessage(await answerTo(run, options as O));
  });
}

async function answerTo<O>(run: (options: O) => number | Promise<number>, options: O): Promise<Answer> {
  try {
    return { score: await run(options) };
  } catch (error) {
    const { step, operation, tensor } = error as DivergedError;
    return {
      error: String(error),
      ...(error instanceof DivergedError && { diverged: { step, operation, tensor } }),
    };
  }
}

/** A worker that answers one question at a time. */
class Desk {
  readonly #worker: Port;
  closed = false;
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  constructor(worker: Port) {
    this.#worker = worker;
    listen(worker, "message", (answer) => this.#settle?.resolve(answer as Answer));
    listen(worker, "error", (error) => this.close((error as Error).message));
    listen(worker, "messageerror", () => this.close("a message that cannot be read"));
    listen(worker, "exit", () => this.close("its end"));
  }

  ask(options: unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(options);
    });
  }

  /** Ends the worker; what it was asked rejects. */
  close(why = "its end"): void {
    if (this.closed) return;
    this.closed = true;
    this.#worker.terminate?.();
    this.#settle?.reject(new EngineError({ where: "worker", expected: "an answer", got: why }));
  }
}

function listen(port: Port, event: string, handle: (value: unknown) => void): void {
  if (port.on) port.on(event, handle);
  else port.addEventListener!(event, (it) => handle(event === "message" ? (it as MessageEvent).data : it));
}

/** The side of a worker that its maker talks to. */
function ownPort(): Port {
  if ("postMessage" in globalThis && "addEventListener" in globalThis) return globalThis as unknown as Port;
  const port = builtin<{ readonly parentPort: Port | null }>("node:worker_threads")?.parentPort;
  if (!port)
    throw new EngineError({ where: "answerTrials", expected: "to be called in a worker", got: "none" });
  return port;
}
