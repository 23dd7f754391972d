/** Workers that were started together, and what they and the thread that started them say to each other. */
import type { Block } from "./heap.js";
import { type HostWorker, openWorker } from "./host-worker.js";
import { source } from "./worker.gen.js";

/** What a worker begins with. */
export interface Assignment {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  /**
   * The address of the words that all share: number of the run, address of its program, shares finished, number of the run to
   * be stopped, and for each worker the last run it left.
   */
  readonly control: number;
  readonly worker: number;
}

/** What a worker says: that it is ready, has left, has left a run in the middle, or has finished a run of a program. */
interface Message {
  readonly ready?: number;
  readonly left?: number;
  readonly stopped?: number;
  readonly address?: number;
  readonly runs?: number;
}

/** What workers are started with. */
export interface TeamGround {
  readonly memory: WebAssembly.Memory;
  /** Of the script of the workers, where pages may not have it from the library's own text. */
  readonly workerUrl: string | URL | undefined;
}

/** Milliseconds in which idle workers leave when they are told. */
const LEAVING = 100;

/** In the place of the number of a run: that there will be no other. */
const LEAVE = -1;

const ignore = () => {};

/** Workers that were started together; it must not refer to its owner, which may be forgotten before it is closed. */
export class Team {
  readonly workers: HostWorker[] = [];
  readonly control: Block;
  readonly number: number;
  readonly #memory: WebAssembly.Memory;
  readonly #url: string | URL | undefined;
  /** How many modules of kernels the workers were given. */
  modules = 0;
  /** Why it can no longer be used. */
  lost: string | undefined;
  /** Told what the workers say, and when one has died. */
  said: (message: Message) => void = ignore;
  died: () => void = ignore;

  constructor({ memory, workerUrl }: TeamGround, control: Block, number: number) {
    this.#memory = memory;
    this.#url = workerUrl;
    this.control = control;
    this.number = number;
  }

  open(assignment: Omit<Assignment, "worker">): void {
    const worker = this.workers.length;
    this.modules = assignment.modules.length;
    const opened = openWorker(source, this.#url);
    this.workers.push(opened);
    opened.listen(
      (data) => this.said(data as Message),
      (reason) => this.lose(`worker ${worker}: ${reason}`),
    );
    opened.post({ ...assignment, worker } satisfies Assignment);
  }

  /** Tells nobody any more. */
  hush(): void {
    this.said = ignore;
    this.died = ignore;
  }

  lose(reason: string): void {
    this.lost ??= reason;
    this.died();
  }

  /** Resolves when no worker can touch the memory any more. */
  async close(): Promise<void> {
    this.lost ??= "closed";
    const left = new Promise<void>((resolve) => {
      let leaving = 0;
      this.said = ({ left }) => {
        if (left !== undefined && ++leaving === this.workers.length) resolve();
      };
    });
    const words = new Int32Array(this.#memory.buffer, this.control.address, 1);
    Atomics.store(words, 0, LEAVE);
    Atomics.notify(words, 0);
    const all = await within(LEAVING, left);
    await Promise.all(this.workers.map((worker) => worker.terminate(!all)));
  }
}

/** Whether something happens within so many milliseconds. */
async function within(milliseconds: number, event: Promise<void>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  const first = await Promise.race([event.then(() => true), late]);
  clearTimeout(timer);
  return first;
}
