/** Layers of Keras that change the steps: repeated, side by side, convolved, or only one. */
import { conv1d } from "../layers/conv1d.js";
import { flatten } from "../layers/flatten.js";
import { activationLayers } from "./activations.js";
import type { Apply, Subject } from "./convert.js";
import type { Parameters } from "./gates.js";
import { pipe, requireNumbers } from "./pipe.js";
import { requireSequence } from "./recurrent.js";
import type { Signal } from "./wires.js";

export function repeatVector(subject: Subject): Apply {
  const steps = subject.settings.width("n");
  return ([input]) => {
    const x = requireNumbers(subject, input);
    if (x.sequence) subject.refuse("one row", "a sequence");
    const node = subject.wires.operation(subject.name, { op: "repeat", steps }, x.node);
    return [{ ...x, node, sequence: true, of: undefined, steps }];
  };
}

/** Rows are flat already; of sequences the number of steps must be known. */
export function flattenOf(subject: Subject): Apply {
  if (subject.settings.text("data_format", "channels_last") !== "channels_last") {
    subject.refuse("channels last", "channels_first");
  }
  return ([input]) => {
    const x = requireNumbers(subject, input);
    return [x.sequence ? inOneRow(subject, x) : x];
  };
}

/** Steps side by side in one row, a row cut into steps, or nothing. */
export function reshapeOf(subject: Subject): Apply {
  const { settings, wires, name } = subject;
  const target = settings.list("target_shape");
  const refuse = () => settings.refuse("target_shape", "[width] or [steps, width]", target);
  const whole = (length: unknown): length is number => Number.isInteger(length) && (length as number) >= 1;
  if (![1, 2].includes(target.length) || !target.every((length) => length === -1 || whole(length))) refuse();
  return ([input]) => {
    const x = requireNumbers(subject, input);
    const [steps, width] = target.length === 1 ? [undefined, target[0]] : target;
    if (x.sequence && (width === x.width || width === -1) && steps !== undefined) {
      if (steps === x.steps || (steps === -1 && width !== -1)) return [x];
    }
    const row = x.sequence ? inOneRow(subject, x) : x;
    const columns = width === -1 ? row.width / (steps === undefined ? 1 : (steps as number)) : width;
    const rows = steps === -1 ? row.width / (columns as number) : (steps ?? 1);
    if (!whole(columns) || !whole(rows) || rows * columns !== row.width) return refuse();
    if (steps === undefined) return [row];
    if (rows > MOST_STEPS) subject.refuse(`at most ${MOST_STEPS} steps`, String(rows));
    const cut = Array.from({ length: rows }, (_, step) => {
      const part = { op: "slice", from: step * columns, to: (step + 1) * columns } as const;
      return wires.operation(`${name}_${step}`, part, row.node);
    });
    const node = rows === 1 ? row.node : wires.operation(name, { op: "stack" }, ...cut);
    return [{ ...row, node, width: columns, sequence: true, steps: rows }];
  };
}

/** Most steps that a row is cut into. */
const MOST_STEPS = 1024;

function inOneRow(subject: Subject, x: Signal): Signal {
  const { steps } = x;
  if (steps === undefined) return subject.refuse("a fixed number of steps", "any");
  if (x.masked) subject.refuse("steps that all count, for Keras does not look at the mask here", "a mask");
  const node = subject.wires.layer(subject.name, flatten(steps), x.node);
  return { ...x, node, width: steps * x.width, sequence: false, of: undefined };
}

export function convolution(subject: Subject): Apply {
  const { settings, weights, where } = subject;
  const units = settings.width("filters");
  const [size, stride, dilation] = ["kernel_size", "strides", "dilation_rate"].map((key) =>
    one(subject, key),
  );
  const padding = settings.text("padding", "valid");
  const bias = settings.flag("use_bias", true);
  if (padding !== "valid" && padding !== "same" && padding !== "causal") {
    return settings.refuse("padding", "valid, same or causal", padding);
  }
  if (
    settings.text("data_format", "channels_last") !== "channels_last" ||
    (settings.value("groups") ?? 1) !== 1
  ) {
    subject.refuse("channels last, all in one group", "others");
  }
  const made = conv1d(units, { size: size!, stride: stride!, dilation: dilation!, padding, bias });
  const after = activationLayers(`${where} activation`, settings.value("activation"), subject.keras3);
  let parameters: Parameters | undefined;
  return ([input]) => {
    const x = requireSequence(subject, input);
    if (x.masked) subject.refuse("steps that all count, for Keras does not look at the mask here", "a mask");
    if (!parameters) {
      const taken = weights.take(where, [[size!, x.width, units], ...(bias ? [[units]] : [])]);
      parameters = new Map([
        ["weight", { shape: [size! * x.width, units], data: taken[0]! }],
        ...(bias ? [["bias", { shape: [units], data: taken[1]! }] as const] : []),
      ]);
    }
    const piped = pipe(subject, x, [made, ...after], parameters);
    const changed = (padding === "valid" && size! > 1) || stride! > 1;
    const reach = padding === "valid" ? (size! - 1) * dilation! : 0;
    const steps = x.steps === undefined ? undefined : Math.ceil((x.steps - reach) / stride!);
    return [{ ...piped, width: units, steps, of: changed ? undefined : x.of }];
  };
}

/** A whole number from 1, alone or in a list; default 1. */
function one({ settings }: Subject, key: string): number {
  const value = settings.value(key) ?? 1;
  const alone = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (!(Number.isInteger(alone) && alone >= 1 && alone <= 65536))
    settings.refuse(key, "a whole number from 1", value);
  return alone;
}

export function pool(subject: Subject, className: string): Apply {
  const { settings, wires, name } = subject;
  const mean = className === "GlobalAveragePooling1D";
  if (settings.flag("keepdims", false)) subject.refuse("one row", "keepdims");
  if (settings.text("data_format", "channels_last") !== "channels_last") {
    subject.refuse("channels last", "channels_first");
  }
  return ([input]) => {
    const x = requireSequence(subject, input);
    if (x.masked && !mean)
      subject.refuse("steps that all count, for Keras does not look at the mask here", "a mask");
    const node = wires.operation(name, { op: mean ? "mean" : "greatest" }, x.node);
    return [{ ...x, node, sequence: false, masked: false, of: undefined }];
  };
}
