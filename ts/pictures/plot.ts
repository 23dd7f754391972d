/** Curves as text. */

export interface Curve {
  readonly name: string;
  /** One character; "─" draws a line. */
  readonly mark: string;
  /** In the order of x; those in one column are averaged. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface PlotOptions {
  /** What goes upwards. */
  readonly title: string;
  /** Where the other axis begins. */
  readonly from: string;
  /** And where it ends. */
  readonly to: string;
  /** Of the terminal; default 80. */
  readonly columns?: number;
  /** Columns that the curves take, where there is room; default one for each of their points. */
  readonly width?: number;
  readonly format?: (y: number) => string;
}

/** Rows between the highest and the lowest value. */
const HEIGHT = 14;
/** Columns of a value on the axis. */
const MARGIN = 6;

/** Curves over one pair of axes, as text; where they meet, their marks take turns. */
export function plot(curves: readonly Curve[], options: PlotOptions): string {
  const { title, from, to, columns = 80, format = (y) => y.toFixed(2) } = options;
  const drawn = curves.filter(({ points }) => points.length > 0);
  const first = Math.min(...drawn.map(({ points }) => points[0]!.x));
  const last = Math.max(...drawn.map(({ points }) => points.at(-1)!.x));
  const { width: wanted = Math.max(...drawn.map(({ points }) => points.length)) } = options;
  const width = Math.max(2, Math.min(72, columns - MARGIN - 4, wanted));
  const columnOf = (x: number) => Math.round(((x - first) / (last - first || 1)) * (width - 1));

  const means = drawn.map(({ points }) => meanOfColumns(points, columnOf));
  const values = means.flat().map(({ y }) => y);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rowOf = (y: number) => Math.round(((high - y) / (high - low || 1)) * HEIGHT);

  const grid = Array.from({ length: HEIGHT + 1 }, () => Array<string>(width).fill(""));
  for (const [index, { mark }] of drawn.entries()) {
    const places = means[index]!.map(({ column, y }) => ({ column, row: rowOf(y) }));
    if (mark === "─") drawLine(grid, places);
    else for (const { column, row } of places) grid[row]![column] += mark;
  }
  const rows = grid.map((cells, row) => {
    const value = format(high - (row / HEIGHT) * (high - low)).padStart(MARGIN);
    return `${value} ┤${cells.map((marks, column) => marks[column % marks.length] ?? " ").join("")}`;
  });
  const indent = " ".repeat(MARGIN + 1);
  const legend = drawn.map(({ name, mark }) => `   ${mark} ${name}`).join("");
  return [
    `${indent} ${title}${legend}`,
    ...rows.map((row) => row.trimEnd()),
    `${indent}└${"─".repeat(width)}`,
    `${indent} ${from}${to.padStart(width - from.length)}\n`,
  ].join("\n");
}

function meanOfColumns(points: Curve["points"], columnOf: (x: number) => number) {
  const columns = new Map<number, { sum: number; count: number }>();
  for (const { x, y } of points) {
    const { sum, count } = columns.get(columnOf(x)) ?? { sum: 0, count: 0 };
    columns.set(columnOf(x), { sum: sum + y, count: count + 1 });
  }
  return [...columns].map(([column, { sum, count }]) => ({ column, y: sum / count }));
}

function drawLine(grid: string[][], places: readonly { column: number; row: number }[]): void {
  let before = places[0]!.row;
  for (const { column, row } of places) {
    if (row === before) {
      grid[row]![column] = "─";
    } else {
      const falls = row > before;
      for (let between = Math.min(row, before) + 1; between < Math.max(row, before); between++) {
        grid[between]![column] = "│";
      }
      grid[before]![column] = falls ? "╮" : "╯";
      grid[row]![column] = falls ? "╰" : "╭";
    }
    before = row;
  }
}
