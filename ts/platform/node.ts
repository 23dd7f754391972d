/** Files in Node, Deno and Bun: the only file of the library that knows a file system. */

import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../errors.js";

/** What the system says when it is the path that cannot be used. */
const unusablePath = new Set([
  "EACCES",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
  "ERR_INVALID_ARG_VALUE", // a NUL in the path
]);

/** What a system says that cannot open or flush a folder: Windows, and some network file systems. */
const unflushable = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"]);

let saves = 0;

/**
 * Writes `bytes` to the file at `path` as a whole or not at all: after a failure or a power cut the old file is there
 * as it was, and after the promise resolves the new one is on the disk. A link at `path` is replaced, not followed.
 * Throws InputError when the path cannot be used, and the system's own error when the disk is full or fails.
 */
export async function saveFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await replace(path, bytes);
  } catch (cause) {
    if (!unusablePath.has(codeOf(cause))) throw cause;
    const { message } = cause as Error;
    const where = `saveFile ${JSON.stringify(path)}`;
    throw new InputError({ where, expected: "a path to write to", got: message, cause });
  }
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const { temporary, file } = await create(folder);
  try {
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // The first error tells more than one of the clearing up.
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await flush(folder);
}

/** Opens a new file in `folder`: beside its target, because a file cannot be renamed to another disk. */
async function create(folder: string): Promise<{ temporary: string; file: FileHandle }> {
  for (;;) {
    const temporary = join(folder, `.recurra-${process.pid}-${saves++}.tmp`);
    try {
      return { temporary, file: await open(temporary, "wx") };
    } catch (error) {
      // Left by a process that had the same id, or in use by another thread of this one.
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

/** Makes the rename last through a power cut. */
async function flush(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!unflushable.has(codeOf(error))) throw error;
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code);
}
