/** Which parameters are trained together: ranges of the region of all parameters, as the optimiser takes them. */
import type { Address } from "../engine/address.js";
import { InputError } from "../errors.js";
import type { Parameter } from "../graph/parameter.js";
import { addressOf, place } from "../graph/span.js";
import type { TouchedRows } from "../graph/touched.js";
import { type Range, requireNumber } from "../optimisers/optimiser.js";

/** Parameters that are trained otherwise than the rest. */
export interface Group {
  /**
   * Paths or the beginnings of paths up to a dot; `*` stands for anything. "0.embedding" means all parameters of that layer,
   * "*.bias" all biases.
   */
  readonly parameters: string | readonly string[];
  /** By what their rate is multiplied; 0 freezes them, so that their gradients count for no norm either. Default 1. */
  readonly rate?: number;
  /** Whether weight decay applies to them; default: to matrices, not to biases. */
  readonly decays?: boolean;
}

/** A range of parameters and the factor of their rate. */
export interface Trained extends Range {
  readonly rate: number;
  /** Of a sparse table, which has a range of its own: the rows that are to be updated. */
  readonly touched: TouchedRows | undefined;
}

/**
 * Ranges that cover all parameters but those that are made frozen, as few as the groups allow. Of groups that share a parameter the last one holds.
 * `regions`: where the gradients lie, and the slots. InputError for a pattern that no parameter fits.
 */
export function rangesOf(
  parameters: readonly Parameter[],
  groups: readonly Group[],
  regions: Pick<Range, "engine" | "value" | "gradient" | "slots">,
): Trained[] {
  const settings = new Map(parameters.map(({ path, decays }) => [path, { rate: 1, decays }]));
  for (const [index, { parameters: patterns, rate, decays }] of groups.entries()) {
    const where = `train.groups[${index}]`;
    if (rate !== undefined) requireNumber(`${where}.rate`, rate, 0, Infinity);
    for (const pattern of typeof patterns === "string" ? [patterns] : patterns) {
      const fitting = [...settings].filter(([path]) => fits(path, pattern));
      if (fitting.length === 0) {
        throw new InputError({
          where: `${where}.parameters`,
          expected: `a pattern of ${[...settings.keys()].join(", ")}`,
          got: JSON.stringify(pattern),
        });
      }
      for (const [, setting] of fitting) {
        setting.rate = rate ?? setting.rate;
        setting.decays = decays ?? setting.decays;
      }
    }
  }
  const { engine, value: start } = regions;
  const ranges: Trained[] = [];
  const learned = parameters.filter(({ frozen }) => !frozen);
  const inOrder = learned.toSorted((a, b) => a.value.address! - b.value.address!);
  for (const { path, value, touched } of inOrder) {
    const setting = settings.get(path)!;
    const last = ranges.at(-1);
    const apart = touched ?? last?.touched;
    if (last && !apart && last.rate === setting.rate && last.decays === setting.decays) {
      ranges[ranges.length - 1] = { ...last, count: last.count + value.count };
    } else {
      const offset = addressOf(place(value)) - start;
      const at = (region: Address) => (region + offset) as Address;
      ranges.push({
        engine,
        value: at(start),
        gradient: at(regions.gradient),
        slots: regions.slots.map(at),
        count: value.count,
        touched,
        ...setting,
      });
    }
  }
  return ranges;
}

/** Whether the path, or its beginning up to a dot, is what the pattern says. */
function fits(path: string, pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[\\^$.+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}(\\.|$)`).test(path);
}
