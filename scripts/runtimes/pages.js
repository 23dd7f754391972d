// Serves the built package with pages that try it, and waits for what they find: any browser that can open an address will do.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const root = new URL("../../", import.meta.url);
const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";

/** The headers of the pages, by the name of the case. @type {Record<string, Record<string, string>>} */
export const cases = {
  isolated: isolation,
  plain: {},
  policy: { ...isolation, "Content-Security-Policy": policy },
  policyWithWorker: { ...isolation, "Content-Security-Policy": policy },
  forbidden: { "Content-Security-Policy": "default-src 'self'" },
  files: { ...isolation, "Content-Security-Policy": policy },
  noFiles: {},
  script: {},
  worker: isolation,
  worklet: {},
};

/**
 * Has a browser open the pages of all cases, one after the other, and gives what each found. Pages go on to the next by
 * themselves, so that nothing drives the browser.
 *
 * @param {(address: string) => Promise<() => unknown>} open Opens an address and gives what closes the browser.
 * @param {{ names?: readonly string[], threads?: number, patience?: number }} [options] `patience`: seconds for all of them.
 * @returns {Promise<{ found: Record<string, any>, asked: string[] }>} `asked`: the paths that were asked for.
 */
export async function tryPages(open, { names = Object.keys(cases), threads = 2, patience = 120 } = {}) {
  /** @type {Record<string, unknown>} */
  const found = {};
  /** @type {string[]} */
  const asked = [];
  /** @type {() => void} */
  let done = () => {};
  const all = new Promise((resolve) => {
    done = () => resolve(undefined);
  });
  const pathOf = (/** @type {string | undefined} */ name) =>
    name ? `/?case=${name}&threads=${threads}` : "";
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    const name = searchParams.get("case") ?? "";
    asked.push(pathname);
    if (request.method === "POST") {
      let text = "";
      for await (const part of request) text += part;
      found[name] = JSON.parse(text);
      const next = names.find((name) => !(name in found));
      response.end(pathOf(next));
      if (next === undefined) done();
    } else if (pathname === "/") {
      const script = name === "script" ? '<script src="/dist/script/recurra.js"></script>' : "";
      response.writeHead(200, { "Content-Type": "text/html", ...cases[name] });
      response.end(`<!doctype html>${script}<script type="module" src="/test/runtimes/page.js"></script>`);
    } else {
      await sendFile(pathname, response);
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = await open(`http://localhost:${port}${pathOf(names[0])}`);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let late;
  const timeout = new Promise((_, reject) => {
    const left = () => names.filter((name) => !(name in found)).join(", ");
    late = setTimeout(
      () => reject(new Error(`No answer in ${patience} s from: ${left()}.`)),
      patience * 1000,
    );
  });
  try {
    await Promise.race([all, timeout]);
  } finally {
    clearTimeout(late);
    await close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  return { found, asked };
}

/**
 * @param {string} pathname
 * @param {import("node:http").ServerResponse} response
 */
async function sendFile(pathname, response) {
  const type = pathname.endsWith(".wasm") ? "application/wasm" : "text/javascript";
  try {
    if (!/^\/(dist|test\/runtimes)\//.test(pathname)) throw new Error("not served");
    const body = await readFile(fileURLToPath(new URL(`.${pathname}`, root)));
    // What an isolated page loads must be isolated too: a worker's script, for example.
    response.writeHead(200, {
      "Content-Type": type,
      ...isolation,
      "Cross-Origin-Resource-Policy": "same-origin",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}
