/** A file is saved as a whole or not at all, and nothing is left beside it. */

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { threadId } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InputError } from "../../ts/errors.js";
import { float32, readSafetensors, writeSafetensors } from "../../ts/io/safetensors.js";
import { saveFile } from "../../ts/platform/node.js";

vi.setConfig({ testTimeout: 60_000 }); // a disk that others keep busy flushes slowly

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recurra-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const old = new Uint8Array([1, 2, 3]);

describe("saveFile", () => {
  test("makes a new file of the bytes and leaves no other", async () => {
    await saveFile(join(folder, "model"), old);
    expect(new Uint8Array(await readFile(join(folder, "model")))).toEqual(old);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  test("replaces a file by a shorter one, an empty one and a part of an array", async () => {
    const path = join(folder, "model");
    for (const bytes of [new Uint8Array(1_000_000).fill(7), new Uint8Array(0), old.subarray(1)]) {
      await saveFile(path, bytes);
      expect(new Uint8Array(await readFile(path))).toEqual(bytes);
    }
    expect(await readdir(folder)).toEqual(["model"]);
  });

  test("saves to a relative path", async () => {
    await saveFile(relative(process.cwd(), join(folder, "model")), old);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  test("saves many files at once to one path, the last of which stays", async () => {
    const path = join(folder, "model");
    const all = Array.from({ length: 20 }, (_, i) => new Uint8Array(10_000).fill(i));
    await Promise.all(all.map((bytes) => saveFile(path, bytes)));
    const saved = new Uint8Array(await readFile(path));
    expect(all).toContainEqual(saved);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  test("removes the temporary files of processes that are no more, and of none that is", async () => {
    const [pid] = [spawnSync(process.execPath, ["-e", ""]).pid];
    const name = (host: string, pid: number, thread: number, save: number) =>
      `.recurra-${host}-${pid}-${thread}-${save}.tmp`;
    const strays = [
      name(hostname(), pid, 0, 0),
      name(hostname(), pid, 3, 17),
      name(hostname(), process.pid, threadId, 9999),
    ];
    const others = [
      name(hostname(), process.ppid, 0, 1),
      name(hostname(), process.pid, threadId + 1, 0),
      name("elsewhere", pid, 0, 0),
      "notes.tmp",
    ];
    await Promise.all([...strays, ...others].map((name) => writeFile(join(folder, name), "")));
    await saveFile(join(folder, "model"), old);
    expect((await readdir(folder)).sort()).toEqual([...others, "model"].sort());
  });

  test("replaces a link, not the file behind it", async () => {
    await writeFile(join(folder, "behind"), "kept");
    await symlink(join(folder, "behind"), join(folder, "model"));
    await saveFile(join(folder, "model"), old);
    expect(await readFile(join(folder, "behind"), "utf8")).toBe("kept");
    expect(new Uint8Array(await readFile(join(folder, "model")))).toEqual(old);
  });

  test("leaves a folder at the path as it was", async () => {
    const path = join(folder, "model");
    await mkdir(path);
    await writeFile(join(path, "inside"), "kept");
    const failure = await saveFile(path, old).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect((failure as InputError).message).toContain(
      `saveFile ${JSON.stringify(path)}: expected a path to write to`,
    );
    expect((failure as InputError).message).toContain("EISDIR");
    expect((failure as InputError).cause).toMatchObject({ code: "EISDIR" });
    expect(await readdir(folder)).toEqual(["model"]);
    expect(await readFile(join(path, "inside"), "utf8")).toBe("kept");
  });

  test.each([
    ["in a missing folder", () => join(folder, "missing", "model")],
    ["below a file", () => join(folder, "file", "model")],
    ["with too long a name", () => join(folder, "n".repeat(300))],
    ["with a NUL", () => join(folder, "a\0b")],
    ["that is empty", () => ""],
  ])("refuses a path %s", async (_, path) => {
    await writeFile(join(folder, "file"), "kept");
    await expect(saveFile(path(), old)).rejects.toThrow(InputError);
    expect(await readdir(folder)).toEqual(["file"]);
    expect(await readFile(join(folder, "file"), "utf8")).toBe("kept");
  });

  test("keeps the old file and its error when the bytes cannot be written", async () => {
    const path = join(folder, "model");
    await saveFile(path, old);
    const failure = await saveFile(path, 5 as unknown as Uint8Array).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TypeError);
    expect(new Uint8Array(await readFile(path))).toEqual(old);
    expect(await readdir(folder)).toEqual(["model"]);
  });

  test("saves tensors that are read back from Node's own buffers", async () => {
    const path = join(folder, "model.safetensors");
    const weights = new Float32Array([0.5, -1, 2]);
    const bytes = new Uint8Array(weights.buffer);
    await saveFile(path, writeSafetensors([["w", { dtype: "F32", shape: [3], bytes }]]));
    const shifted = Buffer.concat([Buffer.from([0]), await readFile(path)]).subarray(1);
    const entry = readSafetensors(shifted).tensors.get("w")!;
    expect(Object.getPrototypeOf(entry.bytes)).toBe(Uint8Array.prototype);
    expect(float32(entry, "w")).toEqual(weights);
  });
});
