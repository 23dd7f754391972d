/** The main job: the held-out loss of examples/book.js in its default time, or in `--seconds`. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { result } from "./measure.js";

/** Nats for each character of the same held-out tenth by a 5-gram with Witten-Bell smoothing. */
const FIVE_GRAM = 1.547;

/** @param {import("./measure.js").Options} options */
export default async function book({ seconds }) {
  const out = await mkdtemp(join(tmpdir(), "recurra-bench-"));
  try {
    const time = seconds === undefined ? [] : ["--seconds", String(seconds)];
    const run = await runBook(["--json", "--out", out, ...time]);
    const ratios = [run.heldOut / FIVE_GRAM];
    return [
      result("held-out", "nats/character", [run.heldOut], { ratios, of: "5-gram" }),
      result("seconds", "s", [run.seconds]),
      result("speed", "characters/s", [run.characters / run.seconds]),
    ];
  } finally {
    await rm(out, { recursive: true });
  }
}

/**
 * What the main job says at its end; its progress is shown as it goes.
 *
 * @param {string[]} options
 * @returns {Promise<{ heldOut: number, seconds: number, characters: number }>}
 */
async function runBook(options) {
  const child = spawn(process.execPath, ["examples/book.js", ...options], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (status !== 0) throw new Error(`examples/book.js ended with status ${status}.`);
  return JSON.parse(output.trimEnd().split("\n").at(-1) ?? "");
}
