/** What a model learns: named tensors, how their elements lie in memory, and the regions that hold them all. */
import { type Address, LINE, roundUp } from "../engine/address.js";
import type { Engine } from "../engine/engine.js";
import type { AnyKernelSet } from "../engine/sets.js";
import type { Entry } from "../io/safetensors.js";
import { addressOf, place, type Span, span } from "./span.js";
import type { TouchedRows } from "./touched.js";

/** Where the elements of a matrix lie, in floats from the start; all other floats are zero padding. */
export interface Layout {
  readonly rows: number;
  readonly columns: number;
  /** Length in floats, padding included. */
  readonly count: number;
  /** Element [row, column] lies at row * stride + start(column). */
  readonly stride: number;
  start(column: number): number;
  /** Where it is panels: what their columns are. */
  readonly columnsOf?: { readonly gates: number; readonly units: number };
}

/** Rows one after another, each padded to whole cache lines. */
export function rowLayout(rows: number, columns: number): Layout {
  const stride = roundUp(columns, LINE);
  return { rows, columns, count: rows * stride, stride, start: (column) => column };
}

/** Physical columns of `gates` blocks of `units` columns: see panelLayout. */
export function panelColumns(gates: number, units: number): number {
  return roundUp(gates === 1 ? units : gates * roundUp(units, 4), LINE);
}

/**
 * Panels of 16 columns, [panel][row][16], as the matrix kernels read them. With several gates the columns
 * [gate][unit] are interleaved by four units, [units / 4][gate][4], so that a cell finds all gates of a unit side by side.
 */
export function panelLayout(rows: number, gates: number, units: number): Layout {
  return {
    rows,
    columns: gates * units,
    count: rows * panelColumns(gates, units),
    stride: LINE,
    start(column) {
      const gate = Math.floor(column / units);
      const unit = column % units;
      const physical = gates === 1 ? unit : (unit >> 2) * 4 * gates + gate * 4 + (unit & 3);
      return (physical >> 4) * rows * LINE + (physical & 15);
    },
    columnsOf: { gates, units },
  };
}

/** Random numbers to begin with. What they give is a view that the next call writes again. */
export interface Draw {
  /** So many random words. */
  words(count: number): Uint32Array;
  /** So many numbers, uniform in [-bound, bound). */
  uniform(count: number, bound: number): Float32Array;
  /** A random orthogonal matrix, [size] rows of `stride` numbers of which the first `size` count. */
  orthogonal(size: number): { readonly stride: number; readonly data: Float64Array };
}

/** Fills the elements of a parameter, row-major [rows, columns], which are zero on entry. */
export type Initialiser = (values: Float32Array, layout: Layout, draw: Draw) => void;

export interface ParameterDefinition {
  readonly layout: Layout;
  /** Shape as saved: [rows, columns], or [columns] for a bias. */
  readonly shape: readonly number[];
  readonly initialise: Initialiser;
  /** Whether weight decay applies: to matrices, not to biases. */
  readonly decays: boolean;
  /** Whether training leaves it as it is; it has no gradient then. Default false. */
  readonly frozen?: boolean;
  /** Which of its rows a step has touched, where the others cost nothing. */
  readonly touched?: TouchedRows;
  /** What has a scale of its own where it is kept as int8: columns of a factor, rows of a table. Nothing else can be kept so. */
  readonly scaled?: "columns" | "rows";
}

/** A tensor of a file, and its name there: that of a parameter's path with `suffix`. FormatError unless it has this shape. */
export type TensorOf = (
  suffix: string,
  shape: readonly number[],
) => { readonly name: string; readonly entry: Entry };

/** How a parameter is kept where it is not kept as float32 in its layout. It has no gradient then. */
export interface Storage {
  /** Length in floats. */
  readonly count: number;
  /** Its elements as float32, row-major and without padding. */
  read(engine: Engine, from: Address): Float32Array;
  /** Its tensors in a file, each with what follows the path in its name. */
  tensors(engine: Engine, from: Address, shape: readonly number[]): [suffix: string, Entry][];
  /** Checks the tensors of a file and gives what writes them to memory. FormatError. */
  reader(engine: Engine, to: Address, shape: readonly number[], tensorOf: TensorOf): () => void;
}

/** Another way to keep parameters than as float32. */
export interface Keeping {
  /** The kernels that read them, in the place of those of the same names. */
  readonly kernels: AnyKernelSet;
  /** How a parameter is kept; undefined: as float32. */
  storage(path: string, definition: ParameterDefinition): Storage | undefined;
  /** Throws InputError: what is kept so has no gradients. */
  refuseGradients(): never;
}

