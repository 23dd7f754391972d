/**
 * recurra/inference: models that are loaded, or made and given their parameters, and predict; the part of the library that trains is
 * left out by the build, kernels and all. `train`, `fit` and `evaluate` throw InputError.
 */
export { minMax, type Scaler, scalerOf, standardise } from "./data/scale.js";
export { sigmoidOf, softmaxOf } from "./data/softmax.js";
export { type Tensor, tensor } from "./data/tensor.js";
export { type BeamSearchOptions, beamSearch } from "./decoding/beam-search.js";
export { type DecodeOptions, type DecodingStep, decode } from "./decoding/decode.js";
export { type Decoder, fromLogits } from "./decoding/decoder.js";
export { greedy, type SamplingOptions, sampling } from "./decoding/sampling.js";
export type { EngineOptions, KernelSources, Precision, PrecisionName, Threading } from "./engine/engine.js";
export type { ThreadsReason } from "./engine/host.js";
export { EngineError, type Fault, FormatError, InputError, RecurraError } from "./errors.js";
export type { Limits } from "./io/safetensors.js";
export { activation } from "./layers/activation.js";
export { type BidirectionalLayer, type BidirectionalOptions, bidirectional } from "./layers/bidirectional.js";
export { type DenseOptions, dense } from "./layers/dense.js";
export { type DropoutOptions, dropout } from "./layers/dropout.js";
export { type EmbeddingOptions, embedding } from "./layers/embedding.js";
export {
  type DecoderAttention,
  type EncoderDecoderOptions,
  encoderDecoder,
} from "./layers/encoder-decoder.js";
export { features, type Input, inputs, type Named, tokens } from "./layers/input.js";
export { last } from "./layers/last.js";
export type { Definition, Layer } from "./layers/layer.js";
export { type LayerNormOptions, layerNorm } from "./layers/layer-norm.js";
export { learned } from "./layers/learned.js";
export { type MinimalOptions, minGru, minLstm } from "./layers/minimal.js";
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
export type { Data, Sequence } from "./model/data.js";
export { load } from "./model/load.js";
export { type Model, type ModelOptions, model, type NamedTensor } from "./model/model.js";
export type { Others, Stream, StreamOptions } from "./model/stream.js";
export { type CtcDecodeOptions, ctcDecode } from "./text/ctc.js";
export { type Sampler, type SamplerOptions, sampler } from "./text/sample.js";
export { type Vocabulary, type VocabularyDefinition, vocabulary } from "./text/vocabulary.js";
