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
export type { FitOptions } from "./data/scale.js";
export type { Series } from "./data/series.js";
export { type Shares, type Split, splitByHash, splitInOrder, splitRandomly } from "./data/split.js";
export { type Batch, type WindowOptions, type Windows, windows } from "./data/windows.js";
export { DivergedError } from "./errors.js";
export * from "./inference.js"; // all that predicts
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
export { type EntityScore, type EntityScores, entityScores, type Span, spans } from "./metrics/entities.js";
export { bitsPerCharacter, perplexity } from "./metrics/language.js";
export type { Metric, MetricOptions } from "./metrics/metric.js";
export type { References } from "./metrics/references.js";
export { mae, mape, mase, r2, smape } from "./metrics/regression.js";
export { rocAuc } from "./metrics/roc-auc.js";
export { type Rouge, type RougeOptions, rougeL } from "./metrics/rouge.js";
export type { Tokenise } from "./metrics/tokenise.js";
export type { Definitions } from "./model/checkpoint.js";
export { crfLoss } from "./model/crf.js";
export type { EvaluateOptions } from "./model/evaluate.js";
export type { Epochs, Example, Examples } from "./model/feed.js";
export { type InspectedGradients, type Inspection, type InspectOptions, inspect } from "./model/inspect.js";
export { type InspectedAttention, inspectAttention } from "./model/inspect-attention.js";
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
export { type ProfiledOperation, type ProfileOptions, profile } from "./model/profile.js";
export {
  type OutputDifference,
  type QuantisationReport,
  type Quantised,
  type QuantiseOptions,
  quantise,
} from "./model/quantise.js";
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
export { countUnknown, type UnknownSymbols } from "./text/unknown.js";
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
