/** recurra: recurrent neural networks that train and run anywhere JavaScript does. */

export { classWeights, type ResampleOptions, resample } from "./data/balance.js";
export { type Batches, type BatchOptions, batches, type PaddedBatch } from "./data/batches.js";
export { type CalendarOptions, calendar, type DatePart } from "./data/calendar.js";
export { difference, integrate } from "./data/difference.js";
export { type Fold, type FoldOptions, folds } from "./data/folds.js";
export { type Gathered, type GatherOptions, gather } from "./data/gather.js";
export { type Horizon, type HorizonOptions, horizons } from "./data/horizons.js";
export {
  type MaskedBatch,
  type MaskedTokens,
  type MaskedTokensOptions,
  maskedTokens,
  type TokenBatch,
} from "./data/masked-tokens.js";
export { type Pair, type PairBatch, type PairOptions, type Pairs, pairs } from "./data/pairs.js";
export { type Prefetched, prefetch } from "./data/prefetch.js";
export type { Row, Rows } from "./data/rows.js";
export { type FitOptions, minMax, type Scaler, scalerOf, standardise } from "./data/scale.js";
export type { Series } from "./data/series.js";
export { sigmoidOf, softmaxOf } from "./data/softmax.js";
export { type Shares, type Split, splitByHash, splitInOrder, splitRandomly } from "./data/split.js";
export { type Tensor, tensor } from "./data/tensor.js";
export { type Batch, type WindowOptions, type Windows, windows } from "./data/windows.js";
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
export { DivergedError, EngineError, type Fault, FormatError, InputError, RecurraError } from "./errors.js";
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
export { type Bleu, type BleuOptions, bleu, sentenceBleu } from "./metrics/bleu.js";
export {
  type BleuByLength,
  type BleuByLengthOptions,
  bleuByLength,
  type LengthGroup,
} from "./metrics/bleu-by-length.js";
export { type ChrfOptions, chrf } from "./metrics/chrf.js";
export {
  type AverageOptions,
  accuracy,
  f1,
  type LabelOptions,
  precision,
  recall,
  topK,
} from "./metrics/classification.js";
export { type ConfusionOptions, confusionMatrix, mcc } from "./metrics/confusion.js";
export {
  characterErrorRate,
  type Edits,
  type ErrorRate,
  edits,
  exactMatch,
  type WordErrorOptions,
  wordErrorRate,
} from "./metrics/edits.js";
export {
  type EntityScore,
  type EntityScores,
  entityScores,
  type Span,
  spans,
} from "./metrics/entities.js";
export { bitsPerCharacter, perplexity } from "./metrics/language.js";
export type { Metric, MetricOptions } from "./metrics/metric.js";
export type { References } from "./metrics/references.js";
export { mae, mape, mase, r2, smape } from "./metrics/regression.js";
export { rocAuc } from "./metrics/roc-auc.js";
export { type Rouge, type RougeOptions, rougeL } from "./metrics/rouge.js";
export type { Tokenise } from "./metrics/tokenise.js";
export type { Definitions } from "./model/checkpoint.js";
export { crfLoss, tags } from "./model/crf.js";
export type { Data, Lengths, Sequence } from "./model/data.js";
export type { EvaluateOptions } from "./model/evaluate.js";
export type { Epochs, Example, Examples } from "./model/feed.js";
export { type InspectedGradients, type Inspection, type InspectOptions, inspect } from "./model/inspect.js";
export { type InspectedAttention, inspectAttention } from "./model/inspect-attention.js";
export { load } from "./model/load.js";
export {
  absoluteError,
  type BinaryCrossEntropyOptions,
  binaryCrossEntropy,
  type CosineEmbeddingOptions,
  type CrossEntropyOptions,
  type CtcOptions,
  cosine,
  cosineEmbedding,
  crossEntropy,
  ctc,
  type HuberOptions,
  huber,
  kullbackLeibler,
  type Loss,
  type SquaredErrorOptions,
  squaredError,
} from "./model/losses.js";
export { type Model, type ModelOptions, model, type NamedTensor } from "./model/model.js";
export { type ProfiledOperation, type ProfileOptions, profile } from "./model/profile.js";
export {
  type OutputDifference,
  type QuantisationReport,
  type Quantised,
  type QuantiseOptions,
  quantise,
} from "./model/quantise.js";
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
export { type AdadeltaOptions, adadelta } from "./optimisers/adadelta.js";
export {
  type AdamOptions,
  type AmsgradOptions,
  adam,
  adamw,
  type NadamOptions,
  nadam,
  radam,
} from "./optimisers/adam.js";
export { adamax } from "./optimisers/adamax.js";
export { type Clip, clipEach, clipNorm, clipValue, type Floats, type Gradients } from "./optimisers/clip.js";
export { type LionOptions, lion } from "./optimisers/lion.js";
export type { Optimiser, Rate, Schedule } from "./optimisers/optimiser.js";
export { type AdagradOptions, adagrad, type RmspropOptions, rmsprop } from "./optimisers/rmsprop.js";
export {
  type CosineOptions,
  cosineDecay,
  exponentialDecay,
  inTurn,
  milestoneDecay,
  type OneCycleOptions,
  oneCycle,
  type PlateauOptions,
  plateau,
  polynomialDecay,
  stepDecay,
  warmup,
} from "./optimisers/schedules.js";
export { type SgdOptions, sgd } from "./optimisers/sgd.js";
export {
  type AttentionSvgOptions,
  type AttentionWeights,
  attentionSvg,
  attentionText,
} from "./pictures/attention.js";
export { type Random, random } from "./random.js";
export {
  type BiasVariance,
  type BiasVarianceOptions,
  biasVariance,
  decomposeError,
} from "./study/bias-variance.js";
export { type CrossValidationOptions, crossValidate } from "./study/cross-validate.js";
export {
  type LearningCurveOptions,
  type LearningPoint,
  learningCurve,
  type Scores,
} from "./study/learning-curve.js";
export {
  type Grid,
  gridSearch,
  logUniformly,
  randomSearch,
  type SearchOptions,
  type Space,
  type Trial,
  uniformly,
} from "./study/search.js";
export type { Summary } from "./study/summary.js";
export { answerTrials, type TrialWorkers, trialWorkers } from "./study/trial-workers.js";
export { type BytePairOptions, bytePairVocabulary } from "./text/byte-pair-training.js";
export { type CtcDecodeOptions, ctcDecode } from "./text/ctc.js";
export { type Sampler, type SamplerOptions, sampler } from "./text/sample.js";
export { vocabularyOf } from "./text/saved-vocabulary.js";
export type { FrequencyOptions, SpecialSymbols, SpellingOptions } from "./text/symbols.js";
export { countUnknown, type UnknownSymbols } from "./text/unknown.js";
export { type Vocabulary, type VocabularyDefinition, vocabulary } from "./text/vocabulary.js";
export { type WordVocabularyOptions, wordVocabulary } from "./text/word-vocabulary.js";
export { sentences, type WordOptions, words } from "./text/words.js";
export { averaged } from "./training/average.js";
export { type CheckpointOptions, checkpoints, type Store } from "./training/checkpoints.js";
export { type DiagnoseOptions, type Diagnosis, diagnose, type LayerDiagnosis } from "./training/diagnose.js";
export { type FindRateOptions, findRate, type RateFinding } from "./training/find-rate.js";
export type { Finding } from "./training/findings.js";
export type { Group } from "./training/groups.js";
export { type History, historyOf } from "./training/history.js";
export { type Overfit, type OverfitOptions, overfitOneBatch } from "./training/overfit.js";
export { checkpoint, resume } from "./training/resume.js";
export {
  type SampledPairs,
  type ScheduledSamplingOptions,
  scheduledSampling,
} from "./training/scheduled-sampling.js";
export type { Follow, Progress, TrainOptions } from "./training/train.js";
export type { Start } from "./training/training.js";
export {
  type Validated,
  type Validation,
  type ValidationOptions,
  validation,
} from "./training/validation.js";
