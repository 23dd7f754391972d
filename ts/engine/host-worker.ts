/** Workers of the host, started from the text of a script or from its URL. */
import { builtin } from "./host.js";

/** A worker of the host, Node's or the web's. */
export interface HostWorker {
  post(message: unknown): void;
  /** `died` is called at most once, with the host's reason. */
  listen(message: (data: unknown) => void, died: (reason: string) => void): void;
  /** Resolves when it has stopped. `busy`: whether it may be in the middle of something. */
  terminate(busy: boolean): Promise<void>;
}

interface NodeWorker {
  postMessage(message: unknown): void;
  on(event: "message" | "error" | "exit", listener: (value: unknown) => void): void;
  terminate(): Promise<unknown>;
  unref(): void;
}

interface NodeThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker;
}

interface WebWorker {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message?: string }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}

/** A worker that runs this classic script, in pages from its URL where there is one. Throws where the host has none or refuses. */
export function openWorker(source: string, url?: string | URL): HostWorker {
  const node = builtin<NodeThreads>("node:worker_threads");
  return node ? nodeWorker(node, source) : webWorker(source, url);
}

function nodeWorker({ Worker }: NodeThreads, source: string): HostWorker {
  const worker = new Worker(source, { eval: true, execArgv: [] });
  return {
    post: (message) => worker.postMessage(message),
    listen(message, died) {
      let alive = true;
      const end = (reason: string) => {
        if (alive) died(reason);
        alive = false;
      };
      worker.on("message", message);
      worker.unref(); // it keeps no program from ending
      worker.on("error", (error) => end(String(error)));
      worker.on("exit", (code) => end(`exit code ${code}`));
    },
    terminate: async () => {
      await worker.terminate();
    },
  };
}

/** Milliseconds for which browsers let a worker go on that was terminated in the middle of something: two seconds in Chromium. */
const GRACE = 2500;

function webWorker(source: string, given?: string | URL): HostWorker {
  const { Worker } = globalThis as { readonly Worker?: new (url: string) => WebWorker };
  if (!Worker) throw new Error("no Worker");
  const url = String(given ?? URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const worker = new Worker(url);
  return {
    post: (message) => worker.postMessage(message),
    listen(message, died) {
      worker.onmessage = ({ data }) => {
        URL.revokeObjectURL(url);
        message(data);
      };
      worker.onerror = (event) => {
        URL.revokeObjectURL(url);
        worker.onerror = null;
        died(event.message ?? "an error");
      };
    },
    async terminate(busy) {
      worker.terminate();
      if (busy) await new Promise((resolve) => setTimeout(resolve, GRACE));
    },
  };
}
