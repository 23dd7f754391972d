// Damages good files and expects of each a typed error or a model that runs: `npm run fuzz -- pt --files 100000`.

import { readFileSync } from "node:fs";
import { crc32, gunzipSync } from "node:zlib";
import { InvalidArgumentError, program } from "commander";
import {
  bidirectional,
  dense,
  embedding,
  features,
  gru,
  layerNorm,
  lstm,
  model,
  RecurraError,
  random,
  rnn,
  tokens,
} from "recurra";
import { contentsOf, formatNames, readModel, writeModel } from "recurra/convert";

/** @param {string} text */
function whole(text) {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Not a whole number.");
}

program
  .name("npm run fuzz --")
  .description("Damages good files and expects of each a typed error or a model that runs.")
  .argument("<format>", `one of ${formatNames.join(", ")}`)
  .option("--files <number>", "how many", whole, 10_000)
  .option("--good <files...>", "files to damage, beside those of models that are written here", [])
  .option("--seed <number>", "of the damages", whole, 1)
  .parse();
const [format] = /** @type {[string]} */ (program.processedArgs);
/** @type {{ files: number, good: string[], seed: number }} */
const { files, good, seed } = program.opts();

/** What a file may take: milliseconds of this process, whatever else the machine does, and bytes beside twice its own. */
const LONGEST = 1000;
const ROOM = 16 * 1024 * 1024;

const draw = random(seed);
/** What the good files refer to. @type {Map<string, Uint8Array>} */
const others = new Map();
const goods = await goodFiles();
const properties = Reflect.ownKeys(Object.prototype).join();
const counts = { refused: 0, read: 0, run: 0 };
let slowest = 0;
let largest = 0;

for (let file = 0; file < files; file++) {
  const bytes = damaged();
  const before = taken();
  const start = process.cpuUsage();
  try {
    const parsed = await tried(() => contentsOf(bytes, { format, files: others }));
    const net = await tried(() => readModel(bytes, { format, files: others }));
    const { user, system } = process.cpuUsage(start);
    const milliseconds = (user + system) / 1000;
    const room = taken() - before - 2 * bytes.length;
    slowest = Math.max(slowest, milliseconds);
    largest = Math.max(largest, room);
    if (milliseconds > LONGEST) throw new Error(`It took ${milliseconds} ms.`);
    if (room > ROOM) throw new Error(`It took ${room} bytes beside twice its own.`);
    if (Reflect.ownKeys(Object.prototype).join() !== properties)
      throw new Error("It changed Object.prototype.");
    if (!parsed && !net) counts.refused++;
    else if (!net) counts.read++;
    else {
      const { input } = /** @type {{ input: any }} */ (net.definition);
      const { layer, size, width } = input;
      await net.predict(layer === "tokens" ? [0, size - 1] : [Array(width).fill(0.5), Array(width).fill(-1)]);
      counts.run++;
    }
  } catch (cause) {
    const text = Buffer.from(bytes).toString("base64");
    console.error(`File ${file} of seed ${seed}: ${/** @type {Error} */ (cause).stack}\n${text}`);
    process.exit(1);
  }
}
console.log(
  `${format}: ${files} files, ${counts.refused} refused, ${counts.read} read but no model, ${counts.run} models that ran; ` +
    `slowest ${slowest.toFixed(0)} ms, most memory ${(Math.max(0, largest) / 2 ** 20).toFixed(1)} MB beside twice the file`,
);

/**
 * What it gives, or nothing where a typed error says why not.
 *
 * @template T
 * @param {() => Promise<T>} job
 */
async function tried(job) {
  try {
    return await job();
  } catch (fault) {
    if (fault instanceof RecurraError) return undefined;
    throw fault;
  }
}

