/** Curves on the terminal. */

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {string} mark One character; "─" draws a line.
 * @property {readonly { x: number, y: number }[]} points In the order of x; those in one column are averaged.
 */

/** Rows between the highest and the lowest value. */
const height = 14;
/** Columns of a value on the axis. */
const margin = 6;

/**
 * Curves over one pair of axes; where they meet, their marks take turns.
 *
 * @param {readonly Curve[]} curves
 * @param {object} options
 * @param {string} options.title What goes upwards.
 * @param {string} options.from Where the other axis begins.
 * @param {string} options.to And where it ends.
 * @param {number} options.columns
 * @param {(y: number) => string} [options.format]
 */
export function plot(curves, { title, from, to, columns, format = (y) => y.toFixed(2) }) {
  const drawn = curves.filter(({ points }) => points.length > 0);
  const first = Math.min(...drawn.map(({ points }) => points[0].x));
  const last = Math.max(...drawn.map(({ points }) => points[points.length - 1].x));
  const most = Math.max(...drawn.map(({ points }) => points.length));
  const width = Math.max(2, Math.min(72, columns - margin - 4, most));
  const columnOf = (/** @type {number} */ x) => Math.round(((x - first) / (last - first || 1)) * (width - 1));

  const means = drawn.map(({ points }) => meanOfColumns(points, columnOf));
  const values = means.flat().map(([, y]) => y);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const rowOf = (/** @type {number} */ y) => Math.round(((high - y) / (high - low || 1)) * height);

  const grid = Array.from({ length: height + 1 }, () => Array(width).fill(""));
  for (const [index, { mark }] of drawn.entries()) {
    const places = means[index].map(([column, y]) => ({ column, row: rowOf(y) }));
    if (mark === "─") drawLine(grid, places);
    else for (const { column, row } of places) grid[row][column] += mark;
  }
  const rows = grid.map((cells, row) => {
    const value = format(high - (row / height) * (high - low)).padStart(margin);
    return `${value} ┤${cells.map((marks, column) => marks[column % marks.length] ?? " ").join("")}`;
  });
  const indent = " ".repeat(margin + 1);
  const legend = drawn.map(({ name, mark }) => `   ${mark} ${name}`).join("");
  return [
    `${indent} ${title}${legend}`,
    ...rows.map((row) => row.trimEnd()),
    `${indent}└${"─".repeat(width)}`,
    `${indent} ${from}${to.padStart(width - from.length)}\n`,
  ].join("\n");
}

/**
 * @param {Curve["points"]} points
 * @param {(x: number) => number} columnOf
 * @returns {[column: number, y: number][]}
 */
function meanOfColumns(points, columnOf) {
  /** @type {Map<number, { sum: number, count: number }>} */
  const columns = new Map();
  for (const { x, y } of points) {
    const { sum, count } = columns.get(columnOf(x)) ?? { sum: 0, count: 0 };
    columns.set(columnOf(x), { sum: sum + y, count: count + 1 });
  }
  return [...columns].map(([column, { sum, count }]) => [column, sum / count]);
}

/**
 * @param {string[][]} grid
 * @param {readonly { column: number, row: number }[]} places
 */
function drawLine(grid, places) {
  let before = places[0].row;
  for (const { column, row } of places) {
    if (row === before) {
      grid[row][column] = "─";
    } else {
      const falls = row > before;
      for (let between = Math.min(row, before) + 1; between < Math.max(row, before); between++) {
        grid[between][column] = "│";
      }
      grid[before][column] = falls ? "╮" : "╯";
      grid[row][column] = falls ? "╰" : "╭";
    }
    before = row;
  }
}
