/** Files in browsers: the origin private file system, or IndexedDB where there is none. */

import { EngineError, InputError } from "../errors.js";
import { type Files, twoVersions } from "./versions.js";

/**
 * Files of this page's origin, for `checkpoints`: `storage("runs")` keeps them apart from those under other names. A save that
 * is cut off, as when the tab is closed, leaves what was there before. Only one save of a name at a time, and from one tab.
 * EngineError where the host has no storage, or no room in it.
 */
export function storage(name = "recurra") {
  requireName(name);
  let store: Promise<ReturnType<typeof twoVersions>> | undefined;
  const opened = () => {
    store ??= open(name).then(twoVersions);
    store.catch(() => {
      store = undefined; // the host may allow it another time
    });
    return store;
  };
  return {
    save: (file: string, bytes: Uint8Array): Promise<void> =>
      explained(name, file, async () => (await opened()).save(file, bytes)),
    load: (file: string): Promise<Uint8Array | undefined> =>
      explained(name, file, async () => (await opened()).load(file)),
    remove: (file: string): Promise<void> => explained(name, file, async () => (await opened()).remove(file)),
  };
}

/** @internal The kinds of storage, the better first. */
export const backends: readonly ((name: string) => Promise<Files | undefined>)[] = [privateFiles, database];

async function open(name: string): Promise<Files> {
  for (const backend of backends) {
    const files = await backend(name).catch(() => undefined);
    if (files) return files;
  }
  throw new EngineError({
    where: "storage",
    expected: "a host with the origin private file system or IndexedDB",
    got: "one that has neither, or refuses them",
    hint: "private windows and some frames have no storage",
  });
}

async function explained<T>(name: string, file: string, work: () => Promise<T>): Promise<T> {
  requireName(file);
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof DOMException)) throw cause;
    throw new EngineError({
      where: `storage ${JSON.stringify(name)} ${JSON.stringify(file)}`,
      expected: "room and leave to keep a file",
      got: `${cause.name}: ${cause.message}`,
      hint: "what was there before is unharmed",
      cause,
    });
  }
}

function requireName(name: string): void {
  if (/^[\w-][\w.-]*$/.test(name)) return;
  throw new InputError({
    where: "storage",
    expected: "a name of letters, digits, dots and hyphens",
    got: JSON.stringify(name),
  });
}

/** A folder of the origin private file system; undefined where its files cannot be written to from here. */
async function privateFiles(name: string): Promise<Files | undefined> {
  if (!("createWritable" in FileSystemFileHandle.prototype)) return undefined;
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle(name, { create: true });
  const missing = (error: unknown) => {
    if (error instanceof DOMException && error.name === "NotFoundError") return undefined;
    throw error;
  };
  return {
    async read(file) {
      const handle = await folder.getFileHandle(file).catch(missing);
      return handle && new Uint8Array(await (await handle.getFile()).arrayBuffer());
    },
    async write(file, bytes) {
      const handle = await folder.getFileHandle(file, { create: true });
      const stream = await handle.createWritable();
      try {
        await stream.write(new Uint8Array(bytes)); // a copy: shared memory is refused
      } catch (error) {
        await stream.abort().catch(() => {});
        throw error;
      }
      await stream.close();
    },
    async remove(file) {
      await folder.removeEntry(file).catch(missing);
    },
  };
}

const FILES = "files";

/** A database with one table. Its transactions are whole or not at all, and strict ones reach the disk. */
async function database(name: string): Promise<Files | undefined> {
  const opening = indexedDB.open(`recurra ${name}`, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(FILES);
  const opened = await resultOf(opening);
  const table = (mode: IDBTransactionMode) =>
    opened.transaction(FILES, mode, { durability: "strict" }).objectStore(FILES);
  const done = ({ transaction }: IDBObjectStore) =>
    new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
  return {
    read: (file) => resultOf<Uint8Array | undefined>(table("readonly").get(file)),
    write(file, bytes) {
      const files = table("readwrite");
      files.put(new Uint8Array(bytes), file);
      return done(files);
    },
    remove(file) {
      const files = table("readwrite");
      files.delete(file);
      return done(files);
    },
  };
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
