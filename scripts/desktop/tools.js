// The tools that make programs: those that nothing else needs are installed when they are first asked for.

import { createRequire } from "node:module";
import { join } from "node:path";
import { binaryOf } from "../runtimes/binaries.js";
import { installOnce } from "../runtimes/install.js";
import { root } from "../site.js";

const room = join(root, "scripts/desktop");

/** What can put a program into an executable of Node.js. */
export function findPostject() {
  installOnce(room);
  return createRequire(join(room, "package.json"))("postject");
}

/** The program of Bun, with the packages that a window needs. */
export function findBun() {
  installOnce(room);
  return binaryOf("bun");
}
