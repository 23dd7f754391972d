import type { Cell } from "./cell.js";

/** h(t) = (1 - z) h(t-1) + z c, gate and candidate from the input alone. Feng et al. 2024. */
export function minGruCell(positive: boolean): Cell {
  return {
    name: "minGru",
    gates: ["update", "candidate"],
    states: ["hidden"],
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
          walk((stretch) => emit("minGruForward", { ...shared, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          walk((stretch) => emit("minGruBackward", { dHidden, ...shared, ...stretch }));
        },
      };
    },
  };
}
