/** Where a recurrence begins that nobody has told anything yet. */
import type { Value } from "../graph/graph.js";
import { requireValue } from "../ops/values.js";
import { requireWidth } from "./layer.js";

/**
 * One step of `width` zeros for each row of `like`, to begin a recurrence of your own. Every run begins with them: such a
 * recurrence is not carried on from one batch to the next.
 */
export function zeros(like: Value, width: number): Value {
  requireValue("zeros", like);
  requireWidth("zeros.width", width);
  const { graph, batch } = like;
  return graph.given("zeros", { kind: "features", steps: 1, batch, width });
}
