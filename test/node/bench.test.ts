/** Benches print what their readers count on; one short round each, so the figures say nothing here. */

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

const run = (...options: string[]) =>
  spawnSync(process.execPath, ["bench/run.js", ...options], { encoding: "utf8" });

const ids = {
  kernels: ["peak", "gemm-256", "gemm-512", "gemm-32x512x128", "gemm-32x1024x256"],
  infer: ["lstm-t64-b32-h128"],
  stream: ["lstm-h64", "lstm-h128", "lstm-h256"],
  int8: ["step-h256", "sequence-t64-b32-h256", "step-h512"],
  train: ["lm-h128", "table-100000x100-sparse"],
  abort: ["lm-h128-b32", "lm-h256-b64"],
  words: ["skip-gram", "skip-gram-threads", "cbow", "nearest-20000", "nearest-400000", "load-text"],
  size: ["lm-training"],
  cold: ["lstm"],
  edge: ["import-and-load", "first-request", "later-request"],
};

describe("npm run bench", () => {
  test("prints one JSON object for each bench, with every figure a number", { timeout: 60_000 }, () => {
    const { status, stdout, stderr } = run(...Object.keys(ids), "--json", "--rounds", "1");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const reports = stdout.trimEnd().split("\n");
    expect(reports).toHaveLength(Object.keys(ids).length);
    for (const [index, [bench, expected]] of Object.entries(ids).entries()) {
      const report = JSON.parse(reports[index]!);
      expect(Object.keys(report)).toEqual(["bench", "runtime", "results"]);
      expect(report.bench).toBe(bench);
      expect(report.runtime).toContain(`Node.js ${process.versions.node}`);
      expect(report.results.map(({ id }: { id: string }) => id)).toEqual(expect.arrayContaining(expected));
      for (const result of report.results) {
        expect(result).toEqual({
          id: expect.any(String),
          unit: expect.any(String),
          median: expect.any(Number),
          p99: expect.any(Number),
          ratio: result.of === null ? null : expect.any(Number),
          of: result.of === null ? null : expect.any(String),
        });
      }
    }
  });

  test("prints a table of the same results without --json", () => {
    const { status, stdout } = run("size");
    expect(status).toBe(0);
    const [title, , head, ...rows] = stdout.trimEnd().split("\n");
    expect(title).toMatch(/^size \(Node\.js /);
    expect(head).toMatch(/^id +median +p99 +unit +ratio +of$/);
    expect(rows[0]).toMatch(/^lm-training +\d+ +\d+ +bytes gzip +\d\.\d\d +45 KB$/);
  });

  test.each([
    [["nothing"], "Allowed choices are kernels"],
    [["size", "--rounds", "none"], "Not a whole number from 1."],
    [["size", "--fast"], "unknown option '--fast'"],
  ])("refuses %j", (options, message) => {
    const { status, stdout, stderr } = run(...options);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(message);
  });
});
