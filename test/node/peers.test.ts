/** The race against the peers, without them: what the command refuses, and what comes of a race among stand-ins. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { write } from "../../bench/peers/data.js";
import { race } from "../../bench/peers/race.js";
import { inNode, ours, peersFor } from "../../bench/peers/racers.js";
import { remarks, table } from "../../bench/peers/report.js";
import { type Workload, workloads } from "../../bench/peers/workloads.js";

const folder = mkdtempSync(join(tmpdir(), "peers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = { steps: 3, batch: 2, units: 5, threads: 1, cell: "lstm" } as const;
const stream: Workload = { ...small, id: "stream/small", kind: "stream", steps: 1, batch: 1 };
const kinds: readonly Workload[] = [
  { ...small, id: "infer/lstm", kind: "infer" },
  { ...small, id: "infer/gru", kind: "infer", cell: "gru" },
  { ...small, id: "infer/rnn", kind: "infer", cell: "rnn" },
  stream,
  { ...small, id: "train/sine", kind: "train" },
  { ...small, id: "train/lm", kind: "train", text: { symbols: 7, embedding: 4 }, threads: 2 },
];

/** A library that shows a number and whose every run takes so many milliseconds, by a clock of its own. `at`: what run 600 does. */
const standIn = (name: string, number: number, milliseconds: number, { note = "", at = "" } = {}) =>
  inNode(
    name,
    `data:text/javascript,${encodeURIComponent(`
      let now = 0;
      let runs = 0;
      globalThis.performance = { now: () => now };
      export default () => ({
        run() {
          now += ${milliseconds};
          if (++runs === 600) { ${at} }
        },
        read: () => [${number}],
        note: ${JSON.stringify(note)},
      });`)}`,
  );

describe("a race", { timeout: 60_000 }, () => {
  test.each(kinds)(
    "of the library with itself on $id agrees and gives a figure for each",
    async (workload) => {
      const { results, notes } = await race(write(workload, folder), ours, [{ ...ours, name: "twin" }], {
        rounds: 1,
        warmUp: 1,
      });
      expect(notes).toEqual([]);
      const { id } = workload;
      expect(results.map((result) => result.id)).toEqual(workload === stream ? [id, `${id}-p99`] : [id]);
      for (const result of results) {
        expect(result).toEqual({
          id: expect.any(String),
          ours: expect.any(Number),
          peers: { twin: expect.any(Number) },
          ratios: { twin: result.ours / result.peers.twin! },
        });
      }
      expect(readdirSync(folder).filter((file) => file.endsWith(".shown"))).toEqual([]);
    },
  );

  test("gives times in milliseconds and the ratio of ours to a peer's", async () => {
    const peers = [standIn("slow", 1, 8)];
    const { results } = await race(write(stream, folder), standIn("quick", 1, 2), peers, { rounds: 3 });
    const figures = { ours: 2, peers: { slow: 8 }, ratios: { slow: 0.25 } };
    expect(results).toEqual([
      { id: "stream/small", ...figures },
      { id: "stream/small-p99", ...figures },
    ]);
  });

  test("rejects if a peer computes something else", async () => {
    const peers = [standIn("wrong", 1.0001, 1)];
    await expect(race(write(stream, folder), standIn("right", 1, 1), peers, { rounds: 1 })).rejects.toThrow(
      "stream/small: wrong and right differ: 1.000100016593933 is not 1 (number 0, tolerance 0.00001)",
    );
  });

  test("rejects if a peer computes no number", async () => {
    const peers = [standIn("wrong", NaN, 1)];
    await expect(race(write(stream, folder), standIn("right", 1, 1), peers, { rounds: 1 })).rejects.toThrow(
      "NaN is not 1",
    );
  });

  test("takes a peer that cannot be held against us as it is, and says why", async () => {
    const peers = [standIn("another", 7, 1, { note: "another algorithm" })];
    const { results, notes } = await race(write(stream, folder), standIn("right", 1, 1), peers, {
      rounds: 1,
    });
    expect(Object.keys(results[0]!.ratios)).toEqual(["another"]);
    expect(notes).toEqual([{ id: stream.id, name: "another", text: "another algorithm" }]);
  });

  test("goes on without peers that cannot be loaded, throw, die or do not exist, and says why", async () => {
    const peers = [
      inNode("missing", "no-such-library"),
      { name: "absent", command: "no-such-command", args: [] },
      standIn("throwing", 1, 1, { at: 'throw new Error("out of luck");' }),
      standIn("dying", 1, 1, { at: "process.exit(3);" }),
      standIn("steady", 1, 1),
    ];
    const { results, notes } = await race(write(stream, folder), standIn("right", 1, 1), peers, {
      rounds: 3,
    });
    expect(Object.keys(results[0]!.ratios)).toEqual(["steady"]);
    expect(notes.map(({ name, text }) => `${name}: ${text}`)).toEqual([
      expect.stringMatching(/^missing: Cannot find package 'no-such-library'/),
      "absent: Error: spawn no-such-command ENOENT",
      "throwing: out of luck",
      "dying: ended with code 3",
    ]);
  });

  test("rejects if the library itself fails", async () => {
    const broken = inNode("recurra", "no-such-library");
    await expect(race(write(stream, folder), broken, [ours], { rounds: 1 })).rejects.toThrow(
      "stream/small: recurra failed: Cannot find package",
    );
  });
});

