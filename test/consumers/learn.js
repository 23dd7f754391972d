// What every consumer does with the package: trains, predicts, streams, and uses two threads where there are some.
import { adam, dense, features, load, lstm, model, squaredError, tensor } from "recurra";

/** @returns {Promise<string>} "learned", and on how many threads */
export async function learn() {
  const net = await model(features(64), lstm(128), dense(1), { seed: 1, threads: 2 });
  const inputs = tensor(
    Float32Array.from({ length: 16 * 32 * 64 }, (_, i) => ((i * i) % 13) / 13),
    [16, 32, 64],
  );
  const targets = tensor(new Float32Array(16 * 32).fill(0.5), [16, 32, 1]);
  const options = { loss: squaredError(), optimiser: adam(0.01), epochs: 10 };
  const { loss } = await net.fit([{ inputs, targets }], options);
  if (!(loss[9] < loss[0] / 2)) return `not learned: ${loss}`;
  const again = await load(net.save());
  const { data } = await again.predict(Array.from({ length: 2 }, () => Array(64).fill(1)));
  const stream = again.stream();
  const streamed = [0, 1].map(() => stream.step(Array(64).fill(1))[0]);
  if (streamed.some((y, i) => y !== data[i])) return `streamed ${streamed}, predicted ${data}`;
  const { count, reason } = net.threads;
  await net.close();
  return `learned on ${count}${reason ? `, ${reason}` : ""}`;
}
