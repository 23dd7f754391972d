/** A picture of words in the plane. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { escaped, filled, halo, svgDocument } from "../pictures/svg.js";

export interface MapOptions {
  /** The group of each point, which gives it its colour. */
  readonly groups?: ArrayLike<number>;
  readonly title?: string;
  /** In pixels; default 960. */
  readonly width?: number;
  /** In pixels; default 720. */
  readonly height?: number;
}

/** Points [count, 2] with their labels as an SVG document for light and dark pages, scaled to fill it. */
export function wordMap(points: Tensor, labels: readonly string[], options: MapOptions = {}): string {
  const { groups, title = "A map of words", width = 960, height = 720 } = options;
  const [count, dimensions] = points.shape;
  if (dimensions !== 2 || count !== labels.length || count === 0) {
    throw new InputError({
      where: "wordMap",
      expected: `a point in the plane for each of ${labels.length} labels`,
      got: `the shape [${points.shape}]`,
    });
  }
  const place = (axis: 0 | 1, size: number) => {
    const all = labels.map((_, i) => points.data[2 * i + axis]!);
    const low = Math.min(...all);
    const span = Math.max(...all) - low || 1;
    return all.map((value) => 40 + ((value - low) / span) * (size - 80));
  };
  const [x, y] = [place(0, width), place(1, height)];
  const marks = labels.map((label, i) => {
    const at = `${x[i]!.toFixed(1)} ${(height - y[i]!).toFixed(1)}`;
    const side = x[i]! > width - 120 ? 'x="-5" text-anchor="end"' : 'x="5"'; // where it does not run out of the frame
    const text = `<text ${halo} ${side} y="4">${escaped(label)}</text>`;
    return `<g transform="translate(${at})" ${filled(groups?.[i] ?? 0)}><circle r="2.5"/>${text}</g>`;
  });
  return svgDocument({ width, height, title }, marks);
}
