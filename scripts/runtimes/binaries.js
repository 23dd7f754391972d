// Where the programs of other runtimes are: the packages of npm that carry them, without their install scripts.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** For each system the packages that carry its binary, and where it is in them. @type {Record<string, string[]>} */
const carriers = {
  deno: [
    "@deno/linux-x64-glibc/deno",
    "@deno/linux-arm64-glibc/deno",
    "@deno/darwin-x64/deno",
    "@deno/darwin-arm64/deno",
    "@deno/win32-x64/deno.exe",
  ],
  bun: [
    "@oven/bun-linux-x64/bin/bun",
    "@oven/bun-linux-aarch64/bin/bun",
    "@oven/bun-darwin-x64/bin/bun",
    "@oven/bun-darwin-aarch64/bin/bun",
    "@oven/bun-windows-x64/bin/bun.exe",
  ],
  workerd: [
    "@cloudflare/workerd-linux-64/bin/workerd",
    "@cloudflare/workerd-linux-arm64/bin/workerd",
    "@cloudflare/workerd-darwin-64/bin/workerd",
    "@cloudflare/workerd-darwin-arm64/bin/workerd",
    "@cloudflare/workerd-windows-64/bin/workerd.exe",
  ],
};

/**
 * The path of a runtime's binary.
 *
 * @param {"deno" | "bun" | "workerd"} runtime
 */
export function binaryOf(runtime) {
  const modules = join(dirname(require.resolve("esbuild/package.json")), "..");
  const found = carriers[runtime].map((file) => join(modules, file)).find((file) => existsSync(file));
  if (found === undefined) {
    throw new Error(
      `The npm package ${runtime} has no binary for this system, or npm left it out: run npm ci.`,
    );
  }
  return found;
}
