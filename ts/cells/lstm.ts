import type { Cell } from "./cell.js";

/** Long short-term memory, gates in PyTorch's order. Hochreiter & Schmidhuber 1997; Gers, Schmidhuber & Cummins 2000. */
export const lstmCell: Cell = {
  name: "lstm",
  gates: ["input", "forget", "candidate", "output"],
  states: ["hidden", "cell"],
  forward: "lstmForward",
  backward: "lstmBackward",
};
