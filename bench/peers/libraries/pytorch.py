"""PyTorch on as many threads as the workload says: the same lines as racer.js speaks."""

import json
import os
import sys
from time import perf_counter

import torch
from torch import nn

RATE = 1e-3
MOST = 65_536
SHOWN = {"infer": 1, "stream": 32, "train": 3}


def read(path):
    """The tensors of a safetensors file, those of weights without the number of their layer."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    kinds = {"F32": torch.float32, "U32": torch.int32}
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data, dtype=kinds[entry["dtype"]], count=(end - begin) // 4, offset=begin)
        tensors[name.lstrip("0123456789.")] = flat.reshape(entry["shape"]).clone()
    return tensors


def prepare(workload, weights, data):
    cell, units, kind = workload["cell"], workload["units"], workload["kind"]
    inputs = data["inputs"]
    kernel = {name: weights[f"{cell}.weight{name}"].T.contiguous() for name in ("Input", "Hidden")}
    bias = weights[f"{cell}.bias"]
    bias_hidden = weights.get(f"{cell}.biasHidden", torch.zeros_like(bias))

    if kind == "stream":
        state = [torch.zeros(1, units), torch.zeros(1, units)]
        x = inputs[0]

        def step():  # the lowest-level call: nn.LSTM takes several times as long
            state[:] = torch.lstm_cell(x, state, kernel["Input"], kernel["Hidden"], bias, bias_hidden)
            return state[0]

        return torch.inference_mode()(step)

    layer = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[cell](kernel["Input"].shape[1], units)
    values = (kernel["Input"], kernel["Hidden"], bias, bias_hidden)
    with torch.no_grad():
        for parameter, value in zip(layer.parameters(), values):
            parameter.copy_(value)
    if kind == "infer":
        return torch.inference_mode()(lambda: layer(inputs)[0])

    layer.bias_hh_l0.requires_grad_(False)  # one bias, as the others have
    dense = nn.Linear(units, weights["dense.bias"].numel())
    with torch.no_grad():
        dense.weight.copy_(weights["dense.weight"].T)
        dense.bias.copy_(weights["dense.bias"])
    parameters = [p for p in (*layer.parameters(), *dense.parameters()) if p.requires_grad]
    outputs = lambda x: dense(layer(x)[0])
    if "text" in workload:
        embedding = nn.Embedding.from_pretrained(weights["embedding.weight"], freeze=False)
        parameters.append(embedding.weight)
        inputs, targets = inputs.long(), data["targets"].long().flatten()
        loss_of = lambda: nn.functional.cross_entropy(outputs(embedding(inputs)).flatten(0, 1), targets)
    else:
        loss_of = lambda: nn.functional.mse_loss(outputs(inputs), data["targets"])
    optimiser = torch.optim.Adam(parameters, lr=RATE)

    def train():
        optimiser.zero_grad()
        loss = loss_of()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return train


def turn(run, seconds):
    stamps = [perf_counter()]
    while len(stamps) <= MOST and (len(stamps) == 1 or stamps[-1] - stamps[0] < seconds):
        run()
        stamps.append(perf_counter())
    return [(after - before) * 1e3 for before, after in zip(stamps, stamps[1:])]


def say(message):
    print(json.dumps(message), flush=True)


workload = json.loads(sys.argv[1])
torch.set_num_threads(workload["threads"])
run = prepare(workload, read(workload["weights"]), read(workload["data"]))
shown = [run().flatten().clone() for _ in range(SHOWN[workload["kind"]])]
file = f"{workload['data']}.{os.getpid()}.shown"
with open(file, "wb") as out:
    out.write(bytes(torch.cat(shown).float().contiguous().untyped_storage()))
say({"shown": file})
for line in sys.stdin:
    say(turn(run, float(line) / 1e3))
