/** Uses models on several threads without closing them, and ends: run with --expose-gc, prints JSON. */
import { readdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { dense, features, lstm, model, tensor } from "recurra";

const collect = /** @type {() => void} */ (globalThis.gc);
const threads = () => readdirSync("/proc/self/task").length;
const x = tensor(new Float32Array(16 * 32 * 64), [16, 32, 64]);

async function use() {
  const net = await model(features(64), lstm(64), dense(2), { threads: 2, memory: 64 });
  await net.predict(x);
  return net.threads;
}

const used = await use();
const counts = [];
for (let i = 0; i < 6; i++) {
  await use();
  collect();
  await setTimeout(300);
  counts.push(threads());
}
console.log(JSON.stringify({ used, counts }));
