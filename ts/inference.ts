/**
 * recurra/inference: models that are loaded, or made and given their parameters, and predict; the part of the library that trains is
 * left out by the build, kernels and all. `train`, `fit` and `evaluate` throw InputError.
 */
export { minMax, type Scaler, scalerOf, standardise } from "./data/scale.js";
export { sigmoidOf, softmaxOf } from "./data/softmax.js";
export { type Tensor, tensor } from "./data/tensor.js";
export { type BeamSearchOptions, beamSearch } from "./decoding/beam-search.js";
export { type DecodeOptions, type DecodingStep, decode, decoding } from "./decoding/decode.js";
export { type Decoder, fromLogits } from "./decoding/decoder.js";
export type { Draft, Finished, Hypothesis } from "./decoding/path.js";
export type { Constraint, RuleOptions } from "./decoding/rules.js";
export { greedy, type SamplingOptions, sampling } from "./decoding/sampling.js";
export { type Score, type ScoreOptions, score } from "./decoding/score.js";
export type { Search } from "./decoding/search.js";
export type { EngineOptions, KernelSources, Precision, PrecisionName, Threading } from "./engine/engine.js";
export type { ThreadsReason } from "./engine/host.js";
export { EngineError, type Fault, FormatError, InputError, RecurraError } from "./errors.js";
export type { Value } from "./graph/graph.js";
export type { Limits } from "./io/safetensors.js";
export { activation } from "./layers/activation.js";
export { type AttentionLayer, type AttentionOptions, attention } from "./layers/attention.js";
export { type BidirectionalLayer, type BidirectionalOptions, bidirectional } from "./layers/bidirectional.js";
export { type Conv1dOptions, conv1d } from "./layers/conv1d.js";
export { type CrfOptions, crf } from "./layers/crf.js";
export type { DecoderAttention } from "./layers/decoder-attention.js";
export { type DenseOptions, dense } from "./layers/dense.js";
export { type DropoutOptions, dropout } from "./layers/dropout.js";
export { type EmbeddingOptions, embedding, type TableOptions } from "./layers/embedding.js";
export {
  type EncoderDecoderOptions,
  encoderDecoder,
} from "./layers/encoder-decoder.js";
export { flatten } from "./layers/flatten.js";
export { features, type Input, inputs, type Named, tokens } from "./layers/input.js";
export { last } from "./layers/last.js";
export type { Definition, Layer } from "./layers/layer.js";
export { type LayerNormOptions, layerNorm } from "./layers/layer-norm.js";
export { type LayerNormLstmOptions, layerNormLstm } from "./layers/layer-norm-lstm.js";
export { learned } from "./layers/learned.js";
export { type MinimalOptions, minGru, minLstm } from "./layers/minimal.js";
export {
  type MultiHeadAttentionOptions,
  multiHeadAttention,
} from "./layers/multi-head-attention.js";
export type { Operation } from "./layers/operations.js";
export { type PositionOptions, positions } from "./layers/positions.js";
export {
  type GruOptions,
  gru,
  type LstmOptions,
  lstm,
  type RecurrentLayer,
  type RecurrentOptions,
  type RnnOptions,
  rnn,
  type Sequenced,
} from "./layers/recurrent.js";
export { residual } from "./layers/residual.js";
export { logSoftmax, softmax } from "./layers/softmax.js";
export { sparseEmbedding } from "./layers/sparse-embedding.js";
export type { TagScheme } from "./layers/tag-scheme.js";
export {
  type TransformerDecoderLayer,
  type TransformerDecoderOptions,
  type TransformerEncoderOptions,
  type TransformerOptions,
  transformerDecoder,
  transformerEncoder,
} from "./layers/transformer.js";
export { type WiringNode, type WiringOptions, wiring } from "./layers/wiring.js";
export { zeros } from "./layers/zeros.js";
export { tags } from "./model/crf.js";
export type { Data, Lengths, Sequence } from "./model/data.js";
export { load } from "./model/load.js";
export { type Model, type ModelOptions, model, type NamedTensor } from "./model/model.js";
export type { Others, Stream, StreamOptions } from "./model/stream.js";
export type { StreamState } from "./model/stream-states.js";
export { type Translator, type TranslatorOptions, translator } from "./model/translator.js";
export type { Activation, ActivationName, ActivationOptions } from "./ops/activation.js";
export { add } from "./ops/add.js";
export { at } from "./ops/at.js";
export { average } from "./ops/average.js";
export { concat } from "./ops/concat.js";
export { multiply } from "./ops/multiply.js";
export { slice } from "./ops/slice.js";
export { stack } from "./ops/stack.js";
export {
  type AttentionSvgOptions,
  type AttentionWeights,
  attentionSvg,
  attentionText,
} from "./pictures/attention.js";
export { type CtcDecodeOptions, ctcDecode } from "./text/ctc.js";
export { type Sampler, type SamplerOptions, sampler } from "./text/sample.js";
export { vocabularyOf } from "./text/saved-vocabulary.js";
export type { FrequencyOptions, SpecialSymbols, SpellingOptions } from "./text/symbols.js";
export { type Vocabulary, type VocabularyDefinition, vocabulary } from "./text/vocabulary.js";
export { type WordVocabularyOptions, wordVocabulary } from "./text/word-vocabulary.js";
