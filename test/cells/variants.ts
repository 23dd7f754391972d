/** Every recurrent layer and option that the library exports: what the contract of cells is asserted on. */
import { gru, layerNormLstm, lstm, minGru, minLstm, type RecurrentLayer, rnn } from "../../ts/index.js";

export const variants: Readonly<Record<string, (units: number) => RecurrentLayer>> = {
  rnn: (units) => rnn(units),
  "rnn with relu": (units) => rnn(units, { activation: "relu" }),
  "rnn with sigmoid": (units) => rnn(units, { activation: "sigmoid" }),
  "rnn with identity": (units) => rnn(units, { activation: "identity", clip: 0.5 }),
  "rnn with two biases": (units) => rnn(units, { biasHidden: true }),
  "rnn without bias": (units) => rnn(units, { bias: false }),
  "rnn with softplus, clipped": (units) => rnn(units, { activation: "softplus", clip: 0.4 }),
  gru: (units) => gru(units),
  "gru without hidden bias": (units) => gru(units, { biasHidden: false }),
  "gru whose update weights the candidate": (units) => gru(units, { update: "candidate" }),
  "gru with other activations, clipped": (units) =>
    gru(units, { gateActivation: "hardSigmoid", candidateActivation: "softsign", clip: 0.7 }),
  "gru with the reset first": (units) => gru(units, { resetAfter: false }),
  "gru as the notes write it": (units) => gru(units, { resetAfter: false, update: "candidate" }),
  "gru with the reset first and other activations, clipped": (units) =>
    gru(units, { resetAfter: false, gateActivation: "hardSigmoid", candidateActivation: "elu", clip: 0.7 }),
  lstm: (units) => lstm(units),
  "lstm with two biases": (units) => lstm(units, { biasHidden: true }),
  "lstm without bias": (units) => lstm(units, { bias: false }),
  "lstm with peepholes": (units) => lstm(units, { peepholes: true }),
  "lstm with coupled gates": (units) => lstm(units, { coupled: true }),
  "lstm with coupled gates, peepholes and clipping": (units) =>
    lstm(units, { coupled: true, peepholes: true, clip: 0.6 }),
  "lstm with other activations": (units) =>
    lstm(units, {
      gateActivation: "hardSigmoid",
      candidateActivation: { name: "leakyRelu", alpha: 0.1 },
      cellActivation: { name: "scaledTanh", alpha: 1.2, beta: 0.8 },
    }),
  "gru with dropped weights": (units) => gru(units, { weightDrop: 0.3 }),
  "lstm with dropped weights": (units) => lstm(units, { weightDrop: 0.2 }),
  "rnn with recurrent dropout": (units) => rnn(units, { recurrentDropout: 0.3 }),
  "gru with recurrent dropout at every step": (units) =>
    gru(units, { recurrentDropout: 0.3, recurrentDropoutPerStep: true }),
  "gru with the reset first and zoneout": (units) => gru(units, { resetAfter: false, zoneout: 0.2 }),
  "lstm with zoneout": (units) => lstm(units, { zoneout: 0.2, zoneoutCell: 0.4 }),
  "lstm with a projection, zoneout of the cell and recurrent dropout": (units) =>
    lstm(units, { projection: Math.ceil(units / 2), zoneoutCell: 0.3, recurrentDropout: 0.2 }),
  "minGru with zoneout": (units) => minGru(units, { zoneout: 0.1 }),
  "lstm with layer normalisation": (units) => layerNormLstm(units),
  "lstm with layer normalisation, recurrent dropout and zoneout": (units) =>
    layerNormLstm(units, { recurrentDropout: 0.2, zoneout: 0.1, weightDrop: 0.1 }),
  "lstm with a projection": (units) => lstm(units, { projection: Math.ceil(units / 2) }),
  "rnn with a learned beginning": (units) => rnn(units, { initial: "learned" }),
  "lstm with a learned beginning": (units) => lstm(units, { initial: "learned" }),
  minGru: (units) => minGru(units),
  "minGru in the positive form": (units) => minGru(units, { positive: true }),
  "minGru without bias, with a learned beginning": (units) =>
    minGru(units, { bias: false, initial: "learned" }),
  minLstm: (units) => minLstm(units),
  "minLstm in the positive form": (units) => minLstm(units, { positive: true }),
  "minLstm without bias, with a learned beginning": (units) =>
    minLstm(units, { bias: false, initial: "learned" }),
};