/** A weight [rows, gates units] in panels. */
export function matrixParameter(
  rows: number,
  gates: number,
  units: number,
  initialise: Initialiser,
): ParameterDefinition {
  const layout = panelLayout(rows, gates, units);
  return { layout, shape: [rows, gates * units], initialise, decays: true, scaled: "columns" };
}

/** A bias [gates units], its columns like those of a weight. */
export function vectorParameter(gates: number, units: number, initialise: Initialiser): ParameterDefinition {
  return { layout: panelLayout(1, gates, units), shape: [gates * units], initialise, decays: false };
}

/** A table [rows, columns] whose rows are looked up. */
export function tableParameter(
  rows: number,
  columns: number,
  initialise: Initialiser,
  frozen = false,
): ParameterDefinition {
  return { ...rowsParameter(rows, columns, initialise), scaled: "rows", frozen };
}

/** Rows [rows, columns], one after another. */
export function rowsParameter(rows: number, columns: number, initialise: Initialiser): ParameterDefinition {
  return { layout: rowLayout(rows, columns), shape: [rows, columns], initialise, decays: true };
}

/** A learned tensor; `value` and `gradient` have the same layout. */
export interface Parameter extends ParameterDefinition {
  /** For example `1.lstm.weightHidden`. */
  readonly path: string;
  /** How it is kept as int8; undefined where it is float32. */
  readonly int8: Storage | undefined;
  readonly value: Span;
  readonly gradient: Span;
}

export function parameter(path: string, definition: ParameterDefinition, keeping?: Keeping): Parameter {
  const { count } = definition.layout;
  const int8 = keeping?.storage(path, definition);
  return {
    ...definition,
    path,
    int8,
    value: span(path, int8?.count ?? count, { role: "kept", holds: int8 ? "words" : "floats" }),
    gradient: span(`gradient of ${path}`, count, { role: "kept" }),
  };
}

/** The elements of a parameter's value (or of what lies at `from` alike), row-major and without padding. */
export function readParameter(
  engine: Engine,
  { layout, value, int8 }: Parameter,
  from: Span = value,
): Float32Array {
  const at = addressOf(place(from));
  if (int8) return int8.read(engine, at);
  const values = new Float32Array(layout.rows * layout.columns);
  byStrips(engine, layout, at, (strip, row, arrange) => {
    arrange(1);
    values.set(engine.view(strip.address, strip.count), row * layout.columns);
  });
  return values;
}

/** Sets the elements of a parameter's value (or of what lies `to`) from row-major ones without padding. */
export function writeParameter(
  engine: Engine,
  { layout, value }: Parameter,
  values: Float32Array,
  to: Span = value,
): void {
  byStrips(engine, layout, addressOf(place(to)), (strip, row, arrange) => {
    const from = row * layout.columns;
    engine.view(strip.address, strip.count).set(values.subarray(from, from + strip.count));
    arrange(0);
  });
}

/** Numbers that are brought into panels at a time, so that the copy of a large weight stays small. */
const STRIP = 1 << 16;

/** Rows of a weight, one after another and without padding. */
interface Strip {
  readonly address: Address;
  /** Numbers in it. */
  readonly count: number;
}

/** Goes through a weight at `at`, some rows at a time; `arrange` copies them to where they lie, or, with 1, from there. */
function byStrips(
  engine: Engine,
  { rows, columns, stride, columnsOf }: Layout,
  at: Address,
  use: (strip: Strip, row: number, arrange: (back: 0 | 1) => void) => void,
): void {
  if (!columnsOf) {
    const together = stride === columns ? rows : 1;
    for (let row = 0; row < rows; row += together) {
      use({ address: (at + row * stride * 4) as Address, count: together * columns }, row, () => {});
    }
    return;
  }
  const most = Math.max(1, Math.floor(STRIP / columns));
  const block = engine.allocate(Math.min(rows, most) * columns * 4, "rows of a weight");
  try {
    for (let row = 0; row < rows; row += most) {
      const count = Math.min(rows - row, most);
      const panels = (at + row * LINE * 4) as Address;
      use({ address: block.address, count: count * columns }, row, (back) =>
        engine.call("arrangePanels", { rows: block.address, panels, ...columnsOf, count, depth: rows, back }),
      );
    }
  } finally {
    engine.release(block);
  }
}
