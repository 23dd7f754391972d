/** The page trains in a real browser, and its thread stays free for the person before it. */

import { type IncomingMessage, request } from "node:http";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findChromium } from "../../scripts/chromium.js";
import { servePage } from "../../scripts/page.js";
import { load } from "../../ts/index.js";
import { drive, listenForErrors } from "./drive.js";

/** Only ends a test that hangs: how fast the machine is decides nothing here. */
const timeout = 120_000;

let server: Awaited<ReturnType<typeof servePage>>;
let browser: Browser;
let page: Page;
let user: ReturnType<typeof drive>;
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
  errors = listenForErrors(page);
  requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(server.address);
  user = drive(page);
  await user.shrink();
});

afterEach(async () => {
  await page.close();
});

/** The workers of the page, without the threads that each may have of its own. */
const trainers = () => page.workers().filter((worker) => worker.url().endsWith("/worker.js"));

describe("the page", () => {
  test("learns the book in a worker while its own thread stays free", { timeout }, async () => {
    await browser.startTracing(page, { categories: ["toplevel"] });
    await user.train(3);
    await page.locator("#samples li").nth(2).waitFor();
    await page.fill("#prompt", "");
    await page.locator("#prompt").pressSequentially("Thar she blows");
    expect(await page.inputValue("#prompt")).toBe("Thar she blows");
    const share = busyShare(await browser.stopTracing());
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.25); // what trains takes nearly all of a thread

    expect(trainers()).toHaveLength(1);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await page.locator("#samples h3").last().innerText()).toBe("Before it has read anything");
    expect(await user.textOf("#status")).toMatch(/After [\d,]+ characters the held-out loss is \d\.\d{3}/);
    const hosts = new Set(requests.map((url) => new URL(url).origin));
    expect([...hosts]).toEqual([server.address]);
    expect(requests).toContain(`${server.address}/book.txt`);
    expect(errors).toEqual([]);
  });

  test("saves a model that writes on in the same words when it is loaded again", { timeout }, async () => {
    await user.train(3.2);
    await user.stop();
    const written = await user.writeOn("The whale ");
    expect(written).toMatch(/^The whale /);
    const { name, bytes: saved } = await user.save();
    expect(name).toBe("moby-dick.safetensors");

    await page.reload();
    await user.openFile(saved);
    await page.locator("#save:enabled").waitFor();
    expect(await user.textOf("#status")).toMatch(/^Loaded kept\.safetensors/);
    expect(await user.writeOn("The whale ")).toBe(written);
    expect((await user.save()).bytes.equals(saved)).toBe(true);
    expect((await load(new Uint8Array(saved))).vocabulary?.size).toBe(83);
    expect(errors).toEqual([]);
  });

  test("learns from a text of the person's own, however short", { timeout }, async () => {
    const text = "Ünder the pier, the tide. Over the pier, the gulls.\n".repeat(60);
    await user.chooseText(Buffer.from(text));
    expect(await user.textOf("#text-name")).toBe("my notes.txt");
    await user.train(2.5);
    await page.locator("#samples li").nth(1).waitFor();
    expect(await page.inputValue("#prompt")).toBe(text.slice(0, 16));
    expect(await page.locator("#reference").isVisible()).toBe(false); // a figure of another text
    await user.stop();
    expect((await user.save()).name).toBe("my notes.safetensors");

    await user.chooseText(Buffer.from([0xff, 0xfe, 0x41]));
    await page.click("#start");
    await page.getByRole("alert").filter({ hasText: "Expected a text in UTF-8" }).waitFor();
    await user.chooseText(Buffer.from("too short"));
    await page.click("#start");
    await page.getByRole("alert").filter({ hasText: "windows" }).waitFor();
    expect(errors).toEqual([]);
  });

  test("trains on as many threads as the machine has", { timeout }, async () => {
    const cores = await page.evaluate(() => Math.min(navigator.hardwareConcurrency, 64));
    await page.fill("[name=units]", "128");
    await page.fill("[name=batch]", "32");
    await page.click("#start");
    await page.locator("#samples li").nth(1).waitFor(); // after steps that were large enough to be shared
    await expect.poll(() => user.textOf("#threads"), { timeout }).toBe(String(cores));
    expect(page.workers().length - trainers().length).toBe(cores > 1 ? cores : 0);
    await user.stop();
    await user.train(4.6); // a new worker: the threads of the old one end with it
    await expect.poll(() => page.workers().length, { timeout }).toBeLessThanOrEqual(1 + cores);
    expect(errors).toEqual([]);
  });

  test("starts and stops any number of times with one worker at most", { timeout }, async () => {
    for (let round = 0; round < 4; round++) {
      await user.train(4.6);
      await expect.poll(() => trainers().length, { timeout }).toBe(1);
      await user.stop();
    }
    await page.click("#start");
    await page.click("#stop"); // most likely before the new worker is ready
    await page.locator("#start:enabled").waitFor();
    await expect.poll(() => trainers().length, { timeout }).toBe(1);
    await user.writeOn("Call me ");
    expect(errors).toEqual([]);
  });

  test("says what is wrong, in words, and keeps the model it has", { timeout }, async () => {
    await user.train(4.6);
    await user.stop();
    const { bytes: saved } = await user.save();
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
    await user.openFile(saved.subarray(0, -1));
    await page
      .getByRole("alert")
      .filter({ hasText: "expected" })
      .and(page.locator("[data-of~=open]"))
      .waitFor();
    await page.fill("#prompt", "10 €");
    await page.click("#write-on");
    await page.getByRole("alert").filter({ hasText: 'got "€" (U+20AC) at index 3' }).waitFor();
    expect((await user.save()).bytes.equals(saved)).toBe(true);
    expect(trainers()).toHaveLength(1);
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

describe("the page that reads dates", () => {
  test("learns, then writes what is typed token by token and draws where it looks", { timeout }, async () => {
    await page.goto(`${server.address}/dates`);
    await page.evaluate(() => {
      const target = document.querySelector("#target") as HTMLElement;
      const texts: string[] = [];
      new MutationObserver(() => texts.push(target.innerText)).observe(target, { childList: true });
      Object.assign(globalThis, { texts });
    });
    await page.click("#start");
    await page.waitForFunction(
      () => Number.parseInt(document.querySelector("#right")?.textContent ?? "", 10) > 95,
    );
    await page.fill("#source", "The 21st day of July, 1999");
    await page.waitForFunction(() => document.querySelector("#target")?.textContent === "1999-07-21");

    const texts = await page.evaluate(() => (globalThis as unknown as { texts: string[] }).texts);
    const steps = Array.from("1999-07-21", (_, i) => "1999-07-21".slice(0, i + 1));
    const changes = texts.filter((text, i) => text !== texts[i - 1]);
    expect(changes.join(" ")).toContain(steps.join(" "));
    const picture = decodeURIComponent((await page.locator("#attention").getAttribute("src")) ?? "");
    expect(picture).toMatch(/^data:image\/svg\+xml,<svg/);
    expect(picture.match(/<text /g)).toHaveLength(steps.length + "the 21st day of july, 1999".length);
    expect(
      await page.locator("#attention").evaluate((image: HTMLImageElement) => image.naturalWidth),
    ).toBeGreaterThan(300);

    await page.fill("#source", "3 märz 2024");
    await page.getByRole("alert").filter({ hasText: 'got "ä" (U+00E4) at index 3' }).waitFor();
    await page.fill("#source", "");
    await expect.poll(() => page.locator("#attention").isHidden()).toBe(true);
    await page.fill("#source", "3 march ".repeat(20)); // longer than all it has learnt from
    await page.waitForFunction(() => (document.querySelector("#target")?.textContent ?? "").length > 3);
    await page.locator("#start:enabled").waitFor();
    expect(page.workers()).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});

describe("its server", () => {
  test.each([
    "/",
    "/page.js",
    "/worker.js",
    "/dates",
    "/dates.js",
    "/dates-worker.js",
    "/style.css",
    "/icon.svg",
    "/book.txt",
    "/?from=here",
  ])("serves %s isolated and with a strict content security policy", async (path) => {
    const { statusCode, headers } = await ask("GET", path);
    expect(statusCode).toBe(200);
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
    expect(headers["cross-origin-embedder-policy"]).toBe("require-corp");
    expect(headers["content-security-policy"]).toMatch(
      /^default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:;/,
    );
  });

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
