// brain.js: its LSTM learns the next value of sequences, one sequence after another.

import brain from "brain.js";

/** @type {import("../racer.js").Prepare} */
export default function prepare({ steps, batch, units }, _weights, { inputs, targets }) {
  const sequences = Array.from({ length: batch }, (_, row) => [
    ...Array.from({ length: steps }, (_, step) => inputs.data[step * batch + row]),
    targets.data[(steps - 1) * batch + row],
  ]);
  const net = new brain.recurrent.LSTMTimeStep({ inputSize: 1, hiddenLayers: [units], outputSize: 1 });
  return {
    run: () => net.train(sequences, { iterations: 1, errorThresh: 0 }),
    read: ({ error }) => [error],
    note: "takes no weights from outside and updates its own after each sequence, by RMSProp: cost only",
  };
}
