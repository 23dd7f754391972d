"""Makes transformer.json: PyTorch's TransformerEncoderLayer and TransformerDecoderLayer in float64. `python transformer.py`, with torch 2.13.0."""

import json
import os

import torch

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
STEPS, SOURCES, BATCH, UNITS, HEADS, HIDDEN = 4, 5, 3, 6, 2, 7


def exact(*shape):
    """Multiples of 1/256, exact in float32."""
    return torch.round(torch.randn(shape) * 128) / 256


def tensor(t):
    return {"shape": list(t.shape), "data": t.detach().reshape(-1).tolist()}


def padding(lengths, steps):
    return torch.arange(steps)[None, :] >= torch.tensor(lengths)[:, None]


def case(name, decoder, causal, lengths, memory_lengths, **options):
    kind = torch.nn.TransformerDecoderLayer if decoder else torch.nn.TransformerEncoderLayer
    layer = kind(UNITS, HEADS, HIDDEN, dropout=0.0, **options)
    for parameter in layer.parameters():
        parameter.data = exact(*parameter.shape)
    x = exact(STEPS, BATCH, UNITS).requires_grad_()
    memory = exact(SOURCES, BATCH, UNITS).requires_grad_()
    mask = torch.nn.Transformer.generate_square_subsequent_mask(STEPS).isinf() if causal else None
    own = padding(lengths, STEPS)
    if decoder:
        y = layer(x, memory, tgt_mask=mask, tgt_key_padding_mask=own, memory_key_padding_mask=padding(memory_lengths, SOURCES))
    else:
        y = layer(x, src_mask=mask, src_key_padding_mask=own)
    upstream = exact(*y.shape)
    (y * upstream).sum().backward()
    inputs = {"x": x, "memory": memory} if decoder else {"x": x}
    named = dict(layer.named_parameters())
    return {
        "name": name,
        "config": {"decoder": decoder, "causal": causal, "lengths": lengths, "memoryLengths": memory_lengths, "norm": "before" if options.get("norm_first") else "after", "activation": options.get("activation", "relu")},
        "inputs": {key: tensor(value) for key, value in inputs.items()},
        "params": {key: tensor(value) for key, value in named.items()},
        "upstream": {"G": tensor(upstream)},
        "outputs": {"y": tensor(y)},
        "grads": {key: tensor(value.grad) for key, value in {**inputs, **named}.items()},
    }


cases = [
    case("encoder", False, False, [4, 2, 3], [], activation="relu"),
    case("encoder, causal, norm before, gelu", False, True, [4, 4, 1], [], activation="gelu", norm_first=True),
    case("decoder", True, True, [4, 2, 3], [5, 1, 3], activation="gelu"),
    case("decoder, norm before", True, True, [4, 4, 4], [2, 5, 5], activation="relu", norm_first=True),
]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "transformer.json"), "w") as file:
    json.dump({"dtype": "float64", "heads": HEADS, "hidden": HIDDEN, "cases": cases}, file)
    file.write("\n")
