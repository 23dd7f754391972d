/** Checkpoints of a training while it goes on: the last, and those of the best validations. */
import { InputError } from "../errors.js";
import { checkpoint } from "./resume.js";
import type { Follow } from "./train.js";
import type { Scored } from "./training.js";

/** Where files are kept by name, each as a whole: `folder` of `recurra/node`, `storage` of `recurra/browser`, or your own. */
export interface Store {
  /** Resolves when the bytes will outlast a crash; until then `load` gives what there was before. */
  save(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined if there is none. */
  load(name: string): Promise<Uint8Array | undefined>;
  /** Does nothing if there is none. */
  remove(name: string): Promise<void>;
}

export interface CheckpointOptions {
  /** After how many steps, again and again; default: after each validation. And where the loop ends or is left by `break`. */
  readonly every?: number;
  /** How many of the best validations have a checkpoint of their own, `best-STEP.safetensors`; default 0. */
  readonly best?: number;
}

/** The name of the last checkpoint. */
export const LAST = "last.safetensors";

/**
 * Saves a training in a store as it goes on: `net.fit(batches, { keep: checkpoints(folder("run")), ... })`. To take it up,
 * `start: resume(await folder("run").load("last.safetensors"))`.
 */
export function checkpoints(store: Store, { every, best = 0 }: CheckpointOptions = {}): Follow {
  requireWhole("checkpoints.every", every ?? 1, 1);
  requireWhole("checkpoints.best", best, 0);
  return async function* (training, model) {
    let saved = -1;
    let step = -1;
    const saveLast = async () => {
      if (saved === step) return;
      await store.save(LAST, checkpoint(model));
      saved = step;
    };
    for await (const progress of training) {
      const { validation, last } = progress;
      step = progress.step;
      if (validation && best > 0) {
        const { validations } = model.network.training!;
        const kept = bestOf(validations, best);
        if (kept.includes(step)) await store.save(nameOf(step), checkpoint(model));
        for (const other of bestOf(validations.slice(0, -1), best)) {
          if (!kept.includes(other)) await store.remove(nameOf(other));
        }
      }
      const due = every === undefined ? validation !== undefined : (step + 1) % every === 0;
      if (due || last) await saveLast();
      let left = true;
      try {
        yield progress;
        left = false;
      } finally {
        if (left) await saveLast();
      }
    }
  };
}

/** The steps of the best, those of NaN last; of equals the first is better. */
function bestOf(validations: readonly Scored[], count: number): number[] {
  const rank = ({ score }: Scored) => (Number.isNaN(score) ? Infinity : score);
  const ranked = validations.toSorted((a, b) =>
    rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : a.step - b.step,
  );
  return ranked.slice(0, count).map(({ step }) => step);
}

function nameOf(step: number): string {
  return `best-${step}.safetensors`;
}

function requireWhole(where: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new InputError({ where, expected: `a whole number from ${least}`, got: String(value) });
}
