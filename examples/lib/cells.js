/** The cells that examples compare, each with its mark in plots. */

import { gru, lstm, rnn } from "recurra";

export const cells = [
  { name: "Elman", layer: rnn, mark: "●" },
  { name: "GRU", layer: gru, mark: "○" },
  { name: "LSTM", layer: lstm, mark: "×" },
];
