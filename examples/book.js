/** Trains a character model on a book, saves it, loads it again and lets it write on: `npm start`. */

import { access, constants, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { crossEntropy, dense, embedding, load, lstm, model, RecurraError, tokens } from "recurra";
import { saveFile } from "recurra/node";
import { plot, status } from "recurra/terminal";
import { learn } from "./book/learn.js";
import { readOptions } from "./book/options.js";
import { readBook } from "./book/text.js";
import { write } from "./book/write.js";
import { clock, count, onInterrupt, printable, quote } from "./lib/terminal.js";

/** @import { Model } from "recurra" */
/** @import { Course } from "./book/learn.js" */
/** @import { Options } from "./book/options.js" */

const options = readOptions();
try {
  const result = await run(options, options.json ? process.stderr : process.stdout);
  if (options.json) console.log(JSON.stringify(result));
} catch (error) {
  // What the library or the system refuses is said in one line; anything else is a mistake of this program.
  if (!(error instanceof RecurraError || (error instanceof Error && "syscall" in error))) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

/**
 * @param {Options} options
 * @param {NodeJS.WriteStream} out
 */
async function run(options, out) {
  const { units, layers, seed } = options;
  const interrupted = onInterrupt();
  const columns = out.columns ?? 80;
  const print = (/** @type {string} */ line) => out.write(`${line}\n`);
  out.on("error", () => process.exit(1)); // nobody reads any longer, as after `npm start | head`

  const book = await readBook(options);
  const net = await model(
    tokens(book.chars),
    embedding(options.embedding),
    ...Array.from({ length: layers }, () => lstm(units)),
    dense(book.chars.size),
    { seed },
  );
  const file = join(options.out, `${options.name}.safetensors`);
  await mkdir(options.out, { recursive: true });
  await access(options.out, constants.W_OK);

  const sample = () => {
    const written = [...write(net, book.prompt, { length: 240, seed })];
    return quote(book.prompt + written.join(""), columns);
  };
  print(intentions(options, book, net));
  print(`Before training:\n${sample()}`);

  const bar = status(out);
  const pauses = [0.25, 0.5, Infinity];
  const course = await learn(net, book, options, interrupted, (course) => {
    bar.show(course.done, news(course));
    if (course.done < pauses[0]) return;
    pauses.shift();
    bar.pause();
    print(`\nAfter ${Math.round(course.done * 100)} %, held-out loss ${latest(course)}:\n${sample()}`);
  }).finally(bar.pause);
  await saveFile(file, net.save());

  const heldOut = await net.evaluate(book.heldOut, { loss: crossEntropy() });
  const end = interrupted.aborted ? "Interrupted after" : "After";
  print(`\n${end} ${count(course.characters)} characters in ${clock(course.seconds)}:`);
  print(`held-out loss ${heldOut.toFixed(3)} on ${count(book.heldOut.symbols)} characters\n${sample()}`);
  if (course.training.length > 1) print(losses(course, columns));

  const bytes = await readFile(file);
  const loaded = await load(bytes);
  await requireSameBits(net, loaded, book.passage);
  print(`Saved     ${file}, ${count(bytes.length)} bytes`);
  print(`Loaded    in a new engine: the same bits on ${book.passage.length} held-out characters,`);
  print("          in a batch and in a stream\n\nThe loaded model writes the same, and on:\n");

  const microseconds = writeOn(loaded, book.prompt, { length: 600, seed }, out);
  const megabytes = process.resourceUsage().maxRSS / 1024;
  print(`\n\n${microseconds.toFixed(1)} µs a character; ${count(megabytes)} MB of memory at most`);
  return { heldOut, seconds: course.seconds, characters: course.characters, file };
}

/**
 * What the program is about to do.
 *
 * @param {Options} options
 * @param {Awaited<ReturnType<typeof readBook>>} book
 * @param {Model} net
 */
function intentions(options, { chars, cut, length, heldOut, glimpse }, net) {
  const { name, embedding, units, layers, batch, steps, seconds, epochs, rate, seed } = options;
  const time = seconds < Infinity ? [`${seconds} s`] : [];
  const passes = epochs < Infinity ? [`${epochs} times through the text`] : [];
  return `\
Text      ${name}: ${count(length)} characters, ${chars.size} different
          the first ${count(cut)} to train, the last ${count(length - cut)} held out
Model     embedding ${embedding}, LSTM ${Array(layers).fill(units).join(", ")}, dense ${chars.size}
          ${count(net.size)} parameters, seed ${seed}
Training  ${[...time, ...passes].join(" or ")}; a step is ${batch} windows of ${steps} characters
          Adam at rate ${rate}, from half-way falling; gradients clipped to norm 1
Loss      in nats per character; of the held-out text it is measured
          on ${count(glimpse.symbols)} while training, on ${count(heldOut.symbols)} afterwards
Ctrl-C    ends training, and the model is saved
`;
}

/** @param {Course} course */
function news(course) {
  const { done, seconds, characters, training } = course;
  const recent = training.slice(-50);
  const loss = recent.reduce((sum, loss) => sum + loss, 0) / recent.length;
  const left = (seconds * (1 - done)) / done;
  return [
    `loss ${loss.toFixed(3)}`,
    `held-out ${latest(course)}`,
    `${count(characters / seconds)} characters/s`,
    `${clock(left)} left`,
  ].join("  ");
}

/**
 * @param {Course} course
 * @param {number} columns
 */
function losses({ training, heldOut, characters }, columns) {
  const curves = [
    { name: "training", mark: "─", points: training.map((loss, step) => ({ x: step + 1, y: loss })) },
    { name: "held out", mark: "●", points: heldOut.map(({ step, loss }) => ({ x: step, y: loss })) },
  ];
  const to = `${count(characters)} characters`;
  return plot(curves, { title: "loss in nats per character", from: "0", to, columns });
}

/** @param {Course} course */
function latest({ heldOut }) {
  return heldOut.at(-1)?.loss.toFixed(3) ?? "–";
}

/**
 * Throws unless the loaded model computes every bit as the first one does, a batch at a time and a step at a time.
 *
 * @param {Model} net
 * @param {Model} loaded
 * @param {Uint32Array} passage
 */
async function requireSameBits(net, loaded, passage) {
  const expected = await net.predict(passage);
  const predicted = await loaded.predict(passage);
  const stream = loaded.stream();
  const streamed = [...passage].flatMap((id) => [...stream.step(id)]);
  stream.close();
  const bits = (/** @type {Float32Array} */ data) => new Uint8Array(data.buffer);
  for (const data of [predicted.data, Float32Array.from(streamed)]) {
    if (Buffer.compare(bits(data), bits(expected.data)) !== 0) {
      throw new Error("The loaded model computes other bits than the saved one.");
    }
  }
}

/**
 * Prints each character as it comes. Gives the microseconds that one takes, printing left out.
 *
 * @param {Model} net
 * @param {string} prompt
 * @param {{ length: number, seed: number }} options
 * @param {NodeJS.WriteStream} out
 */
function writeOn(net, prompt, options, out) {
  out.write(printable(prompt));
  let busy = 0;
  let from = performance.now();
  for (const symbol of write(net, prompt, options)) {
    busy += performance.now() - from;
    out.write(printable(symbol));
    from = performance.now();
  }
  return (busy * 1000) / ([...prompt].length + options.length);
}
