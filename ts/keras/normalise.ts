/** Layers of Keras that normalise. */
import { layerNorm } from "../layers/layer-norm.js";
import { learned } from "../layers/learned.js";
import type { Apply, Subject } from "./convert.js";
import type { Parameters } from "./gates.js";
import { lastAxis, pipe, requireNumbers } from "./pipe.js";
import type { Signal } from "./wires.js";

export function layerNormOf(subject: Subject): Apply {
  const { settings, weights, where } = subject;
  const epsilon = settings.number("epsilon", 1e-3);
  const [shift, gain] = [settings.flag("center", true), settings.flag("scale", true)];
  const axis = lastAxis(settings.value("axis"));
  if (settings.flag("rms_scaling", false)) subject.refuse("the mean taken off", "rms_scaling");
  const made = layerNorm({ epsilon, affine: shift || gain });
  if (shift !== gain)
    subject.warn(`${where}: ${shift ? "scale" : "center"} is learned too if it is trained here`);
  let parameters: Parameters | undefined;
  return ([input]) => {
    const x = requireNumbers(subject, input);
    requireLast(subject, axis, x);
    if (!parameters) {
      const taken = weights.take(
        where,
        [shift, gain].filter(Boolean).map(() => [x.width]),
      );
      const vector = (data: Float32Array) => ({ shape: [x.width], data });
      parameters = new Map([
        ["gain", vector(gain ? taken[0]! : new Float32Array(x.width).fill(1))],
        ["shift", vector(shift ? taken.at(-1)! : new Float32Array(x.width))],
      ]);
    }
    return [pipe(subject, x, [made], shift || gain ? parameters : undefined)];
  };
}

/**
 * As it is after training: each column minus its mean, over its deviation, times its gain, plus its shift, which is one product
 * and one sum.
 */
export function batchNormOf(subject: Subject): Apply {
  const { settings, weights, wires, where, name } = subject;
  const epsilon = settings.number("epsilon", 1e-3);
  const [shifted, scaled] = [settings.flag("center", true), settings.flag("scale", true)];
  const axis = lastAxis(settings.value("axis"));
  if (settings.flag("renorm", false)) settings.refuse("renorm", "false", true);
  // What acts while the statistics are taken, and how the work is shared out.
  for (const key of ["momentum", "moving_mean_initializer", "moving_variance_initializer", "synchronized"]) {
    settings.value(key);
  }
  for (const key of ["fused", "virtual_batch_size", "renorm_clipping", "renorm_momentum"])
    settings.value(key);
  subject.warn(`${where}: its statistics are not taken again if it is trained here; its gain and shift are`);
  const once = atFirst((width) => {
    const given = [...(scaled ? ["gain"] : []), ...(shifted ? ["shift"] : []), "mean", "variance"];
    const taken = weights.take(
      where,
      given.map(() => [width]),
    );
    const part = (name: string) => taken[given.indexOf(name)];
    const gain = Float32Array.from(
      part("variance")!,
      (variance, i) => (part("gain")?.[i] ?? 1) / Math.sqrt(variance + epsilon),
    );
    const shift = Float32Array.from(
      part("mean")!,
      (mean, i) =>
        (part("shift")?.[i] ?? 0) -
        (mean * (part("gain")?.[i] ?? 1)) / Math.sqrt(part("variance")![i]! + epsilon),
    );
    const vector = (data: Float32Array) => new Map([["vector", { shape: [width], data }]]);
    return {
      gain: { layer: learned(width), parameters: vector(gain) },
      shift: { layer: learned(width), parameters: vector(shift) },
    };
  });
  return ([input]) => {
    const x = requireNumbers(subject, input);
    requireLast(subject, axis, x);
    const { gain, shift } = once(x.width);
    const times = wires.layer(`${name}_gain`, gain.layer, x.node, gain.parameters);
    const plus = wires.layer(`${name}_shift`, shift.layer, x.node, shift.parameters);
    const product = wires.operation(`${name}_product`, { op: "multiply" }, x.node, times);
    return [{ ...x, node: wires.operation(name, { op: "add" }, product, plus) }];
  };
}

function requireLast(subject: Subject, axis: unknown, { sequence }: Signal): void {
  if (axis !== -1 && axis !== (sequence ? 2 : 1)) {
    subject.refuse("normalisation over the last axis", `axis ${axis}`);
  }
}

/** What is made for a width at the first call. */
function atFirst<T>(make: (width: number) => T): (width: number) => T {
  let made: T | undefined;
  return (width) => {
    made ??= make(width);
    return made;
  };
}
