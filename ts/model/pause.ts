/** Lets the host's event loop turn, so that input, timers and cancellation are served during long work. */

/** Longest time in milliseconds that work holds the event loop, when one step of it takes less. */
export const TURN = 12;

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
