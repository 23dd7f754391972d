// Every runtime that the package is tried in: how to have it run the probe, and how it loads the package.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { binaryOf } from "./binaries.js";
import { openChromium, openFirefox, openWebKit } from "./browsers.js";
import { loadByEdgeRuntime } from "./edge-runtime.js";
import { installOnce } from "./install.js";
import { tryPages } from "./pages.js";
import { serveByWorkerd } from "./workerd.js";

/**
 * @typedef {import("../../test/runtimes/probe.js").Found} Found
 * @typedef {object} Row
 * @property {string} name
 * @property {boolean} carried Whether `npm ci` brings it, so that every run of the tests tries it.
 * @property {string} loads How the package is loaded there, in Markdown.
 * @property {boolean} alone Whether there is one thread only.
 * @property {(threads: number) => Promise<Found>} find
 */

const host = "test/runtimes/host.js";
const anywhere = "`recurra`, kernels inside";

/** @type {readonly Row[]} */
export const rows = [
  ...[20, 22, 24, 26].map((release) => ({
    name: `Node.js ${release}`,
    carried: process.versions.node.startsWith(`${release}.`),
    loads: anywhere,
    alone: false,
    find: (/** @type {number} */ threads) => probeBy(nodeOf(release), host, `${threads}`),
  })),
  {
    name: "Deno",
    carried: true,
    loads: `${anywhere}; no permission needed`,
    alone: false,
    find: (threads) => probeBy(binaryOf("deno"), "run", "--no-prompt", "--cached-only", host, `${threads}`),
  },
  {
    name: "Bun",
    carried: true,
    loads: anywhere,
    alone: false,
    find: (threads) => probeBy(binaryOf("bun"), host, `${threads}`),
  },
  {
    name: "Cloudflare's workerd",
    carried: true,
    loads: "`recurra`, by its condition `workerd`: `.wasm` modules",
    alone: true,
    async find(threads) {
      const { address, close } = await serveByWorkerd("test/runtimes/worker.js");
      try {
        return await (await fetch(`${address}/?threads=${threads}`)).json();
      } finally {
        await close();
      }
    },
  },
  {
    name: "Vercel's edge-runtime",
    carried: true,
    loads: "`recurra/edge-light`: `.wasm?module`",
    alone: true,
    async find(threads) {
      const { answer } = await loadByEdgeRuntime("test/runtimes/edge.js");
      return (await answer(`http://localhost/?threads=${threads}`)).json();
    },
  },
  browser("Chromium", true, openChromium),
  browser("Firefox", false, openFirefox),
  browser("WebKitGTK", false, openWebKit),
];

/**
 * @param {string} name
 * @param {boolean} carried
 * @param {import("./browsers.js").Open} open
 * @returns {Row}
 */
function browser(name, carried, open) {
  return {
    name: `${name}, isolated page`,
    carried,
    loads: `${anywhere}; or files, for pages with a policy`,
    alone: false,
    async find(threads) {
      const { found } = await tryPages(open, { names: ["isolated"], threads });
      return found.isolated;
    },
  };
}

/** @param {number} release */
function nodeOf(release) {
  if (process.versions.node.startsWith(`${release}.`)) return process.execPath;
  const folder = fileURLToPath(new URL("nodes", import.meta.url));
  installOnce(folder);
  const file = `${folder}/node_modules/node-${release}/bin/node`;
  if (!existsSync(file)) throw new Error(`There is no Node.js ${release} on npm for this system.`);
  return file;
}

/**
 * What a process that runs the probe on its own prints.
 *
 * @param {string} program
 * @param {readonly string[]} args
 */
async function probeBy(program, ...args) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const part of child.stdout) text += part;
  return JSON.parse(text);
}
