/** Files that are written for Keras and TensorFlow.js are those that they have loaded, with outputs like ours. */
import { expect, test } from "vitest";
import { toKeras, toKerasLayers } from "../../ts/keras/index.js";
import { exported, outputsOf, settled } from "../keras/exports.js";
import { expectClose } from "../reference/compare.js";
import cases from "./keras/exported.json" with { type: "json" };

async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test.each(cases)("$name: $kind", async ({ name, kind, sha256: known, y }) => {
  const each = exported.find((each) => each.name === name && each[kind as "keras" | "layers"])!;
  const net = await settled(each);
  const { data } = await outputsOf(net, each);
  const [, steps, width] = y.shape.length === 3 ? y.shape : [0, 1, 1];
  const counts = (_: number, i: number) =>
    y.shape.length < 3 ||
    Math.floor(i / width!) % steps! < (each.lengths?.[Math.floor(i / (steps! * width!))] ?? steps!);
  expectClose([...data].filter(counts), y.data.filter(counts), kind === "keras" ? 1e-6 : 1e-5);
  if (kind === "keras") return expect(await sha256(toKeras(net))).toBe(known);
  const { json, files } = toKerasLayers(net);
  const [bytes] = files.values();
  expect(await sha256(json + (await sha256(bytes!)))).toBe(known);
});
