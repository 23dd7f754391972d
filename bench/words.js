/** Words as vectors, through the public API: training, looking for neighbours, loading; 100 numbers a word. */
import { tensor } from "../ts/data/tensor.js";
import { random } from "../ts/random.js";
import { corpus, readVectors, word2vec, wordVectors } from "../ts/words/index.js";
import { rateResult, takeTurns } from "./measure.js";

const WIDTH = 100;

/** The figures to reach in a second: words learned, products of vectors, vectors read (400,000 in 3 s). */
const goals = { learn: 300_000, compare: 60e6, read: 400_000 / 3 };

/** @param {import("./measure.js").Options} options */
export default async function words({ rounds = 10 }) {
  return [
    await learning("skip-gram", {}, rounds),
    await learning("skip-gram-threads", { threads: 2 }, rounds),
    await learning("cbow", { method: /** @type {const} */ ("cbow") }, rounds),
    await comparing(20_000, rounds),
    await comparing(400_000, rounds),
    await reading(rounds),
  ];
}

/**
 * Words of a corpus whose frequencies fall as Zipf says, none left out: 20 to a sentence, a window of 5, 5 negatives.
 *
 * @param {string} id
 * @param {import("../ts/words/word2vec.js").Word2vecOptions} options
 * @param {number} rounds
 */
async function learning(id, options, rounds) {
  const { uniform } = random(1);
  const most = 20_000;
  const sentences = Array.from({ length: 5000 }, () =>
    Array.from({ length: 20 }, () => `${Math.floor(most ** uniform())}`),
  );
  const text = corpus(sentences, { atLeast: 1 });
  const trainer = await word2vec(text, { ...options, width: WIDTH, sample: 0 });
  const training = trainer.train({ epochs: 0xffff });
  const result = await rate(id, "words/s", 10_000, () => training.next(), goals.learn, rounds);
  await training.return();
  await trainer.close();
  return result;
}

/**
 * The nearest of so many words.
 *
 * @param {number} size
 * @param {number} rounds
 */
async function comparing(size, rounds) {
  const { bits } = random(1);
  const data = Float32Array.from({ length: size * WIDTH }, () => (bits() | 0) / 0x80000000);
  const names = Array.from({ length: size }, (_, i) => `word${i}`);
  const vectors = await wordVectors(names, tensor(data, [size, WIDTH]));
  return rate(`nearest-${size}`, "products/s", size, () => vectors.nearest("word1"), goals.compare, rounds);
}

/**
 * A text of 20,000 vectors, six digits a number.
 *
 * @param {number} rounds
 */
async function reading(rounds) {
  const size = 20_000;
  const { uniform } = random(1);
  const row = (/** @type {number} */ i) => {
    const numbers = Array.from({ length: WIDTH }, () => (uniform() - 0.5).toFixed(6));
    return `word${i} ${numbers.join(" ")}\n`;
  };
  const bytes = new TextEncoder().encode(Array.from({ length: size }, (_, i) => row(i)).join(""));
  return rate("load-text", "vectors/s", size, () => readVectors(bytes), goals.read, rounds);
}

/**
 * @param {string} id
 * @param {string} unit
 * @param {number} count How many of the unit `run` does.
 * @param {() => unknown} run
 * @param {number} goal
 * @param {number} rounds
 */
async function rate(id, unit, count, run, goal, rounds) {
  const work = async (/** @type {number} */ times) => {
    for (let i = 0; i < times; i++) await run();
  };
  const [seconds] = await takeTurns([work], rounds);
  const rates = seconds.map((each) => count / each);
  const ratios = rates.map((each) => each / goal);
  return rateResult(id, rates, { ratios, of: Math.round(goal).toLocaleString("en-US") }, unit);
}
