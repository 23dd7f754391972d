// Three models trained for 500 steps each: their weights are the same bits in every runtime, on any number of threads.

const STEPS = 500;

/**
 * SHA-256 of the weights after training, by the name of the model.
 *
 * @param {typeof import("recurra")} recurra
 * @param {number} threads
 * @returns {Promise<Record<string, string>>}
 */
export async function trainedBits(recurra, threads) {
  /** @type {Record<string, string>} */
  const hashes = {};
  for (const [name, train] of Object.entries({ languageModel, classifier, translator })) {
    const net = await train(recurra, threads);
    hashes[name] = await sha256(net.parameters().map(({ data }) => data));
    await net.close();
  }
  return hashes;
}

/** Every one of these is large enough to be shared out over threads. */
const [batch, steps] = [8, 16];

/** A text that is read on and on, its states carried. @type {Train} */
async function languageModel({ model, tokens, embedding, dropout, lstm, dense, windows, ...of }, threads) {
  const { integer } = of.random(2026);
  const ids = Uint32Array.from({ length: 6000 }, (_, i) => (i * i + integer(3)) % 29);
  const layers = [embedding(24), dropout(0.1), lstm(80, { recurrentDropout: 0.1 }), dense(29)];
  const net = await model(tokens(29), ...layers, { seed: 1, threads });
  const optimiser = of.adamw(of.warmup(of.cosineDecay(0.01, { steps: STEPS }), { steps: 20 }), {
    decay: 0.02,
  });
  const options = { loss: of.crossEntropy(), optimiser, clip: 1, seed: 3, steps: STEPS };
  await net.fit(windows(ids, { batch, steps }), options);
  return net;
}

/** Sequences of their own lengths, read in both directions. @type {Train} */
async function classifier({ model, features, bidirectional, gru, last, dense, tensor, ...of }, threads) {
  const { uniform, integer } = of.random(7);
  const examples = Array.from({ length: 4 }, () => ({
    inputs: tensor(
      Float32Array.from({ length: batch * steps * 12 }, () => uniform() - 0.5),
      [batch, steps, 12],
    ),
    lengths: Array.from({ length: batch }, () => 8 + integer(9)),
    targets: Array.from({ length: batch }, () => integer(5)),
  }));
  const net = await model(features(12), bidirectional(gru(72)), last(), dense(5), { seed: 2, threads });
  const options = { loss: of.crossEntropy(), optimiser: of.rmsprop(0.002), clip: 1, seed: 4, steps: STEPS };
  await net.fit(examples, options);
  return net;
}

/** One sequence from another, by attention. @type {Train} */
async function translator(
  { model, inputs, tokens, encoderDecoder, embedding, bidirectional, ...of },
  threads,
) {
  const { integer } = of.random(11);
  const symbols = () =>
    of.tensor(
      Uint32Array.from({ length: batch * steps }, () => integer(13)),
      [batch, steps],
    );
  const examples = Array.from({ length: 4 }, () => ({
    inputs: { target: symbols(), source: symbols() },
    targets: symbols(),
  }));
  const net = await model(
    inputs({ target: tokens(13), source: tokens(13) }),
    encoderDecoder({
      encoder: [embedding(16), bidirectional(of.lstm(24))],
      decoder: [embedding(16), of.lstm(48)],
      attention: { score: "additive" },
    }),
    of.dense(13),
    { seed: 5, threads },
  );
  const options = { loss: of.crossEntropy(), optimiser: of.nadam(0.002), clip: 1, seed: 6, steps: STEPS };
  await net.fit(examples, options);
  return net;
}

/** @typedef {(recurra: typeof import("recurra"), threads: number) => Promise<import("recurra").Model>} Train */

/** @param {readonly ArrayBufferView[]} parts */
async function sha256(parts) {
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of parts) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