function taken() {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Models of every kind in this format, where it is written here, and files of other programs. */
async function goodFiles() {
  const parts = [
    [tokens(5), embedding(3), lstm(4, { biasHidden: true }), layerNorm(), dense(5)],
    [features(3), bidirectional(gru(4)), dense(2)],
    [features(2), rnn(3), rnn(3)],
    [features(2), lstm(3, { projection: 2, biasHidden: true })],
  ];
  const given = good.map((file) => new Uint8Array(readFileSync(file)));
  for (const layers of parts) {
    const net = await model(.../** @type {[any, ...any[]]} */ (layers));
    const written = await tried(() => writeModel(net, format)); // not every format has every model
    if (!written) continue;
    given.push(new Uint8Array(written.bytes));
    for (const [name, bytes] of written.files) others.set(name, bytes);
  }
  if (format === "pt") {
    const { models, holding, refused } = JSON.parse(
      readFileSync("test/golden/torch/checkpoints.json", "utf8"),
    );
    const golden = [...models.slice(-2), ...Object.values(holding)].map(({ file }) => file);
    for (const text of [...golden, ...Object.values(refused)]) {
      given.push(new Uint8Array(Buffer.from(text, "base64")));
    }
  }
  if (format === "h5") {
    const golden = JSON.parse(readFileSync("test/golden/keras/files.json", "utf8"));
    for (const { name, file } of golden) {
      if (name.startsWith(".h5")) given.push(new Uint8Array(gunzipSync(Buffer.from(file, "base64"))));
    }
  }
  if (given.length > 0) return given;
  console.error(`No model is written as ${format}: give files by --good.`);
  process.exit(1);
}

/** @param {number} below */
function upTo(below) {
  return below > 0 ? draw.integer(below) : 0;
}

/** A good file with one to eight damages, most of them where the structure is: near the beginning and the end. */
function damaged() {
  /** @type {Uint8Array} */
  let bytes = joined(goods[upTo(goods.length)] ?? new Uint8Array());
  for (let count = 1 + upTo(8) * upTo(2); count > 0; count--) bytes = damage(bytes);
  return sealed(bytes);
}

/** @param {Uint8Array} bytes */
function damage(bytes) {
  if (bytes.length < 4) return bytes;
  const near = Math.min(bytes.length, 2048);
  const place = [upTo(bytes.length), upTo(near), bytes.length - 1 - upTo(near)][upTo(3)] ?? 0;
  const length = Math.min(bytes.length - place, 1 + upTo([2, 16, 256][upTo(3)] ?? 2));
  const other = goods[upTo(goods.length)] ?? bytes;
  const from = upTo(other.length);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place + length)];
  switch (upTo(8)) {
    case 0:
    case 1:
      bytes[place] = /** @type {number} */ (bytes[place]) ^ (1 << upTo(8));
      return bytes;
    case 2:
      bytes[place] = upTo(256);
      return bytes;
    case 3: // numbers that are limits of something
      new DataView(bytes.buffer, bytes.byteOffset).setUint32(
        Math.min(place, bytes.length - 4),
        [0, 1, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff][upTo(7)] ?? 0,
        true,
      );
      return bytes;
    case 4:
      return joined(before, after);
    case 5:
      return joined(before, bytes.subarray(place, place + length), bytes.subarray(place));
    case 6:
      return joined(before, other.subarray(from, from + length), after);
    default:
      return upTo(4) === 0
        ? bytes.slice(0, place)
        : joined(
            before,
            Uint8Array.from({ length }, () => upTo(256)),
            after,
          );
  }
}

/** @param {readonly Uint8Array[]} parts */
function joined(...parts) {
  return new Uint8Array(Buffer.concat(parts));
}

/**
 * With the checksums that the file then has, or almost every one would be refused for them alone.
 *
 * @param {Uint8Array} bytes
 */
function sealed(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 46 <= bytes.length; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue; // a record of the directory of an archive
    const [size, local] = [view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
    if (local + 30 > bytes.length) continue;
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    view.setUint32(at + 16, crc32(bytes.subarray(start, start + size)), true);
  }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const mark = '"checksum":"';
  const at = text.indexOf(mark) + mark.length;
  if (at < mark.length || at + 8 > bytes.length) return bytes;
  text.write("00000000", at, "latin1");
  text.write(crc32(text).toString(16).padStart(8, "0"), at, "latin1");
  return bytes;
}
