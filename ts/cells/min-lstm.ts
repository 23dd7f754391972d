import type { Cell } from "./cell.js";

/** h(t) = f' h(t-1) + i' c, gates and candidate from the input alone, the gates scaled to a sum of 1. Feng et al. 2024. */
export function minLstmCell(positive: boolean): Cell {
  return {
    name: "minLstm",
    gates: ["input", "forget", "candidate"],
    states: ["hidden"],
    open: { gate: 1, bias: 1 },
    record({ steps, batch, units, lengths, reverse, gates }) {
      const positiveForm = positive ? 1 : 0;
      const shared = {
        gates,
        lengths,
        positiveForm,
        steps,
        batch,
        units,
        reverse,
        from: 0,
        to: batch,
      };
      return {
        forward(emit, walk) {
          walk((stretch) => emit("minLstmForward", { ...shared, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          walk((stretch) => emit("minLstmBackward", { dHidden, ...shared, ...stretch }));
        },
      };
    },
  };
}
