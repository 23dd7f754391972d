/** Programs in a Node process of their own. */
import { spawnSync } from "node:child_process";

/**
 * Runs the text of a module and gives what it prints.
 *
 * @param {string} program
 */
export function runNode(program) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`A fresh process failed: ${stderr}`);
  return stdout;
}