describe("what is raced", () => {
  test("every workload has an id of its own and a WebAssembly peer", () => {
    expect(new Set(workloads.map(({ id }) => id)).size).toBe(workloads.length);
    for (const workload of workloads) {
      const expected = workload.kind === "train" ? "jax-js" : "onnxruntime-web";
      expect(peersFor(workload).map(({ name }) => name)).toContain(expected);
    }
  });
});

describe("npm run bench:peers", () => {
  const run = (...options: string[]) =>
    spawnSync(process.execPath, ["bench/peers/run.js", ...options], { encoding: "utf8" });

  test.each([
    [["--only", "nothing"], 'No workload has "nothing" in its id.'],
    [["--rounds", "0"], "Not a whole number from 1."],
    [["--fast"], "unknown option '--fast'"],
    [["lstm"], "too many arguments"],
  ])("refuses %j before it installs anything", (options, message) => {
    const { status, stdout, stderr } = run(...options);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("prints Markdown: our time and its ratio to each peer's", () => {
    const results = [
      { id: "infer/a", ours: 9.5, peers: { web: 16, node: 2.5 }, ratios: { web: 0.594, node: 3.8 } },
      { id: "stream/b", ours: 0.0019, peers: { web: 0.0152 }, ratios: { web: 0.125 } },
      { id: "train/c", ours: 1234, peers: { jax: 4321 }, ratios: { jax: 0.2856 } },
    ];
    expect(table(results, { web: "1.30.0", node: "1.30.0", jax: "0.1.25", absent: undefined })).toBe(
      [
        "| workload | recurra | ÷ web 1.30.0 | ÷ node 1.30.0 | ÷ jax 0.1.25 |",
        "| -------- | ------: | -----------: | ------------: | -----------: |",
        "| infer/a  | 9.50 ms |         0.59 |           3.8 |              |",
        "| stream/b | 1.90 µs |         0.13 |               |              |",
        "| train/c  | 1234 ms |              |               |         0.29 |",
      ].join("\n"),
    );
  });

  test("says once what is true of several workloads", () => {
    const said = { name: "pytorch", text: "not here" };
    expect(
      remarks([
        { id: "a", ...said },
        { id: "b", name: "brain.js", text: "cost only" },
        { id: "c", ...said },
      ]),
    ).toEqual(["pytorch: not here (a, c)", "brain.js: cost only (b)"]);
  });
});
