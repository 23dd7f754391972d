/** Pictures of attention: which steps of what was read each step of what was written looked at. */
import type { Tensor } from "../data/tensor.js";
import { InputError } from "../errors.js";
import { columnsOf, escaped, filled, ink, rule, svgDocument, visible } from "./svg.js";

/** [steps written][steps read], each row non-negative numbers that add up to 1 or less. */
export type AttentionWeights = Tensor<Float32Array | Float64Array> | readonly ArrayLike<number>[];

export interface AttentionSvgOptions {
  readonly title?: string;
  /** Of a weight's square, in pixels; default 22. */
  readonly cell?: number;
}

/** A weight from 0 to 1, in quarters. */
const shades = [" ", "░", "▒", "▓", "█"];

/** Longer labels are cut. */
const LONGEST = 24;

/**
 * Weights as text for a terminal: a row for each step written, a column for each step read, whose labels stand above, from top to
 * bottom. InputError unless there is a label for each step and a number from 0 to 1 for each weight.
 */
export function attentionText(
  weights: AttentionWeights,
  rows: readonly string[],
  columns: readonly string[],
): string {
  const read = matrix("attentionText", weights, rows, columns);
  // Letters with the marks on them.
  const heads = columns.map((label) => visible(label, LONGEST).match(/\P{M}\p{M}*|\p{M}+/gu) ?? []);
  const labels = rows.map((label) => visible(label, LONGEST));
  const widths = labels.map((label) =>
    [...label.replace(/\p{M}/gu, "")].reduce((sum, letter) => sum + columnsOf(letter), 0),
  );
  const [height, width] = [Math.max(...heads.map(({ length }) => length)), Math.max(...widths)];
  const indent = " ".repeat(width);
  const lines = Array.from({ length: height }, (_, line) => {
    const letters = heads.map((head) => head[line - height + head.length] ?? " ");
    return `${indent}  ${letters.map((letter) => letter + " ".repeat(2 - columnsOf(letter))).join("")}`.trimEnd();
  });
  for (const [t, label] of labels.entries()) {
    const cells = read[t]!.map((weight) => shades[Math.round(4 * weight)]!.repeat(2)).join("");
    lines.push(`${" ".repeat(width - widths[t]!)}${label} │${cells}│`);
  }
  return `${lines.join("\n")}\n`;
}

/** The same as an SVG document, for light and dark pages; each square says its labels and weight when it is pointed at. */
export function attentionSvg(
  weights: AttentionWeights,
  rows: readonly string[],
  columns: readonly string[],
  { title = "Attention", cell = 22 }: AttentionSvgOptions = {},
): string {
  const read = matrix("attentionSvg", weights, rows, columns);
  if (!(cell >= 1 && cell <= 1000)) {
    throw new InputError({
      where: "attentionSvg.cell",
      expected: "a number from 1 to 1000",
      got: String(cell),
    });
  }
  const room = (labels: readonly string[]) =>
    16 +
    Math.max(
      ...labels.map((label) =>
        [...visible(label, LONGEST)].reduce((sum, letter) => sum + 7 * columnsOf(letter), 0),
      ),
    );
  const [left, top] = [room(rows), room(columns)];
  const [width, height] = [columns.length * cell, rows.length * cell];
  const middle = (i: number) => (i + 0.5) * cell;
  const body = [
    ...rows.map((label, t) => {
      const place = `x="${left - 6}" y="${top + middle(t)}" dominant-baseline="central" text-anchor="end"`;
      return `<text ${ink} ${place}>${escaped(visible(label, LONGEST))}</text>`;
    }),
    ...columns.map((label, s) => {
      const place = `transform="translate(${left + middle(s)} ${top - 6}) rotate(-90)" dominant-baseline="central"`;
      return `<text ${ink} ${place}>${escaped(visible(label, LONGEST))}</text>`;
    }),
    ...read.flatMap((row, t) =>
      row.flatMap((weight, s) => {
        if (weight < 0.005) return []; // cannot be seen
        const place = `x="${left + s * cell}" y="${top + t * cell}" width="${cell}" height="${cell}"`;
        const words = `${visible(rows[t]!)} ← ${visible(columns[s]!)}: ${weight.toFixed(2)}`;
        return `<rect ${filled(0)} ${place} fill-opacity="${weight.toFixed(3)}"><title>${escaped(words)}</title></rect>`;
      }),
    ),
    `<rect ${rule} x="${left}" y="${top}" width="${width}" height="${height}" fill="none"/>`,
  ];
  return svgDocument({ width: left + width + 10, height: top + height + 10, title }, body);
}

function matrix(
  where: string,
  weights: AttentionWeights,
  rows: readonly string[],
  columns: readonly string[],
): number[][] {
  const [given, steps] =
    "shape" in weights
      ? [weights.shape, (t: number) => weights.data.subarray(t * columns.length, (t + 1) * columns.length)]
      : [
          [weights.length, ...new Set(Array.from(weights, ({ length }) => length))],
          (t: number) => weights[t]!,
        ];
  const wanted = [rows.length, columns.length];
  if (rows.length === 0 || columns.length === 0 || given.join() !== wanted.join()) {
    throw new InputError({
      where: `${where}.weights`,
      expected: `[${wanted}], a weight for each of ${rows.length} and ${columns.length} labels`,
      got: `[${given}]`,
    });
  }
  return rows.map((_, t) =>
    Array.from(steps(t), (weight, s) => {
      if (weight >= 0 && weight <= 1.000001) return Math.min(weight, 1); // rounding may lead past 1
      throw new InputError({
        where: `${where}.weights[${t}][${s}]`,
        expected: "a number from 0 to 1",
        got: String(weight),
      });
    }),
  );
}
