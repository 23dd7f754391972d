// Serves the page of site/ on this machine, bundled in memory: `npm run page`.

import { realpathSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { policy, readDates, readSite } from "./site.js";

const headers = {
  "Cache-Control": "no-store",
  "Content-Security-Policy": [...policy, "img-src 'self' data:", "frame-ancestors 'none'"].join("; "),
  // Both together isolate the page, and only an isolated page may share memory.
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** @type {Record<string, string>} */
const types = {
  html: "text/html",
  css: "text/css",
  svg: "image/svg+xml",
  js: "text/javascript",
  txt: "text/plain",
};

/**
 * Of the pages themselves.
 *
 * @type {Record<string, string>}
 */
const paths = { "index.html": "/", "dates.html": "/dates" };

/** Everything the server will ever send, by path: type and content. */
async function readPages() {
  const files = Object.entries({ ...(await readSite()), ...(await readDates()) });
  return new Map(
    files.map(([name, text]) => {
      const type = types[name.split(".").at(-1) ?? ""];
      return [paths[name] ?? `/${name}`, { type, body: Buffer.from(text) }];
    }),
  );
}

/**
 * Serves the page to this machine only; port 0 takes a free one.
 *
 * @param {number} port
 * @returns {Promise<{ address: string, close(): Promise<void> }>}
 */
export async function servePage(port) {
  const pages = await readPages();
  const server = createServer(({ method, url = "" }, response) => {
    const page = pages.get(url.split("?")[0] ?? "");
    if (method !== "GET" && method !== "HEAD") {
      response.writeHead(405, { ...headers, Allow: "GET, HEAD" }).end();
    } else if (!page) {
      response.writeHead(404, headers).end();
    } else {
      const type = { "Content-Type": `${page.type}; charset=utf-8`, "Content-Length": page.body.byteLength };
      response.writeHead(200, { ...headers, ...type }).end(method === "HEAD" ? undefined : page.body);
    }
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "localhost", () => resolve(undefined));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return {
    address: `http://localhost:${address.port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** @param {string} text */
function toPort(text) {
  const port = Number(text);
  if (!(Number.isInteger(port) && port >= 0 && port <= 65535 && text.trim() !== ""))
    throw new InvalidArgumentError("A port is a whole number from 0 to 65535; 0 takes a free one.");
  return port;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { port } = new Command("npm run page --")
    .description("Serves a page that trains a character model in the browser.")
    .option("--port <number>", "where to serve it; 0 takes a free port", toPort, 5173)
    .parse()
    .opts();
  try {
    const { address } = await servePage(port);
    console.log(`The page is at ${address} until you press Ctrl-C.`);
  } catch (error) {
    const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "EADDRINUSE")
      console.error(`Port ${port} is taken: try another with --port, or 0 for a free one.`);
    else console.error(`The page cannot be served: ${message}\nIs the library built? npm run build`);
    process.exitCode = 1;
  }
}
