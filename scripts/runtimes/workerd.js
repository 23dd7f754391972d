// Serves a bundled script by workerd, the runtime of Cloudflare's workers.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { binaryOf } from "./binaries.js";

/**
 * Bundles a worker as Cloudflare's own tools do, its `.wasm` imports left to the runtime, and serves it on a free port.
 *
 * @param {string} script
 * @returns {Promise<{ address: string, bytes: number, close(): Promise<void> }>} `bytes`: of script and binaries together.
 */
export async function serveByWorkerd(script) {
  const folder = mkdtempSync(join(tmpdir(), "recurra-workerd-"));
  const { metafile } = await esbuild.build({
    entryPoints: { worker: script },
    outdir: folder,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy", ".safetensors": "binary" },
    metafile: true,
    logLevel: "warning",
    logOverride: { "ignored-bare-import": "silent" },
  });
  const binaries = readdirSync(folder).filter((file) => file.endsWith(".wasm"));
  const modules = [
    '(name = "worker", esModule = embed "worker.js")',
    ...binaries.map((file) => `(name = "${file}", wasm = embed "${file}")`),
  ];
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [${modules.join(", ")}], compatibilityDate = "2025-05-01"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`;
  await writeFile(join(folder, "config.capnp"), config);
  const child = spawn(binaryOf("workerd"), ["serve", "config.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const port = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`workerd ended with ${code}.`)));
    let text = "";
    /** @type {import("node:stream").Readable} */ (child.stdio[3]).on("data", (data) => {
      text += data;
      const found = /"port":\s*(\d+)/.exec(text);
      if (found) resolve(found[1]);
    });
  });
  return {
    address: `http://127.0.0.1:${port}`,
    bytes: Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0),
    async close() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
