// Answers for the page with the files it keeps, and with the headers that isolate a page, which static hosts do not send.

/**
 * @typedef {Event & { waitUntil(work: Promise<unknown>): void }} LifeEvent
 * @typedef {Event & { request: Request, respondWith(response: Promise<Response>): void }} FetchEvent
 */

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** Several pages of one host may keep files, and each forgets its own only. */
const prefix = `recurra ${new URL("./", location.href).pathname} `;
const name = prefix + kept.version;

addEventListener("install", (event) => /** @type {LifeEvent} */ (event).waitUntil(keep()));
addEventListener("activate", (event) => /** @type {LifeEvent} */ (event).waitUntil(forget()));
addEventListener("fetch", (event) => {
  const asked = /** @type {FetchEvent} */ (event);
  const { method, url } = asked.request;
  if (method === "GET" && new URL(url).origin === location.origin) asked.respondWith(answer(asked.request));
});

/** All files of one version or none: while a host has some of the old and some of the new, nothing is installed. */
async function keep() {
  const requests = Object.entries(kept.files).map(
    ([file, integrity]) => new Request(file, { integrity, cache: "no-cache" }),
  );
  await (await caches.open(name)).addAll(requests);
}

async function forget() {
  const old = (await caches.keys()).filter((key) => key.startsWith(prefix) && key !== name);
  await Promise.all(old.map((key) => caches.delete(key)));
}

/** @param {Request} request */
async function answer(request) {
  const cache = await caches.open(name);
  const found =
    (await cache.match(request, { ignoreSearch: true, ignoreVary: true })) ??
    (request.mode === "navigate" ? await cache.match("./") : undefined) ??
    (await fetch(request));
  const { status, statusText, headers } = found;
  if (status === 0) return found; // a redirection, which only the browser may follow
  const answered = new Headers({ ...Object.fromEntries(headers), ...isolation });
  return new Response(found.body, { status, statusText, headers: answered });
}
