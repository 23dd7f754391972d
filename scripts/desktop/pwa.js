// The page as a folder for any static host: its service worker isolates it, so that threads share memory, and keeps it for
// when there is no network.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bundle, policy, readSite, root } from "../site.js";
import { insert, replace, tags } from "./tags.js";

/**
 * Writes the folder anew. What the service worker keeps is named after its content, so that any change is an update.
 *
 * @param {string} folder
 * @param {Partial<import("../site.js").Site>} changes Files to have instead.
 */
export async function writePwa(folder, changes = {}) {
  const site = { ...(await readSite()), ...changes };
  /** @type {Record<string, string>} */
  const files = {
    ...site,
    "index.html": pageOf(site["index.html"]),
    "offline.js": await bundle("site/pwa/offline.js", "esm"),
    "icon-maskable.svg": await readFile(join(root, "site/pwa/icon-maskable.svg"), "utf8"),
    "manifest.webmanifest": await readFile(join(root, "site/pwa/manifest.webmanifest"), "utf8"),
  };
  const hashes = Object.entries(files).map(([name, text]) => {
    // A host gives the page under the name of its folder, and often under no other.
    return [name === "index.html" ? "./" : name, `sha256-${hash(text).toString("base64")}`];
  });
  const kept = {
    version: hash(hashes.join()).toString("hex").slice(0, 16),
    files: Object.fromEntries(hashes),
  };
  const worker = await bundle("site/pwa/service-worker.js", "iife");
  files["service-worker.js"] = `const kept = ${JSON.stringify(kept)};\n${worker}`;

  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** @param {string} html */
function pageOf(html) {
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">`,
    '<link rel="manifest" href="manifest.webmanifest">',
    '<meta name="theme-color" content="#0b5c78">',
  ];
  const scripts = `${tags.page}\n<script type="module" src="offline.js"></script>`;
  return replace(insert(html, tags.charset, head.join("\n")), tags.page, scripts);
}

/** @param {string} text */
function hash(text) {
  return createHash("sha256").update(text).digest();
}
