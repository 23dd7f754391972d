/** Files in Node, Deno and Bun: the only file of the library that knows a file system. */

import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { threadId } from "node:worker_threads";
import { EngineError, InputError } from "../errors.js";

/** What the system says when it is the path that cannot be used. */
const unusablePath = new Set([
  "EACCES",
  "EEXIST", // a file where a folder is to be made
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
  "ERR_INVALID_ARG_VALUE", // a NUL in the path
]);

/** What the system says when there is no room for a file, or for one more. */
const noRoom = new Set(["EDQUOT", "EFBIG", "EMFILE", "ENFILE", "ENOSPC"]);

/** What a system says that cannot open or flush a folder: Windows, and some network file systems. */
const unflushable = new Set(["EACCES", "EBADF", "EINVAL", "EISDIR", "ENOSYS", "ENOTSUP", "EPERM"]);

const host = hostname();
let saves = 0;
/** The temporary files that are being written now. */
const writing = new Set<string>();

/**
 * Writes `bytes` to the file at `path` as a whole or not at all: after a failure or a power cut the old file is there
 * as it was, and after the promise resolves the new one is on the disk. A link at `path` is replaced, not followed. Temporary
 * files that a process has left in the folder when it was killed are removed.
 * Throws InputError when the path cannot be used, EngineError when there is no room for the file, and the system's own error
 * when the disk fails.
 */
export async function saveFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await replace(path, bytes);
  } catch (cause) {
    throw explained(cause, "saveFile", path, "write to");
  }
}

/**
 * The files of a folder, for `checkpoints`: each is saved by `saveFile`. The folder is made if it is not there. InputError for a
 * name that is not one of a file in it.
 */
export function folder(path: string) {
  const fileOf = (name: string): string => {
    if (/^[\w-][\w.-]*$/.test(name)) return join(path, name);
    throw new InputError({
      where: `folder ${JSON.stringify(path)}`,
      expected: "a name of letters, digits, dots and hyphens",
      got: JSON.stringify(name),
    });
  };
  return {
    async save(name: string, bytes: Uint8Array): Promise<void> {
      const file = fileOf(name);
      try {
        await mkdir(path, { recursive: true });
      } catch (cause) {
        throw explained(cause, "folder", path, "make");
      }
      await saveFile(file, bytes);
    },
    async load(name: string): Promise<Uint8Array | undefined> {
      const file = fileOf(name);
      try {
        const { buffer, byteOffset, byteLength } = await readFile(file);
        return new Uint8Array(buffer, byteOffset, byteLength);
      } catch (cause) {
        if (codeOf(cause) === "ENOENT") return undefined;
        throw explained(cause, "folder", file, "read");
      }
    },
    async remove(name: string): Promise<void> {
      const file = fileOf(name);
      try {
        await rm(file, { force: true });
      } catch (cause) {
        throw explained(cause, "folder", file, "remove");
      }
    },
  };
}

function explained(cause: unknown, call: string, path: string, purpose: string): unknown {
  const code = codeOf(cause);
  const where = `${call} ${JSON.stringify(path)}`;
  const got = (cause as Error).message;
  if (unusablePath.has(code)) {
    return new InputError({ where, expected: `a path to ${purpose}`, got, cause });
  }
  if (noRoom.has(code)) {
    const hint = "what was there before is unharmed";
    return new EngineError({ where, expected: "room for a file", got, hint, cause });
  }
  return cause;
}

async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  await removeStrays(folder);
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
  } finally {
    writing.delete(temporary);
  }
  await flush(folder);
}

/** Opens a new file in `folder`: beside its target, because a file cannot be renamed to another disk. */
async function create(folder: string): Promise<{ temporary: string; file: FileHandle }> {
  for (;;) {
    const temporary = join(folder, `.recurra-${host}-${process.pid}-${threadId}-${saves++}.tmp`);
    writing.add(temporary);
    try {
      return { temporary, file: await open(temporary, "wx") };
    } catch (error) {
      writing.delete(temporary);
      // Left by a process that had the same id.
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

/** Removes what processes of this machine that are no more have left; what cannot be removed stays. */
async function removeStrays(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const [, on, pid, thread] = /^\.recurra-(.+)-(\d+)-(\d+)-\d+\.tmp$/.exec(name) ?? [];
    if (on !== host) continue;
    const path = join(folder, name);
    const ours = Number(pid) === process.pid;
    const inUse = ours ? Number(thread) !== threadId || writing.has(path) : isAlive(Number(pid));
    if (!inUse) await rm(path, { force: true }).catch(() => {});
  }
}

/** Also true of a process that belongs to somebody else. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== "ESRCH";
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
