/** recurra/words: words as vectors. */

export { type Corpus, type CorpusOptions, corpus } from "./corpus.js";
export { type MeanOptions, type TextSearch, textSearch, textVectors } from "./documents.js";
export type { MemoryOptions } from "./engine.js";
export {
  loadVectors,
  type ReadOptions,
  readVectors,
  type Source,
  saveVectors,
  writeVectors,
} from "./files.js";
export { type Glove, type GloveOptions, glove } from "./glove.js";
export { type Groups, groups } from "./groups.js";
export { type MapOptions, wordMap } from "./map.js";
export { hashedWords, oneHot } from "./one-hot.js";
export { type Components, pca } from "./pca.js";
export { type PhraseOptions, phrases } from "./phrases.js";
export {
  type AnalogyScore,
  type AnalogySection,
  parseAnalogies,
  parseWordPairs,
  scoreAnalogies,
  scoreWordPairs,
  spearman,
  type WordPair,
} from "./scores.js";
export { denseRows, type SparseRows } from "./sparse.js";
export type { SubwordOptions } from "./subwords.js";
export type { TermOptions, Text } from "./terms.js";
export type { WordProgress, WordTrainOptions } from "./training.js";
export {
  type BagOptions,
  bagOfWords,
  hashedTerms,
  type TfIdfOptions,
  tfIdf,
  type Vectorised,
  type Vectoriser,
  type VectoriserDefinition,
  vectoriserOf,
} from "./vectorise.js";
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
