/**
 * Kernel calls on several threads. A program is a list of calls, each cut into shares; every worker goes through the list,
 * takes shares of a call while there are any and goes on once all are finished, so that a worker that is held up delays
 * others by one share at most. The thread that asks for a run never computes and never blocks.
 */
import { EngineError } from "../errors.js";
import type { Address } from "./address.js";
import type { Shared } from "./engine.js";
import type { Block } from "./heap.js";
import type { ThreadsReason } from "./host.js";
import { type Call, cut, longestShare } from "./shares.js";
import { Team, type TeamGround } from "./team.js";
import type { NamedCall } from "./worth.js";

/** A list of calls in memory. */
interface SharedProgram {
  readonly block: Block;
  readonly calls: number;
  /** Seconds that the longest share may take. */
  readonly longestShare: number;
  runs: number;
  /** Which team of workers has run it. */
  team: number;
}

/** The memory that threads share, as its owner lends it. */
export interface Ground extends TeamGround {
  /** Of all kernels; there may be more later. */
  readonly modules: readonly WebAssembly.Module[];
  allocate(bytes: number, where: string): Block;
  release(block: Block): void;
}

/** Seconds without a finished share after which workers are given up, if no share may take longer. */
const PATIENCE = 1.5;
const TICK = 0.5;

/** Milliseconds in which workers must have started. */
const STARTING = 10000;

/** Ends the workers of an engine that nobody can reach any more; hosts without it have no workers either. */
const forgotten =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<Team>((team) => {
        void team.close();
      })
    : undefined;

export class Threads {
  readonly count: number;
  readonly #ground: Ground;
  #team: Promise<Team> | undefined;
  #closing: Promise<void> | undefined;
  #teams = 0;
  #programs = 0;
  #runs = 0;
  /** Programs that were given up, and that a worker may yet look at. */
  readonly #retired: Block[] = [];
  #refused: ThreadsReason | undefined;

  constructor(ground: Ground, count: number) {
    this.#ground = ground;
    this.count = count;
  }

  /** Why no workers could be started, once that was tried. */
  get refused(): ThreadsReason | undefined {
    return this.#refused;
  }

  /** Puts calls into memory. EngineError when there is not enough. */
  share(calls: readonly NamedCall[]): Shared {
    const shares = calls.map((call) => cut(call, this.count));
    const program = this.#program(shares, longestShare(calls, shares));
    return {
      run: (signal) => this.#run(program, signal),
      release: () => {
        this.#retired.push(program.block); // released as soon as no worker can be looking at it
      },
    };
  }

