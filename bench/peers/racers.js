// Who takes part: the library, and for each workload the peers that offer what it needs.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * @typedef {import("./runner.js").Racer} Racer
 * @typedef {import("./workloads.js").Workload} Workload
 */

/** @param {string} file */
const path = (file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * A library in a process of Node.js.
 *
 * @param {string} name
 * @param {string} module as racer.js imports it
 * @returns {Racer}
 */
export const inNode = (name, module) => ({
  name,
  command: process.execPath,
  args: [path("racer.js"), module],
});

export const ours = inNode("recurra", "./recurra.js");

/** @param {Workload} workload */
const trains = ({ kind }) => kind === "train";

/** @type {readonly { racer: Racer, package?: string, takes: (workload: Workload) => boolean }[]} */
const peers = [
  {
    racer: inNode("onnxruntime-web", "./libraries/onnxruntime-web.js"),
    package: "onnxruntime-web",
    takes: (workload) => !trains(workload),
  },
  {
    racer: inNode("onnxruntime-node", "./libraries/onnxruntime-node.js"),
    package: "onnxruntime-node",
    takes: (workload) => !trains(workload),
  },
  { racer: inNode("jax-js", "./libraries/jax.js"), package: "@jax-js/jax", takes: trains },
  { racer: inNode("tfjs", "./libraries/tfjs.js"), package: "@tensorflow/tfjs", takes: trains },
  {
    racer: inNode("brain.js", "./libraries/brain.js"),
    package: "brain.js",
    takes: (workload) => trains(workload) && !workload.text,
  },
  {
    racer: { name: "pytorch", command: "python3", args: [path("libraries/pytorch.py")] },
    takes: () => true,
  },
];

/**
 * The peers that take a workload.
 *
 * @param {Workload} workload
 */
export const peersFor = (workload) => peers.filter(({ takes }) => takes(workload)).map(({ racer }) => racer);

/** The versions of the peers, by their names: those that package.json pins, and PyTorch's if it is on the machine. */
export function versions() {
  /** @type {{ dependencies: Record<string, string> }} */
  const { dependencies } = JSON.parse(readFileSync(path("package.json"), "utf8"));
  const python = spawnSync("python3", ["-c", "import torch; print(torch.__version__)"], { encoding: "utf8" });
  return Object.fromEntries(
    peers.map(({ racer, package: name }) => [
      racer.name,
      name === undefined ? python.stdout?.trim() : dependencies[name],
    ]),
  );
}
