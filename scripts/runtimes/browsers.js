// Opens an address in a browser, without anything that drives it: Chromium, Firefox, WebKitGTK.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright";
import { findChromium } from "../chromium.js";

/** @typedef {(address: string) => Promise<() => Promise<void>>} Open */

/** @type {Open} */
export async function openChromium(address) {
  const browser = await chromium.launch(findChromium());
  const page = await browser.newPage();
  await page.goto(address);
  return () => browser.close();
}

/** Without these Firefox opens pages of its own at its first start. */
const preferences = {
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
};

/** @type {Open} */
export async function openFirefox(address) {
  const profile = mkdtempSync(join(tmpdir(), "recurra-firefox-"));
  const lines = Object.entries(preferences).map(([name, value]) => {
    return `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`;
  });
  writeFileSync(join(profile, "user.js"), lines.join(""));
  const close = start(need("firefox"), ["--headless", "--no-remote", "--profile", profile, address], {});
  return async () => {
    await close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}

/** @type {Open} */
export async function openWebKit(address) {
  const browser = need("webkit");
  // Its own sandbox does not start as root, and there is no screen.
  const variables = {
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
    ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } : {}),
  };
  return start("xvfb-run", ["-a", "dbus-run-session", "--", browser, "--private", address], variables);
}

/** What to install on Debian where it is missing. */
const packages = { firefox: "firefox-esr", webkit: "libwebkit2gtk-4.1-0 webkit2gtk-driver xvfb xauth dbus" };

/**
 * The program of a browser, or undefined.
 *
 * @param {"firefox" | "webkit"} name
 */
export function findBrowser(name) {
  if (name === "firefox") {
    const names = process.env.FIREFOX_BIN ? [process.env.FIREFOX_BIN] : ["firefox", "firefox-esr"];
    return names.find((name) => !spawnSync(name, ["--version"], { stdio: "ignore" }).error);
  }
  const folders = ["/usr/lib", "/usr/libexec"]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => {
      const inner = readdirSync(folder).filter((name) => name.includes("linux-gnu"));
      return [folder, ...inner.map((name) => join(folder, name))];
    });
  return folders
    .flatMap((folder) =>
      ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"].map((name) => join(folder, name)),
    )
    .map((folder) => join(folder, "MiniBrowser"))
    .find((file) => existsSync(file));
}

/** @param {"firefox" | "webkit"} name */
function need(name) {
  const found = findBrowser(name);
  if (found === undefined)
    throw new Error(`There is no ${name} here. On Debian: apt-get install ${packages[name]}`);
  return found;
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Record<string, string>} variables
 */
function start(program, args, variables) {
  const env = { ...process.env, ...variables };
  const child = spawn(program, args, { env, stdio: "ignore", detached: true });
  const ended = new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  return async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid); // all that it has started
    await ended;
  };
}
