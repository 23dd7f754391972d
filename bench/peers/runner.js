// A process with a library in it, as the race sees it: asked by a line, it answers by a line.

import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

/**
 * How to start a library; it gets the workload as one more argument and speaks as racer.js does.
 *
 * @typedef {{ name: string, command: string, args: readonly string[] }} Racer
 */

/** Longest time to wait for an answer, in milliseconds. */
const PATIENCE = 300_000;

export class Runner {
  /** What it computes, for the others to agree with. */
  shown = new Float32Array();
  /** Why what it computes cannot be held against the others. @type {string | undefined} */
  note;
  /** The milliseconds of every run, for each turn that counts. @type {number[][]} */
  turns = [];

  #child;
  #lines;
  /** Resolves to how it ended. @type {Promise<string>} */
  #ended;
  #complaints = "";

  /**
   * @param {Racer} racer
   * @param {import("./data.js").Written} workload
   */
  constructor({ name, command, args }, workload) {
    this.name = name;
    this.#child = spawn(command, [...args, JSON.stringify(workload)]);
    this.#child.on("error", ({ message }) => {
      this.#complaints = `Error: ${message}`;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => resolve(`ended with ${signal ?? `code ${code}`}`));
    });
    this.#child.stdin.on("error", () => {}); // it has ended: the next answer says so
    this.#child.stderr.on("data", (chunk) => {
      this.#complaints = `${this.#complaints}${chunk}`.slice(-2000);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async prepare() {
    const { shown, note } = await this.#answer();
    this.shown = new Float32Array(new Uint8Array(readFileSync(shown)).buffer);
    this.note = note;
    rmSync(shown);
  }

  /**
   * The milliseconds of every run in a turn.
   *
   * @param {number} milliseconds
   * @returns {Promise<number[]>}
   */
  turn(milliseconds) {
    this.#child.stdin.write(`${milliseconds}\n`);
    return this.#answer();
  }

  close() {
    this.#child.kill();
  }

  async #answer() {
    const timer = setTimeout(() => {
      this.#complaints = `Error: no answer in ${PATIENCE / 1e3} s`;
      this.#child.kill("SIGKILL");
    }, PATIENCE);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done) {
      const end = await this.#ended;
      throw new Error(this.#complaints.split("\n").findLast((line) => line.includes("Error:")) ?? end);
    }
    const message = JSON.parse(value);
    if (message.error) throw new Error(message.error);
    return message;
  }
}
