/** A picture of words in the plane. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";

export interface MapOptions {
  /** The group of each point, which gives it its colour. */
  readonly groups?: ArrayLike<number>;
  readonly title?: string;
  /** In pixels; default 960. */
  readonly width?: number;
  /** In pixels; default 720. */
  readonly height?: number;
}

/** Told apart with any colour vision, and dark enough for text on white (after Okabe & Ito 2008). */
const colours = ["#0072b2", "#b34700", "#00735a", "#993d73", "#5c5c00", "#333333", "#0b5fa5", "#8a1c1c"];

/** Points [count, 2] with their labels as an SVG document, scaled to fill it. */
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
    const colour = colours[(groups?.[i] ?? 0) % colours.length];
    const at = `${x[i]!.toFixed(1)} ${(height - y[i]!).toFixed(1)}`;
    const side = x[i]! > width - 120 ? 'x="-5" text-anchor="end"' : 'x="5"'; // where it does not run out of the frame
    const text = `<text ${side} y="4">${escaped(label)}</text>`;
    return `<g transform="translate(${at})" fill="${colour}"><circle r="2.5"/>${text}</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    "<style>text { paint-order: stroke; stroke: #fff; stroke-width: 3px }</style>",
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...marks,
    "</svg>",
    "",
  ].join("\n");
}

/** Without what XML would read as its own, and without what it cannot hold. */
function escaped(text: string): string {
  const names: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (mark) => names[mark]!).replace(/[^\P{C}\t\n]/gu, "\ufffd");
}
