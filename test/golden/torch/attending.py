"""Files of safetensors of modules that attend, with what they give, for attending.json: python attending.py > attending.json

Weights are float32 and multiples of 1/256; outputs are computed in float64, with torch 2.13.0 and
safetensors 0.8.0.
"""

import base64
import json

import numpy as np
import torch
from safetensors.torch import save
from torch import nn

torch.set_num_threads(1)
draw = np.random.RandomState(20261121)


def drawn(*shape, scale=0.4):
    values = np.round(np.clip(draw.standard_normal(shape), -3, 3) * scale * 256) / 256 + 0.0
    return torch.tensor(values, dtype=torch.float32)


def tensor(value):
    return {"shape": list(value.shape), "data": value.detach().flatten().tolist()}


def case(name, net, *inputs):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(drawn(*parameter.shape))
    file = save(net.state_dict())
    output = net.double()(*[x.double() if x.is_floating_point() else x for x in inputs])
    return {
        "name": name,
        "file": base64.b64encode(file).decode(),
        "inputs": [tensor(x) for x in inputs],
        "output": tensor(output),
    }


class Attention(nn.Module):
    def __init__(self, units, heads, **options):
        super().__init__()
        self.look = nn.MultiheadAttention(units, heads, batch_first=True, **options)

    def forward(self, x, keys=None, values=None):
        keys = x if keys is None else keys
        return self.look(x, keys, keys if values is None else values, need_weights=False)[0]


class Writer(nn.Module):
    """Symbols and their positions, an encoder that looks back alone, and a linear map."""

    def __init__(self, **options):
        super().__init__()
        self.symbols = nn.Embedding(7, 6)
        self.places = nn.Embedding(5, 6)
        self.encoder = nn.TransformerEncoder(block(nn.TransformerEncoderLayer, **options), 2, nn.LayerNorm(6), enable_nested_tensor=False)
        self.out = nn.Linear(6, 7)

    def forward(self, x):
        steps = x.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(steps, dtype=torch.float64)
        rows = self.symbols(x) + self.places(torch.arange(steps))
        return self.out(self.encoder(rows, mask=mask, is_causal=True))


class Decoder(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.decoder = nn.TransformerDecoder(block(nn.TransformerDecoderLayer, **options), 2)

    def forward(self, x, memory):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=torch.float64)
        return self.decoder(x, memory, tgt_mask=mask)


def block(kind, **options):
    return kind(6, 2, 9, dropout=0.0, batch_first=True, **options)


def rows(steps, width):
    return drawn(2, steps, width, scale=1.0)


def symbols(steps):
    return torch.tensor(draw.randint(0, 7, (2, steps)))


cases = [
    case("attention", Attention(6, 3), rows(4, 6)),
    case("attention without bias", Attention(6, 2, bias=False), rows(4, 6)),
    case("attention to keys and values of other widths", Attention(6, 2, kdim=3, vdim=5), rows(4, 6), rows(3, 3), rows(3, 5)),
    case("attention to keys of another width, without bias", Attention(6, 2, kdim=3, bias=False), rows(4, 6), rows(3, 3), rows(3, 6)),
    case("encoder", Writer(), symbols(4)),
    case("encoder with its norms before", Writer(norm_first=True, activation="gelu"), symbols(5)),
    case("decoder", Decoder(), rows(4, 6), rows(3, 6)),
    case("decoder with its norms before", Decoder(norm_first=True), rows(4, 6), rows(5, 6)),
    case("one block", block(nn.TransformerEncoderLayer), rows(3, 6)),
]
refused = nn.MultiheadAttention(6, 2, add_bias_kv=True)
file = save(refused.state_dict())
print(json.dumps({"torch": torch.__version__, "cases": cases, "refused": base64.b64encode(file).decode()}, separators=(",", ":")))
