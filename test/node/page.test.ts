/** The page trains in a real browser, and its thread stays free for the person before it. */

import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/chromium.js";
import { servePage } from "../../scripts/page.js";
import { load } from "../../ts/index.js";

/** Only ends a test that hangs: how fast the machine is decides nothing here. */
const timeout = 120_000;

let server: Awaited<ReturnType<typeof servePage>>;
let browser: Browser;
let page: Page;
let errors: string[];
let requests: string[];

beforeAll(async () => {
  server = await servePage(0);
  browser = await chromium.launch(findChromium());
}, timeout);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(async () => {
  page = await browser.newPage();
  page.setDefaultTimeout(timeout);
  errors = [];
  requests = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(server.address);
  for (const [name, value] of Object.entries({ units: 32, batch: 16, steps: 32 }))
    await page.fill(`[name=${name}]`, String(value));
});

afterEach(async () => {
  await page.close();
});

const textOf = (selector: string) => page.locator(selector).innerText();

/** Trains until the loss is below `loss`. */
async function train(loss: number) {
  await page.click("#start");
  await page.waitForFunction((loss) => Number(document.querySelector("#loss")?.textContent) < loss, loss);
}

async function stop() {
  await page.click("#stop");
  await page.locator("#start:enabled").waitFor();
}

/** The beginning of what the model writes after a prompt. */
async function writeOn(prompt: string) {
  await page.fill("#prompt", prompt);
  await page.click("#write-on");
  await page.waitForFunction(() => (document.querySelector("#written")?.textContent ?? "").length > 90);
  return (await textOf("#written")).slice(0, 80);
}

async function save() {
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
  expect(download.suggestedFilename()).toBe("moby-dick.safetensors");
  return readFile(await download.path());
}

const openFile = (buffer: Buffer) =>
  page.setInputFiles("#file", { name: "kept.safetensors", mimeType: "application/octet-stream", buffer });

describe("the page", () => {
  test("learns the book in a worker while its own thread stays free", { timeout }, async () => {
    await browser.startTracing(page, { categories: ["toplevel"] });
    await train(3);
    await page.locator("#samples li").nth(2).waitFor();
    await page.fill("#prompt", "");
    await page.locator("#prompt").pressSequentially("Thar she blows");
    expect(await page.inputValue("#prompt")).toBe("Thar she blows");
    const share = busyShare(await browser.stopTracing());
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.25); // what trains takes nearly all of a thread

    expect(page.workers()).toHaveLength(1);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator("#samples h3").last().innerText()).toBe("Before it has read anything");
    expect(await textOf("#status")).toMatch(/After [\d,]+ characters the held-out loss is \d\.\d{3}/);
    const hosts = new Set(requests.map((url) => new URL(url).origin));
    expect([...hosts]).toEqual([server.address]);
    expect(requests).toContain(`${server.address}/book.txt`);
    expect(errors).toEqual([]);
  });

  test("saves a model that writes on in the same words when it is loaded again", { timeout }, async () => {
    await train(3.2);
    await stop();
    const written = await writeOn("The whale ");
    expect(written).toMatch(/^The whale /);
    const saved = await save();

    await page.reload();
    await openFile(saved);
    await page.locator("#save:enabled").waitFor();
    expect(await textOf("#status")).toMatch(/^Loaded kept\.safetensors/);
    expect(await writeOn("The whale ")).toBe(written);
    expect((await save()).equals(saved)).toBe(true);
    expect((await load(new Uint8Array(saved))).vocabulary?.size).toBe(83);
    expect(errors).toEqual([]);
  });

  test("starts and stops any number of times with one worker at most", { timeout }, async () => {
    for (let round = 0; round < 4; round++) {
      await train(4.6);
      await expect.poll(() => page.workers().length, { timeout }).toBe(1);
      await stop();
    }
    await page.click("#start");
    await page.click("#stop"); // most likely before the new worker is ready
    await page.locator("#start:enabled").waitFor();
    await expect.poll(() => page.workers().length, { timeout }).toBe(1);
    await writeOn("Call me ");
    expect(errors).toEqual([]);
  });

  test("says what is wrong, in words, and keeps the model it has", { timeout }, async () => {
    await train(4.6);
    await stop();
    const saved = await save();
    const wrongs: [string, string, string][] = [
      ["units", "0", "lstm.units: expected"],
      ["units", "100000", "expected at most 1024 MiB"],
      ["rate", "-1", "adam.rate: expected"],
      ["batch", "1000000000", "windows.batch: expected"],
      ["seed", "-1", "seed: expected"],
    ];
    for (const [name, value, message] of wrongs) {
      const before = await page.inputValue(`[name=${name}]`);
      await page.fill(`[name=${name}]`, value);
      await page.click("#start");
      await page.getByRole("alert").filter({ hasText: message }).waitFor();
      await page.fill(`[name=${name}]`, before);
    }
    await openFile(saved.subarray(0, -1));
    await page
      .getByRole("alert")
      .filter({ hasText: "expected" })
      .and(page.locator("[data-of~=open]"))
      .waitFor();
    await page.fill("#prompt", "10 €");
    await page.click("#write-on");
    await page.getByRole("alert").filter({ hasText: 'got "€" (U+20AC) at index 3' }).waitFor();
    expect((await save()).equals(saved)).toBe(true);
    expect(page.workers()).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("says so in a browser without SIMD", { timeout }, async () => {
    await page.route("**/worker.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        body: `WebAssembly.validate = () => false;\n${await response.text()}`,
      });
    });
    await page.click("#start");
    await page.getByRole("alert").filter({ hasText: "got a host without SIMD" }).waitFor();
    expect(await page.locator("#start").isEnabled()).toBe(true);
    expect(errors).toEqual([]);
  });
});

describe("its server", () => {
  test.each(["/", "/page.js", "/worker.js", "/style.css", "/icon.svg", "/book.txt", "/?from=here"])(
    "serves %s isolated and with a strict content security policy",
    async (path) => {
      const { statusCode, headers } = await ask("GET", path);
      expect(statusCode).toBe(200);
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
      expect(headers["content-security-policy"]).toMatch(
        /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';/,
      );
    },
  );

  test.each([
    "/index.html",
    "/../package.json",
    "/%2e%2e/package.json",
    "/site/page.js",
    "//",
    "/constructor",
  ])("does not serve %s", async (path) => {
    expect((await ask("GET", path)).statusCode).toBe(404);
  });

  test("takes no other method than GET and HEAD", async () => {
    expect((await ask("HEAD", "/")).statusCode).toBe(200);
    expect((await ask("POST", "/")).statusCode).toBe(405);
  });
});

/** Sends a path as it is, where `fetch` would tidy it up. */
function ask(method: string, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(server.address, { method, path }, (response) => {
      response.resume();
      resolve(response);
    });
    sent.on("error", reject).end();
  });
}

/** The share of the time that the page's main thread was busy. */
function busyShare(trace: Buffer): number {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const thread = ({ pid, tid }: TraceEvent) => `${pid}/${tid}`;
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(thread),
  );
  const tasks = traceEvents.filter((event) => event.name.endsWith("RunTask") && main.has(thread(event)));
  const busy = tasks.reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  const times = tasks.map(({ ts }) => ts);
  return busy / (Math.max(...times) - Math.min(...times));
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** When it began, and how much processor time it took, in microseconds. */
  readonly ts: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}
