/** BLEU of sentences of like length: what shows whether a translator fails on long ones (Cho et al. 2014, Bahdanau et al. 2015). */
import { InputError } from "../errors.js";
import { chart } from "../pictures/chart.js";
import { plot } from "../pictures/plot.js";
import { type BleuOptions, bleu } from "./bleu.js";
import { judged, type References } from "./references.js";
import { tokeniser } from "./tokenise.js";

export interface BleuByLengthOptions extends BleuOptions {
  /** The greatest length of each group but the last, which has no end, ascending; default 10, 20, 30, 40, 50. */
  readonly edges?: readonly number[];
  /** Texts whose lengths count, one for each sentence, such as what was translated; default the first references. */
  readonly sources?: readonly string[];
  /** Of the terminal; default 80. */
  readonly columns?: number;
}

export interface LengthGroup {
  /** Tokens of the shortest and of the longest sentence that may be in it. */
  readonly from: number;
  readonly to: number;
  readonly sentences: number;
  /** The mean of their lengths. */
  readonly length: number;
  /** Of each system, by its name, from 0 to 100. */
  readonly scores: Readonly<Record<string, number>>;
}

export interface BleuByLength {
  /** The groups that have sentences, by their length. */
  readonly groups: readonly LengthGroup[];
  /** A table and a plot, for a terminal. */
  readonly text: string;
  /** The plot as a document, for light and dark pages. */
  readonly svg: string;
}

const marks = ["●", "○", "▲", "△", "■", "□"];

/**
 * The corpus BLEU of each group of sentences of like length, for one system or several. `systems`: their candidates by their
 * names. InputError unless every candidate has a reference and a length above 0.
 */
export function bleuByLength(
  systems: Readonly<Record<string, readonly string[]>>,
  references: References,
  options: BleuByLengthOptions = {},
): BleuByLength {
  const { edges = [10, 20, 30, 40, 50], sources, columns = 80, ...scoring } = options;
  const names = Object.keys(systems);
  if (names.length === 0) throw refused("systems", "at least one", "none");
  for (const [i, edge] of edges.entries()) {
    if (Number.isInteger(edge) && edge > (edges[i - 1] ?? 0)) continue;
    throw refused(`edges[${i}]`, "whole numbers from 1 that ascend", String(edge));
  }
  const all = names.map((name) => judged(`bleuByLength.systems.${name}`, systems[name]!, references));
  if (sources && sources.length !== references.length) {
    throw refused("sources", `${references.length} texts`, String(sources.length));
  }
  const split = tokeniser("bleuByLength", options.tokenise ?? "13a");
  const lengths = all[0]!.map(({ references: [first] }, i) => split(sources?.[i] ?? first!).length);
  const empty = lengths.indexOf(0);
  if (empty >= 0)
    throw refused(sources ? `sources[${empty}]` : `references[${empty}]`, "at least one token", "none");

  const groups = [...edges, Infinity].flatMap((to, i): LengthGroup[] => {
    const from = (edges[i - 1] ?? 0) + 1;
    const chosen = [...lengths.keys()].filter((row) => lengths[row]! >= from && lengths[row]! <= to);
    if (chosen.length === 0) return [];
    const scores = names.map((name, system) => {
      const rows = chosen.map((row) => all[system]![row]!);
      const candidates = rows.map(({ candidate }) => candidate);
      return [
        name,
        bleu(
          candidates,
          rows.map(({ references }) => references),
          scoring,
        ).score,
      ] as const;
    });
    const length = chosen.reduce((sum, row) => sum + lengths[row]!, 0) / chosen.length;
    return [{ from, to, sentences: chosen.length, length, scores: Object.fromEntries(scores) }];
  });
  const curves = names.map((name, i) => ({
    name,
    mark: marks[i % marks.length]!,
    points: groups.map(({ length, scores }) => ({ x: length, y: scores[name]! })),
  }));
  const drawn = plot(curves, {
    title: "BLEU",
    from: groups[0]!.length.toFixed(0),
    to: `${groups.at(-1)!.length.toFixed(0)} tokens`,
    columns,
    width: 60,
    format: (score) => score.toFixed(1),
  });
  const svg = chart(curves, {
    title: "BLEU by sentence length",
    across: "tokens of a sentence",
    upwards: "BLEU",
  });
  return { groups, text: `${table(names, groups)}\n${drawn}`, svg };
}

function table(names: readonly string[], groups: readonly LengthGroup[]): string {
  const rows = [
    ["tokens", "sentences", ...names],
    ...groups.map(({ from, to, sentences, scores }) => [
      to === Infinity ? `${from} and more` : `${from} to ${to}`,
      String(sentences),
      ...names.map((name) => scores[name]!.toFixed(1)),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `${row.map((cell, i) => cell.padStart(widths[i]!)).join("  ")}\n`).join("");
}

function refused(option: string, expected: string, got: string): InputError {
  return new InputError({ where: `bleuByLength.${option}`, expected, got });
}
