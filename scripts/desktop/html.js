// The page as one file that opens from a disk: nothing is fetched, and its policy allows nothing to be.

import { createHash } from "node:crypto";
import { readSite } from "../site.js";
import { insert, replace, tags } from "./tags.js";

/**
 * The text of the file. The book and the worker are in it as blocks of data, from which pages of files may make what they may
 * not load.
 *
 * @returns {Promise<string>}
 */
export async function oneFile() {
  const site = await readSite();
  const policy = [
    "default-src 'none'",
    `script-src '${hash(site["page.js"])}' 'wasm-unsafe-eval'`,
    `style-src '${hash(site["style.css"])}'`,
    "worker-src blob:",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const icon = `data:image/svg+xml;base64,${Buffer.from(site["icon.svg"]).toString("base64")}`;
  let html = site["index.html"];
  html = insert(html, tags.charset, `<meta http-equiv="Content-Security-Policy" content="${policy}">`);
  html = replace(html, tags.icon, `<link rel="icon" href="${icon}">`);
  html = replace(html, tags.style, `<style>${site["style.css"]}</style>`);
  html = replace(html, tags.page, `<script type="module">${script(site["page.js"])}</script>`);
  const data = [
    `<script type="text/plain" id="worker">${script(site["worker.js"])}</script>`,
    `<script type="text/plain" id="book">${script(site["book.txt"])}</script>`,
  ];
  return insert(html, tags.main, data.join("\n"));
}

/** @param {string} text */
function hash(text) {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/**
 * The text as it is, if an element can hold it so.
 *
 * @param {string} text
 */
function script(text) {
  if (/<\/script|<!--|\r/i.test(text))
    throw new Error("A script or a text has what would end its element, or change in it.");
  return text;
}
