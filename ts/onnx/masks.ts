/** Masks that hide later steps: numbers [..., steps, steps] that are one up to the diagonal and another past it. */
import { type Call, knownAt, refuse } from "./builder.js";
import { uniform } from "./constants.js";
import { type Extent, type Followed, type Known, known, type Triangle } from "./signal.js";

/** An operator on a triangle: what it is on the numbers of either side. */
export function onTriangle(call: Call, operator: (call: Call) => Followed): Followed {
  const side = (name: "past" | "future"): Known => {
    const inputs = call.inputs.map((input) =>
      input?.kind === "triangle" ? known(input.shape, [input[name]], { real: input.real }) : input,
    );
    const made = operator({ ...call, inputs });
    if (made.kind !== "known") return refuse(call, "numbers of the file", "computed values");
    return made;
  };
  const [past, future] = [side("past"), side("future")];
  if (call.node.operator === "Shape") return past;
  const { shape, real } = past;
  const [before, after] = [uniform(call, past), uniform(call, future)];
  if (before !== undefined && before === after) return past;
  if (before === undefined || after === undefined || !isSquare(shape)) {
    return refuse(call, "a mask of one number for what is seen and one for what is not", "others");
  }
  return { kind: "triangle", shape, real, past: before, future: after };
}

/** Numbers up to the diagonal, or past it; zeros elsewhere. */
export function trilu(call: Call): Known | Triangle {
  const from = knownAt(call, 0);
  const upper = call.node.attributes.integer("upper", 1) !== 0;
  const offset = call.inputs[1] ? uniform(call, knownAt(call, 1)) : 0;
  const { shape, values, real } = from;
  if (shape.length < 2 || offset === undefined) return refuse(call, "matrices", `[${shape}]`);
  if (isSquare(shape)) {
    const value = uniform(call, from);
    if (value === undefined || offset !== Number(upper)) {
      return refuse(call, "one number up to the own step, or past it", `an offset of ${offset}`);
    }
    if (value === 0) return from;
    return { kind: "triangle", shape, real, past: upper ? 0 : value, future: upper ? value : 0 };
  }
  const [rows, columns] = shape.slice(-2);
  if (typeof rows !== "number" || typeof columns !== "number")
    return refuse(call, "matrices of steps by steps", `[${shape}]`);
  call.builder.spend(call, values.length);
  const within = (at: number) => {
    const diagonal = (at % columns) - (Math.floor(at / columns) % rows) - offset;
    return upper ? diagonal >= 0 : diagonal <= 0;
  };
  return {
    ...from,
    values: Float32Array.from(values as ArrayLike<number>, (value, at) => (within(at) ? value : 0)),
  };
}

/** What a mask lets be seen, if `hidden` and `seen` tell so from its numbers. */
export function sightOf(
  call: Call,
  mask: Followed | undefined,
  hidden: (value: number) => boolean,
  seen: (value: number) => boolean,
): "all" | "past" {
  if (mask?.kind === "known") {
    const one = uniform(call, mask);
    if (one !== undefined && seen(one)) return "all";
  }
  const sides = mask?.kind === "triangle" ? mask : mask?.kind === "known" ? sidesOf(call, mask) : undefined;
  if (sides && mask?.kind === "known") call.builder.assume(call, "steps", mask.shape.at(-1) as number);
  if (sides && seen(sides.past) && hidden(sides.future)) return "past";
  return refuse(
    call,
    "a mask that hides later steps, or nothing",
    sides ? `${sides.past} and ${sides.future}` : "another",
  );
}

/** As many rows and columns as there are steps, of numbers of the file [1, ..., n, n] that are a triangle. */
export function corner(call: Call, { shape, values, real }: Known): Triangle | undefined {
  const sides = sidesOf(call, { shape, values });
  return sides && { kind: "triangle", shape: [...shape.slice(0, -2), "steps", "steps"], real, ...sides };
}

/** The numbers on either side of a triangle [1, ..., n, n] of the file; undefined for another. */
function sidesOf(
  call: Call,
  { shape, values }: Pick<Known, "shape" | "values">,
): Pick<Triangle, "past" | "future"> | undefined {
  const [rows, columns] = shape.slice(-2);
  if (typeof rows !== "number" || rows !== columns || rows < 2 || values.length !== rows * rows)
    return undefined;
  call.builder.spend(call, values.length);
  const [past, future] = [values[0] as number, values[1] as number];
  for (let at = 0; at < values.length; at++) {
    if (values[at] !== (at % rows > Math.floor(at / rows) ? future : past)) return undefined;
  }
  return { past, future };
}

function isSquare(shape: readonly Extent[]): boolean {
  const [rows, columns] = shape.slice(-2);
  return rows === "steps" && columns === "steps";
}
