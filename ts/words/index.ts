/** recurra/words: words as vectors. */
export type { EngineOptions } from "../engine/engine.js";
export { type Corpus, type CorpusOptions, corpus } from "./corpus.js";
export {
  loadVectors,
  type ReadOptions,
  readVectors,
  type Source,
  saveVectors,
  writeVectors,
} from "./files.js";
export { type Glove, type GloveOptions, glove } from "./glove.js";
export { type PhraseOptions, phrases } from "./phrases.js";
export type { SubwordOptions } from "./subwords.js";
export type { WordProgress, WordTrainOptions } from "./training.js";
export {
  type AnalogyOptions,
  cosine,
  type NearestOptions,
  type Neighbour,
  type Query,
  type WordVectors,
  wordVectors,
} from "./vectors.js";
export { type Word2vec, type Word2vecOptions, word2vec } from "./word2vec.js";
