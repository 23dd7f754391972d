/** Parameters that are all other than zero, so that each has its place in the numbers. */
import { writeParameter } from "../../ts/graph/parameter.js";
import type { Model } from "../../ts/index.js";
import { normals } from "../reference/draw.js";

export function writeOther({ network }: Model, seed = 1): void {
  for (const [index, parameter] of network.parameters.entries()) {
    const { rows, columns } = parameter.layout;
    writeParameter(network.engine, parameter, normals(rows * columns, seed + index, 0.4));
  }
}