  /** `longestShare`: in seconds, on a slow host. */
  #program(calls: readonly Call[], longestShare: number): SharedProgram {
    const text = new TextEncoder().encode(JSON.stringify(calls, spelt));
    const head = 4 + 2 * calls.length;
    const block = this.#ground.allocate(head * 4 + text.length, "program");
    const words = this.#words(block.address, head);
    words.set([++this.#programs, text.length, calls.length]);
    new Uint8Array(this.#ground.memory.buffer, block.address + head * 4, text.length).set(text);
    return { block, calls: calls.length, longestShare, runs: 0, team: 0 };
  }

  /**
   * Runs a program once; one at a time. False if there are no workers, and nothing has happened. EngineError if there is not
   * enough memory to start them, or if one died or does not come back: the next run begins with new ones. When the signal is
   * aborted workers finish the shares that they have, and its reason is thrown.
   */
  async #run(program: SharedProgram, signal?: AbortSignal): Promise<boolean> {
    const team = await this.#open();
    if (!team) return false;
    signal?.throwIfAborted();
    const { address } = program.block;
    const state = this.#words(team.control.address, 4 + this.count);
    this.#sweep(state);
    const counts = this.#words((address + 12) as Address, 1 + 2 * program.calls);
    if (program.team !== team.number) {
      counts.fill(0);
      program.runs = 0;
      program.team = team.number;
    }
    program.runs = (program.runs + 1) | 0;
    const { runs } = program;
    const number = ++this.#runs | 0;
    const finished = new Promise<void>((resolve, reject) => {
      let stopped = 0;
      team.died = () => reject(this.#dead(team.lost!));
      team.said = (message) => {
        if (message.address === address && message.runs === runs) resolve();
        if (message.stopped !== number || ++stopped < this.count) return;
        program.team = 0; // its counts are of no use any more
        reject(signal?.reason);
      };
    });
    const stop = () => {
      Atomics.store(state, 3, number);
    };
    signal?.addEventListener("abort", stop);
    let seen = Atomics.load(state, 2);
    let still = 0;
    const watch = setInterval(() => {
      const now = Atomics.load(state, 2);
      still = now === seen ? still + 1 : 0;
      seen = now;
      if (still * TICK >= Math.max(PATIENCE, program.longestShare)) team.lose("no answer");
    }, TICK * 1000);
    Atomics.store(counts, 0, runs);
    Atomics.store(state, 1, address);
    Atomics.store(state, 0, number);
    Atomics.notify(state, 0);
    try {
      await finished;
    } finally {
      clearInterval(watch);
      signal?.removeEventListener("abort", stop);
      team.hush();
      if (team.lost) void this.#close(team);
    }
    return true;
  }

  /** Stops the workers; a later run starts new ones. */
  async close(): Promise<void> {
    const team = await this.#team;
    if (team) await this.#close(team);
  }

  async #open(): Promise<Team | undefined> {
    if (this.#refused) return undefined;
    await this.#closing;
    try {
      this.#team ??= this.#start();
      const team = await this.#team;
      if (!team.lost && team.modules === this.#ground.modules.length) return team;
      await this.#close(team);
      return await this.#open();
    } catch (error) {
      this.#team = undefined;
      if (error instanceof EngineError) throw error; // there are workers, and no memory for them
      this.#refused = "no-workers";
      return undefined;
    }
  }

  async #start(): Promise<Team> {
    const { memory } = this.#ground;
    const modules = [...this.#ground.modules];
    const control = this.#ground.allocate((4 + this.count) * 4, "threads");
    const team = new Team(this.#ground, control, ++this.#teams);
    let late: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        late = setTimeout(() => team.lose("no start"), STARTING);
        team.died = () => reject(new Error(team.lost));
        let ready = 0;
        team.said = (message) => {
          if (message.ready !== undefined && ++ready === this.count) resolve();
        };
        while (team.workers.length < this.count) team.open({ modules, memory, control: control.address });
      });
    } catch (error) {
      void team.close().then(() => this.#ground.release(control)); // nobody shall wait for what did not start
      throw error;
    } finally {
      clearTimeout(late);
      team.hush();
    }
    forgotten?.register(this, team, this);
    return team;
  }

  #close(team: Team): Promise<void> {
    this.#team = undefined;
    forgotten?.unregister(this);
    this.#closing = team.close().then(() => {
      this.#ground.release(team.control);
      for (const block of this.#retired.splice(0)) this.#ground.release(block);
    });
    return this.#closing;
  }

  /** Releases the programs that every worker has left behind. */
  #sweep(state: Int32Array): void {
    if (this.#retired.length === 0) return;
    for (let worker = 0; worker < this.count; worker++) {
      if (Atomics.load(state, 4 + worker) !== (this.#runs | 0)) return;
    }
    for (const block of this.#retired.splice(0)) this.#ground.release(block);
  }

  #words(address: Address, count: number): Int32Array {
    return new Int32Array(this.#ground.memory.buffer, address, count);
  }

  /** What a run ends with that workers have left in the middle. */
  #dead(reason: string): EngineError {
    return new EngineError({
      where: "threads",
      expected: `${this.count} workers that come back`,
      got: reason,
      hint: "nothing of the step was applied; go on, and new workers are started",
    });
  }
}

/** JSON has no word for numbers that are not finite, nor for -0: these become texts, which `Number` reads. */
function spelt(_: string, value: unknown): unknown {
  if (typeof value !== "number") return value;
  return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? value : String(value);
}
