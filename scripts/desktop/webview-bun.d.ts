/** As much of the package as the window uses; its own types are sources that only Bun's settings take. */
export class Webview {
  constructor();
  set title(title: string);
  set size(size: { width: number; height: number; hint: number });
  navigate(url: string): void;
  /** Runs a script at the beginning of every page. */
  init(source: string): void;
  /** Gives pages a function of this name. */
  bind(name: string, called: (...values: never[]) => unknown): void;
  /** Returns when the window is closed. */
  run(): void;
  destroy(): void;
}
