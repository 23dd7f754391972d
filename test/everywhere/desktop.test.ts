/** Programs for the desktop that take large downloads to make: executables, and a window. They install what they need. */
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBun } from "../../scripts/desktop/tools.js";

/** Only ends a test that hangs: how fast the machine is decides nothing here. */
const timeout = 300_000;
const suffix = process.platform === "win32" ? ".exe" : "";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "recurra-desktop-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Makes a form of the program, as a person would. */
function make(form: "html" | "sea" | "bun"): void {
  const args = ["scripts/desktop.js", form, "--out", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/ [\d,]+ bytes\n$/);
}

describe.each(["sea", "bun"] as const)("the executable of %s", (form) => {
  const name = `write${suffix}`;
  let home: string;

  /** Runs the program with nothing around it: no PATH, and no other file in its folder. */
  const run = (...args: string[]) =>
    spawnSync(join(home, name), args, { cwd: tmpdir(), env: {}, encoding: "utf8" });

  beforeAll(async () => {
    make(form);
    home = join(folder, `empty-${form}`);
    await mkdir(home);
    await copyFile(join(folder, form, name), join(home, name));
  }, timeout);

  test("trains a model in an empty folder, keeps it there, and writes with it", { timeout }, async () => {
    const first = run("Call me ", "--steps", "200", "--length", "60");
    expect(first.stderr).toContain("step 200 of 200, loss 2.1");
    expect(first.status).toBe(0);
    expect(first.stdout).toMatch(/^Call me [\s\S]{61}$/);
    expect((await readdir(home)).sort()).toEqual(["model.safetensors", name]);

    const second = run("Call me ", "--length", "60");
    expect(second).toMatchObject({ status: 0, stdout: first.stdout, stderr: "" });
  });

  test("says in a line what is wrong", { timeout }, async () => {
    await writeFile(join(home, "wrong"), "no model");
    const { status, stderr } = run("--model", join(home, "wrong"));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*expected .*\n$/);
    expect(run("--steps", "0").stderr).toContain("Expected a whole number from 1");
    expect(run("--model", "absent", "--text", "absent").stderr).toMatch(/^error: ENOENT.*\n$/);
  });
});

test("both executables train to the same bits", { timeout }, async () => {
  const [node, bun] = await Promise.all(
    ["sea", "bun"].map((form) => readFile(join(folder, `empty-${form}`, "model.safetensors"))),
  );
  expect(node!.equals(bun!)).toBe(true);
});

test.runIf(process.platform === "linux")("a window of WebKitGTK trains and writes", { timeout }, () => {
  make("html");
  const probe = resolve("test/everywhere/window-probe.js");
  const command = ["-a", "dbus-run-session", "--", findBun(), probe, join(folder, "recurra.html")];
  const variables = {
    WEBKIT_DISABLE_COMPOSITING_MODE: "1", // there is no screen
    ...(process.getuid?.() === 0 ? { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" } : {}),
  };
  const { status, stdout, stderr } = spawnSync("xvfb-run", command, {
    encoding: "utf8",
    env: { ...process.env, ...variables },
    timeout: 120_000,
  });
  expect(status, `${stderr}\nIs this missing? apt-get install xvfb xauth dbus libwebkitgtk-6.0-4`).toBe(0);
  const said = JSON.parse(stdout.trim().split("\n").at(-1)!);
  expect(said).toMatchObject({ address: "file:", failures: "" });
  expect(said.written).toMatch(/^The whale [\s\S]{80,}/);
});
