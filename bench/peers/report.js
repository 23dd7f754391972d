// The race as a table in Markdown: how long we take, and what part of each peer's time that is.

/** @typedef {import("./race.js").Result} Result */

/**
 * @param {readonly Result[]} results
 * @param {Record<string, string | undefined>} versions of the peers, in the order of their columns
 */
export function table(results, versions) {
  const names = Object.keys(versions).filter((name) => results.some(({ ratios }) => name in ratios));
  const rows = [
    ["workload", "recurra", ...names.map((name) => `÷ ${name} ${versions[name]}`)],
    ...results.map(({ id, ours, ratios }) => [
      id,
      duration(ours),
      ...names.map((name) => (name in ratios ? digits(ratios[name], 2) : "")),
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) => row.map((cell, column) => pad(cell, widths[column], column)));
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return lines
    .toSpliced(1, 0, rule)
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/**
 * The notes, those that say the same of one peer as one.
 *
 * @param {readonly import("./race.js").Note[]} notes
 */
export function remarks(notes) {
  /** @type {Map<string, string[]>} */
  const ids = new Map();
  for (const { id, name, text } of notes) {
    const remark = `${name}: ${text}`;
    ids.set(remark, [...(ids.get(remark) ?? []), id]);
  }
  return [...ids].map(([remark, ids]) => `${remark} (${ids.join(", ")})`);
}

/**
 * @param {string} cell
 * @param {number} width
 * @param {number} column
 */
function pad(cell, width, column) {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

/** @param {number} milliseconds */
function duration(milliseconds) {
  return milliseconds < 0.1 ? `${digits(milliseconds * 1e3, 3)} µs` : `${digits(milliseconds, 3)} ms`;
}

/**
 * @param {number} value
 * @param {number} count
 */
function digits(value, count) {
  return value >= 10 ** count ? value.toFixed(0) : value.toPrecision(count);
}
