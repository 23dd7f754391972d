/** Two hundred training steps of a model that uses every random and every transcendental part of the library. */
import {
  adamw,
  crossEntropy,
  dense,
  dropout,
  embedding,
  lstm,
  model,
  sampler,
  tokens,
  windows,
} from "../../ts/index.js";
import { random } from "../../ts/random.js";

/** FNV-1a of all parameters' bits after training, of the losses on the way and of a text sampled at the end. */
export async function trainedBits(): Promise<string> {
  const { integer } = random(2026);
  const ids = Uint32Array.from({ length: 6000 }, (_, i) => (i * i + integer(3)) % 21);
  const net = await model(
    tokens(21),
    embedding(13),
    dropout(0.1),
    lstm(24),
    lstm(19, { biasHidden: true }),
    dense(21),
  );
  const { loss: losses } = await net.fit(windows(ids, { batch: 5, steps: 12 }), {
    loss: crossEntropy(),
    optimiser: adamw(0.01, { decay: 0.02 }),
    clip: 0.5,
    seed: 3,
    steps: 200,
  });
  let hash = 0x811c9dc5;
  const mix = (data: ArrayBufferView) => {
    for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
      hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    }
  };
  for (const { data } of net.parameters()) mix(data);
  mix(Float64Array.from(losses));
  const stream = net.stream();
  const choose = sampler({ temperature: 0.9, topP: 0.95, seed: 5 });
  for (let i = 0, id = 0; i < 200; i++) {
    id = choose(stream.step(id));
    mix(Uint32Array.of(id));
  }
  return hash.toString(16);
}
