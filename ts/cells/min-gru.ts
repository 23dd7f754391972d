import type { Cell } from "./cell.js";

/** h(t) = (1 - z) h(t-1) + z c, gate and candidate from the input alone. Feng et al. 2024. */
export function minGruCell(positive: boolean): Cell {
  return {
    name: "minGru",
    gates: ["update", "candidate"],
    states: ["hidden"],
    record({ steps, batch, units, lengths, reverse, gates, states }) {
      const positiveForm = positive ? 1 : 0;
      const shared = {
        gates,
        states,
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
        forward(emit) {
          emit("minGruForward", shared);
        },
        backward(emit, dHidden, dStates) {
          emit("minGruBackward", { dHidden, dStates, ...shared });
        },
      };
    },
  };
}
