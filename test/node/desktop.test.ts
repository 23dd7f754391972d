/** The page as a program of its own: one file opened from a disk, and a folder on a host that knows nothing of it. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContext, chromium } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/chromium.js";
import { oneFile } from "../../scripts/desktop/html.js";
import { writePwa } from "../../scripts/desktop/pwa.js";
import { drive, listenForErrors } from "./drive.js";

/** Only ends a test that hangs: how fast the machine is decides nothing here. */
const timeout = 120_000;

let folder: string;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recurra-desktop-"));
  browser = await chromium.launch(findChromium());
}, timeout);

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  context = await browser.newContext();
  context.setDefaultTimeout(timeout);
});

afterEach(async () => {
  await context.close();
});

describe("the page in one file", () => {
  test("trains, writes, saves and loads from a disk, with the network off", { timeout }, async () => {
    const file = join(folder, "recurra.html");
    await writeFile(file, await oneFile());
    const address = pathToFileURL(file).href;
    await context.setOffline(true);
    const page = await context.newPage();
    const user = drive(page);
    const errors = listenForErrors(page);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));

    await page.goto(address);
    await user.shrink();
    await user.train(3.2);
    await user.stop();
    const written = await user.writeOn("The whale ");
    const { name, bytes } = await user.save();
    expect(name).toBe("moby-dick.safetensors");

    await page.reload();
    await user.openFile(bytes);
    await page.locator("#save:enabled").waitFor();
    expect(await user.writeOn("The whale ")).toBe(written);
    expect((await user.save()).bytes.equals(bytes)).toBe(true);

    expect(await user.textOf("#threads")).toBe("–"); // a loaded model has not been measured
    expect(requests.filter((url) => !url.startsWith("blob:") && !url.startsWith("data:"))).toEqual([
      address,
      address,
    ]);
    expect(errors).toEqual([]);
  });

  test("may not fetch anything, whatever it tried", { timeout }, async () => {
    const file = join(folder, "closed.html");
    await writeFile(file, await oneFile());
    const page = await context.newPage();
    await page.goto(pathToFileURL(file).href);
    const refused = page.evaluate(
      () =>
        new Promise((resolve) => {
          addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
            resolve(effectiveDirective),
          );
          fetch("https://example.invalid/").catch(() => {});
        }),
    );
    expect(await refused).toBe("connect-src");
  });
});

describe("the page in a folder", () => {
  let server: Server;
  let address: string;

  beforeEach(async () => {
    await writePwa(join(folder, "host/app"));
    ({ server, address } = await serve(join(folder, "host")));
  });

  afterEach(() => stop(server));

  test("isolates itself on any host, trains on threads, and needs no host afterwards", {
    timeout,
  }, async () => {
    const page = await context.newPage();
    const user = drive(page);
    const errors = listenForErrors(page);
    await page.goto(`${address}/app/`);
    await page.waitForFunction(() => crossOriginIsolated);

    await stop(server);
    for (const path of ["/app/", "/app/?from=here", "/app/index.html"]) {
      await page.goto(address + path);
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    }
    const cores = await page.evaluate(() => Math.min(navigator.hardwareConcurrency, 64));
    await page.click("#start");
    await page.locator("#samples li").nth(1).waitFor();
    await expect.poll(() => user.textOf("#threads"), { timeout }).toBe(String(cores));
    await user.stop();
    expect(await user.writeOn("The whale ")).toMatch(/^The whale /);
    expect(errors).toEqual([]);
  });

  test("takes a new version as a whole, and keeps no file of the old one", { timeout }, async () => {
    const page = await context.newPage();
    await page.goto(`${address}/app/`);
    await page.waitForFunction(() => crossOriginIsolated);
    const [first] = await page.evaluate(() => caches.keys());

    // A host on which half of the new version has arrived.
    await writePwa(join(folder, "next"), { "style.css": "body { --version: 2 }" });
    await cp(join(folder, "next/service-worker.js"), join(folder, "host/app/service-worker.js"));
    const refused = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      const coming = new Promise((resolve) => {
        registration.addEventListener("updatefound", () => {
          const { installing } = registration;
          installing?.addEventListener("statechange", () => resolve(installing.state));
        });
      });
      await registration.update().catch(() => {});
      return coming;
    });
    expect(refused).toBe("redundant");
    expect(await versionOf(page)).toBe("");

    await cp(join(folder, "next"), join(folder, "host/app"), { recursive: true });
    await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.ready;
      await registration.update();
    });
    await page.waitForFunction(async () => (await navigator.serviceWorker.ready).waiting !== null);
    expect(await versionOf(page)).toBe(""); // while the page is open it stays what it is
    await page.close();

    const again = await context.newPage();
    await expect
      .poll(
        async () => {
          await again.goto("about:blank"); // so that the old version is nobody's any more
          await again.goto(`${address}/app/`);
          return versionOf(again);
        },
        { timeout },
      )
      .toBe("2");
    await expect.poll(() => again.evaluate(() => caches.keys()), { timeout }).toHaveLength(1);
    const [second] = await again.evaluate(() => caches.keys());
    expect(second).not.toBe(first);
    expect(await again.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  test("has what installing asks for, and names its version after its content", { timeout }, async () => {
    const app = join(folder, "host/app");
    const manifest = JSON.parse(await readFile(join(app, "manifest.webmanifest"), "utf8"));
    const files = await readdir(app);
    for (const { src } of manifest.icons) expect(files).toContain(src);
    expect(manifest).toMatchObject({ start_url: "./", scope: "./", display: "standalone" });

    const worker = await readFile(join(app, "service-worker.js"), "utf8");
    const { files: kept } = JSON.parse(worker.slice(worker.indexOf("{"), worker.indexOf(";\n")));
    const others = ["index.html", "service-worker.js"];
    expect(Object.keys(kept).sort()).toEqual(
      ["./", ...files.filter((file) => !others.includes(file))].sort(),
    );

    await writePwa(app);
    expect(await readFile(join(app, "service-worker.js"), "utf8")).toBe(worker);
    await writePwa(app, { "book.txt": "Another book." });
    expect(await readFile(join(app, "service-worker.js"), "utf8")).not.toBe(worker);
  });
});

/** Which stylesheet a page has. */
const versionOf = (page: Awaited<ReturnType<BrowserContext["newPage"]>>) =>
  page.evaluate(() => getComputedStyle(document.body).getPropertyValue("--version").trim());

const types: Record<string, string> = {
  ".html": "text/html",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".js": "text/javascript",
  ".txt": "text/plain",
  ".webmanifest": "application/manifest+json",
};

/** A host of files that sends a type and nothing else. */
async function serve(root: string): Promise<{ server: Server; address: string }> {
  const server = createServer(async ({ url = "" }, response) => {
    const path = new URL(url, "http://localhost").pathname.replace(/\/$/, "/index.html");
    const body = await readFile(join(root, path)).catch(() => undefined);
    const type = types[extname(path)] ?? "application/octet-stream";
    response.writeHead(body ? 200 : 404, { "Content-Type": type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { server, address: `http://localhost:${address.port}` };
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}
