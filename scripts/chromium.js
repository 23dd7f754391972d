// Finds the Chromium that the browser tests run in: the one CHROME_BIN names, else an installed one, else the one
// that the npm package @sparticuz/chromium carries for Linux on x64.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * What Playwright's `chromium.launch` takes.
 *
 * @typedef {{
 *   executablePath: string,
 *   chromiumSandbox: boolean,
 *   args: string[],
 *   env: Record<string, string>,
 * }} LaunchOptions
 */

const packageFolder = fileURLToPath(new URL("../node_modules/@sparticuz/chromium", import.meta.url));
const cache = fileURLToPath(new URL("../node_modules/.cache/chromium", import.meta.url));

const advice = "Install Chromium or Google Chrome, or set CHROME_BIN to the path of one.";

/** @returns {LaunchOptions} */
export function findChromium() {
  const named = process.env.CHROME_BIN;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROME_BIN names ${named}, which does not exist.`);
    return installed(named);
  }
  const found = candidates().find((file) => existsSync(file));
  return found === undefined ? carried() : installed(found);
}

/**
 * @param {string} executablePath
 * @returns {LaunchOptions}
 */
function installed(executablePath) {
  return { executablePath, chromiumSandbox: process.getuid?.() !== 0, args: [], env: environment({}) };
}

/** Where Chromium and Chrome are usually installed, per operating system. */
function candidates() {
  const variables = process.env;
  if (process.platform === "win32") {
    const folders = [variables.PROGRAMFILES, variables["PROGRAMFILES(X86)"], variables.LOCALAPPDATA];
    const files = ["Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe"];
    return folders.flatMap((folder) => (folder ? files.map((file) => join(folder, file)) : []));
  }
  if (process.platform === "darwin") {
    const folders = ["/Applications", join(variables.HOME ?? "", "Applications")];
    const files = ["Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium"];
    return folders.flatMap((folder) => files.map((file) => join(folder, file)));
  }
  const folders = [...(variables.PATH ?? "").split(delimiter).filter(Boolean), "/usr/bin", "/snap/bin"];
  const files = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  return files.flatMap((file) => folders.map((folder) => join(folder, file)));
}

/**
 * Unpacks the browser of @sparticuz/chromium, once.
 *
 * @returns {LaunchOptions}
 */
function carried() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`No Chromium was found for the browser tests. ${advice}`);
  }
  const { version } = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8"));
  const folder = join(cache, version);
  if (!existsSync(folder)) unpack(folder);

  // The libraries that come along (nss, nspr, expat) serve only on a machine that lacks its own.
  const executablePath = join(folder, "chromium");
  const fonts = existsSync("/etc/fonts/fonts.conf") ? {} : { FONTCONFIG_PATH: join(folder, "fonts") };
  const libraries = { LD_LIBRARY_PATH: join(folder, "al2023", "lib") };
  for (const env of [environment(fonts), environment({ ...fonts, ...libraries })]) {
    const { status } = spawnSync(executablePath, ["--version"], { env, stdio: "ignore" });
    if (status === 0) return { executablePath, chromiumSandbox: false, args: ["--headless=shell"], env };
  }
  throw new Error(`The Chromium of @sparticuz/chromium does not start on this machine. ${advice}`);
}

/**
 * The package unpacks to the temporary folder, where it mistakes a half-written file for a finished one. It is given
 * a temporary folder of its own, which moves to its place when all is there.
 *
 * @param {string} folder
 */
function unpack(folder) {
  mkdirSync(cache, { recursive: true });
  const temporary = mkdtempSync(join(cache, "unpacking-"));
  const program = 'import("@sparticuz/chromium").then(({ default: chromium }) => chromium.executablePath())';
  const { status, stderr } = spawnSync(process.execPath, ["--eval", program], {
    cwd: packageFolder,
    encoding: "utf8",
    // The variable of AWS makes it unpack the libraries too.
    env: environment({ TMPDIR: temporary, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" }),
  });
  try {
    if (status !== 0) throw new Error(`@sparticuz/chromium could not be unpacked: ${stderr}`);
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error; // else another process was faster
  }
}

/**
 * @param {Record<string, string>} added
 * @returns {Record<string, string>}
 */
function environment(added) {
  const inherited = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(inherited), ...added };
}
