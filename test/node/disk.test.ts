/** What a disk can refuse, call by call: the old file stays, nothing is left beside it, and the error says what to do. */
import * as fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EngineError, InputError } from "../../ts/errors.js";
import { folder, saveFile } from "../../ts/platform/node.js";

/** The call that fails next, counted from 0, and how; -1: none. */
const fault = vi.hoisted(() => ({ at: -1, code: "", calls: 0 }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  const failing =
    <A extends unknown[], R>(call: (...parameters: A) => Promise<R>) =>
    async (...parameters: A): Promise<R> => {
      if (fault.calls++ === fault.at) {
        throw Object.assign(new Error(`${fault.code}: refused`), { code: fault.code });
      }
      return call(...parameters);
    };
  return {
    ...real,
    mkdir: failing(real.mkdir),
    readdir: failing(real.readdir),
    rename: failing(real.rename),
    open: failing(async (path: string, flags: string) => {
      const file = await real.open(path, flags);
      return {
        writeFile: failing((bytes: Uint8Array) => file.writeFile(bytes)),
        sync: failing(() => file.sync()),
        close: () => file.close(),
      };
    }),
  };
});

let path: string;

beforeEach(async () => {
  path = await fs.mkdtemp(join(tmpdir(), "recurra-disk-"));
});

afterEach(async () => {
  fault.at = -1;
  await fs.rm(path, { recursive: true });
});

const [old, young] = [Uint8Array.from([1, 2, 3]), Uint8Array.from([4, 5])];

/** Saves with each call in turn refused, until a save needs no more calls; gives the errors. */
async function refuseEach(code: string): Promise<unknown[]> {
  const errors: unknown[] = [];
  const file = join(path, "model");
  for (let at = 0; ; at++) {
    fault.at = -1;
    await saveFile(file, old);
    Object.assign(fault, { at, code, calls: 0 });
    const error = await saveFile(file, young).then(
      () => undefined,
      (error: unknown) => error,
    );
    const whole = fault.calls <= at;
    fault.at = -1;
    const found = [...(await fs.readFile(file))];
    expect(await fs.readdir(path)).toEqual(["model"]);
    if (error === undefined) expect(found).toEqual([...young]);
    else expect([[...old], [...young]]).toContainEqual(found);
    if (whole) return errors;
    errors.push(error);
  }
}

describe("each call of a save refused", () => {
  test("by a full disk", async () => {
    const errors = await refuseEach("ENOSPC");
    expect(errors.length).toBe(7);
    expect(errors[0]).toBe(undefined); // looking for strays: it does not matter
    for (const error of errors.slice(1)) {
      expect(error).toBeInstanceOf(EngineError);
      expect(error).toMatchObject({ where: `saveFile ${JSON.stringify(join(path, "model"))}` });
      expect((error as EngineError).message).toMatch(
        /expected room for a file, got ENOSPC: refused — .* unharmed/,
      );
    }
  });

  test("for want of permission", async () => {
    const errors = await refuseEach("EACCES");
    for (const error of errors.slice(1, 5)) expect(error).toBeInstanceOf(InputError);
    // Some systems do not let a folder be flushed.
    expect(errors.slice(5)).toEqual([undefined, undefined]);
  });

  test("by a disk that fails", async () => {
    const errors = await refuseEach("EIO");
    for (const error of errors.slice(1)) expect(error).toMatchObject({ code: "EIO" });
  });
});

describe("folder", () => {
  test("is made when it is first saved to, and gives back what it keeps", async () => {
    const store = folder(join(path, "a", "b"));
    expect(await store.load("x.safetensors")).toBe(undefined);
    await store.remove("x.safetensors");
    await store.save("x.safetensors", old);
    expect(await store.load("x.safetensors")).toEqual(old);
    expect(Object.getPrototypeOf(await store.load("x.safetensors"))).toBe(Uint8Array.prototype);
    await store.remove("x.safetensors");
    expect(await store.load("x.safetensors")).toBe(undefined);
  });

  test("that cannot be made or read is named", async () => {
    await fs.writeFile(join(path, "file"), "");
    const store = folder(join(path, "file"));
    await expect(store.save("x", old)).rejects.toThrow(InputError);
    await expect(folder(path).load("file")).resolves.toEqual(new Uint8Array());
    await fs.mkdir(join(path, "inner"));
    await expect(folder(path).load("inner")).rejects.toThrow(InputError);
    Object.assign(fault, { at: 0, code: "ENOSPC", calls: 0 });
    await expect(folder(join(path, "new")).save("x", old)).rejects.toThrow(EngineError);
  });

  test.each(["", ".", "..", "../x", "a/b", "a\\b", ".hidden", "a\0b"])(
    "refuses the name %j",
    async (name) => {
      const store = folder(path);
      for (const call of [() => store.save(name, old), () => store.load(name), () => store.remove(name)]) {
        await expect(call()).rejects.toThrow(/expected a name of letters/);
      }
    },
  );
});
