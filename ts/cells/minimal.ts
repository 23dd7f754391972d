import { kernels as recurrences } from "../engine/recurrences.gen.js";
import type { Cell } from "./cell.js";

/**
 * Cells whose gates see the input alone (Feng et al. 2024): h(t) = (1 - z) h(t-1) + z c, and h(t) = f' h(t-1) + i' c with
 * gates scaled to a sum of 1. `positive`: the form whose candidate is kept positive.
 */
export function minimalCell(name: "minGru" | "minLstm", positive: boolean): Cell {
  return {
    name,
    states: ["hidden"],
    ...(name === "minGru"
      ? { gates: ["update", "candidate"] }
      : { gates: ["input", "forget", "candidate"], open: { gate: 1, bias: 1 } }),
    record({ graph, steps, batch, units, lengths, reverse, gates }) {
      graph.use(recurrences);
      const positiveForm = positive ? 1 : 0;
      const shared = {
        ...{ gates, lengths, positiveForm, steps, batch, units, reverse },
        ...{ from: 0, to: batch },
      } as const;
      return {
        forward(emit, walk) {
          walk((stretch) => emit(`${name}Forward`, { ...shared, ...stretch }));
        },
        backward(emit, dHidden, walk) {
          walk((stretch) => emit(`${name}Backward`, { dHidden, ...shared, ...stretch }));
        },
      };
    },
  };
}
