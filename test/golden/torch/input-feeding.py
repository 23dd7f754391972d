"""Makes input-feeding.json: decoders with input feeding (Luong et al. 2015) out of PyTorch's cells, in float64. `python input-feeding.py`, with torch 2.13.0."""

import json
import os

import torch

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
STEPS, SOURCES, BATCH, INPUTS, FEATURES = 4, 6, 3, 3, 2
LENGTHS, SOURCE_LENGTHS = [4, 2, 3], [6, 2, 5]


def exact(*shape):
    """Multiples of 1/256, exact in float32."""
    return torch.round(torch.randn(shape) * 96) / 256


def tensor(t):
    return {"shape": list(t.shape), "data": [float(f"{x:.8g}") for x in t.detach().reshape(-1).tolist()]}


def case(name, layers, score, units=0, coverage=False):
    """layers: of the encoder and of the decoder alike, kinds and widths from the lowest to the highest."""
    encoders, cells, width = [], [], FEATURES
    top = layers[-1][1]
    for index, (kind, size) in enumerate(layers):
        encoders.append({"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](width, size))
        below = INPUTS + top if index == 0 else layers[index - 1][1]
        cells.append({"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell}[kind](below, size))
        width = size
    own = {"weight": exact(2 * top, top), "bias": exact(top)}
    inner = units if score == "additive" else top
    if score != "dot":
        own["weightQuery"] = exact(top, inner)
    if score == "additive":
        own |= {"weightKey": exact(top, inner), "attentionBias": exact(inner), "energy": 4 * exact(inner)}
    if coverage:
        own["weightCoverage"] = exact(inner)
    for module in [*encoders, *cells]:
        for key, parameter in module.named_parameters():
            parameter.data = exact(*parameter.shape)
            if key.startswith("bias_hh") and isinstance(module, (torch.nn.LSTM, torch.nn.LSTMCell)):
                parameter.data.zero_()
    for parameter in own.values():
        parameter.requires_grad_()
    target = exact(STEPS, BATCH, INPUTS).requires_grad_()
    source = (4 * exact(SOURCES, BATCH, FEATURES)).requires_grad_()

    memory, states = source, []
    for encoder in encoders:
        packed = torch.nn.utils.rnn.pack_padded_sequence(memory, SOURCE_LENGTHS, enforce_sorted=False)
        packed, final = encoder(packed)
        memory, _ = torch.nn.utils.rnn.pad_packed_sequence(packed, total_length=SOURCES)
        states.append(tuple(s[0] for s in final) if isinstance(final, tuple) else final[0])
    padding = torch.arange(SOURCES)[None, :] >= torch.tensor(SOURCE_LENGTHS)[:, None]
    vector, covered = torch.zeros(BATCH, top), torch.zeros(BATCH, SOURCES)
    outputs = []
    for t in range(STEPS):
        x = torch.cat([target[t], vector], 1)
        for index, cell in enumerate(cells):
            states[index] = cell(x, states[index])
            x = states[index][0] if isinstance(states[index], tuple) else states[index]
        query = x @ own["weightQuery"] if "weightQuery" in own else x
        if score == "additive":
            inside = query[None] + memory @ own["weightKey"] + own["attentionBias"]
            if coverage:
                inside = inside + covered.T[..., None] * own["weightCoverage"]
            scores = (torch.tanh(inside) @ own["energy"]).T
        else:
            scores = (query[None] * memory).sum(2).T
        weights = torch.softmax(scores.masked_fill(padding, -torch.inf), 1)
        covered = covered + weights
        context = (weights.T[..., None] * memory).sum(0)
        vector = torch.tanh(torch.cat([context, x], 1) @ own["weight"] + own["bias"])
        outputs.append(vector)
    ended = torch.arange(STEPS)[:, None] >= torch.tensor(LENGTHS)[None, :]
    y = torch.stack(outputs).masked_fill(ended[..., None], 0)
    upstream = exact(*y.shape)
    (y * upstream).sum().backward()

    def named(pick):
        """By our names; weights [inputs, outputs]."""
        found = {f"attentional.{key}": pick(value) for key, value in own.items()}
        for where, modules in (("encoder", encoders), ("decoder", cells)):
            for index, module in enumerate(modules):
                kind = layers[index][0]
                values = {key.replace("_l0", ""): pick(value) for key, value in module.named_parameters()}
                weight = values["weight_ih"].T
                fed = where == "decoder" and index == 0
                found[f"{where}.{kind}.weightInput"] = weight[:INPUTS] if fed else weight
                if fed:
                    found[f"{where}.{kind}.weightFeed"] = weight[INPUTS:]
                found[f"{where}.{kind}.weightHidden"] = values["weight_hh"].T
                found[f"{where}.{kind}.bias"] = values["bias_ih"]
                if kind == "gru":
                    found[f"{where}.{kind}.biasHidden"] = values["bias_hh"]
        return {key: tensor(value) for key, value in found.items()}

    return {
        "name": name,
        "layers": layers,
        "attention": {"score": score, **({"units": units} if units else {}), **({"coverage": True} if coverage else {})},
        "inputs": {"target": tensor(target), "source": tensor(source)},
        "params": named(lambda p: p),
        "upstream": tensor(upstream),
        "output": tensor(y),
        "grads": named(lambda p: p.grad),
        "inputGrads": {"target": tensor(target.grad), "source": tensor(source.grad)},
    }


cases = [
    case("an LSTM, dot", [("lstm", 5)], "dot"),
    case("a GRU, general", [("gru", 5)], "general"),
    case("an LSTM, additive with coverage", [("lstm", 5)], "additive", 4, True),
    case("a GRU below an LSTM, additive", [("gru", 6), ("lstm", 17)], "additive", 18),
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "input-feeding.json"), "w") as file:
    json.dump({"lengths": LENGTHS, "sourceLengths": SOURCE_LENGTHS, "cases": cases}, file)
    file.write("\n")
