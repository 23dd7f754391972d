/** What the command prints: models, contents of files, and checks, as tables. */
import type { Contents, Verification } from "../convert/index.js";
import type { Model } from "../model/model.js";

/** The layers of a model with the numbers that each learns. */
export function modelText(model: Model): string {
  const { definition } = model;
  const counts = new Map<string, number>();
  for (const { path, data } of model.parameters()) {
    const [first = ""] = path.split(".", 2);
    const layer = definition ? first : path.split(".").slice(0, -1).join(".");
    counts.set(layer, (counts.get(layer) ?? 0) + data.length);
  }
  const rows = definition
    ? [["input", ...described(definition.input), ""]]
    : [...counts].map(([path, count]) => [path, "", "", count.toLocaleString("en")]);
  for (const [index, layer] of (definition?.layers ?? []).entries()) {
    rows.push([`${index}`, ...described(layer), (counts.get(`${index}`) ?? 0).toLocaleString("en")]);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return table(
    ["layer", "kind", "options", "parameters"],
    [...rows, ["all", "", "", total.toLocaleString("en")]],
  );
}

/** What is in a file. */
export function contentsText({ format, about, layers, tensors }: Contents): string {
  const bold = [...about].map(([key, value]) => [printable(key), printable(value)]);
  const parts = [format];
  if (bold.length > 0) parts.push(table(["about", ""], bold));
  if (layers.length > 0) {
    const rows = layers.map(({ name, kind, options }) => [name, kind, options].map(printable));
    parts.push(table(["layer", "kind", "options"], rows));
  }
  const rows = tensors.map(({ name, dtype, shape }) => [printable(name), dtype, `[${shape.join(", ")}]`]);
  parts.push(table(["tensor", "numbers", "shape"], rows));
  return parts.join("\n\n");
}

export function verificationText(
  { numbers, largest, relative, at }: Verification,
  tolerance: number,
): string {
  const { sample, row, step, unit } = at;
  const place = largest > 0 ? ` at sample ${sample}, row ${row}, step ${step}, unit ${unit}` : "";
  const verdict = relative <= tolerance ? "within" : "not within";
  return `largest difference ${largest.toPrecision(3)}${place}, of ${numbers.toLocaleString("en")} numbers: ${verdict} ${tolerance}`;
}

function described({ layer, ...options }: { readonly layer: string }): [kind: string, options: string] {
  const text = Object.entries(options).map(([name, value]) => `${name} ${printable(JSON.stringify(value))}`);
  return [layer, text.join(", ")];
}

/** Text of a file on one line of a terminal: nothing that moves its cursor, and not too much. */
function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
  return clean.length > 120 ? `${clean.slice(0, 120)}...` : clean;
}

/** Columns as wide as their widest text. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((text, i) => text.padEnd(widths[i]!))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
