"""Writes exported.json: small networks, recurrent ones and such that attend, as both exporters of PyTorch write them, and what onnxruntime computes with the files."""

import base64
import io
import json
import pathlib
import tempfile
import warnings

import numpy
import onnx
import onnxruntime
import torch
from torch import nn

warnings.filterwarnings("ignore")
torch.backends.mha.set_fastpath_enabled(False)


class Tokens(nn.Module):
    """Two layers in both directions over symbols; the last step is classified."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 5, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2)
        self.dropout = nn.Dropout(0.3)
        self.dense = nn.Linear(10, 3)

    def forward(self, x):
        return self.dense(self.dropout(self.lstm(self.embedding(x))[0][:, -1]))


class Steps(nn.Module):
    """An answer at every step, steps first."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(4, 7)
        self.dense = nn.Linear(7, 3)

    def forward(self, x):
        return nn.functional.log_softmax(self.dense(self.gru(x)[0]), dim=-1)


class Mean(nn.Module):
    """Normalised states and their mean over the steps."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 8, nonlinearity="relu", batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.dense = nn.Linear(8, 2)

    def forward(self, x):
        return torch.sigmoid(self.dense(self.norm(self.rnn(x)[0]).mean(dim=1)))


class Final(nn.Module):
    """The final states of both directions, side by side."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, bidirectional=True, batch_first=True)
        self.dense = nn.Linear(8, 2)

    def forward(self, x):
        _, (hidden, _) = self.lstm(x)
        return self.dense(torch.cat([hidden[-2], hidden[-1]], dim=1))


class Decoder(nn.Module):
    """A second layer begins with the states of the first, and its input is gated by a branch."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(3, 6, batch_first=True)
        self.gate = nn.Linear(3, 3)
        self.decoder = nn.LSTM(3, 6, batch_first=True)
        self.scale = nn.Parameter(torch.randn(6))

    def forward(self, x):
        _, states = self.encoder(x)
        gated = x * torch.sigmoid(self.gate(x)) - 0.25
        return torch.tanh(self.decoder(gated, states)[0] * self.scale) * 2 + 1


class Greatest(nn.Module):
    """The greatest of the steps of a layer whose first state is learned."""

    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(2, 5, batch_first=True)
        self.first = nn.Parameter(torch.randn(1, 1, 5))
        self.dense = nn.Linear(5, 2)

    def forward(self, x):
        states, _ = self.gru(x, self.first.expand(1, x.shape[0], 5).contiguous())
        return torch.softmax(self.dense(nn.functional.gelu(states.amax(dim=1))), dim=-1)


def past(steps):
    return nn.Transformer.generate_square_subsequent_mask(steps)


class Attending(nn.Module):
    """Attention of two heads over the states of a layer."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 8, batch_first=True)
        self.look = nn.MultiheadAttention(8, 2, batch_first=True)
        self.dense = nn.Linear(8, 2)

    def forward(self, x):
        states = self.lstm(x)[0]
        return self.dense(self.look(states, states, states, need_weights=False)[0])


class Writer(nn.Module):
    """Symbols and their places, and a block that sees no later steps."""

    def __init__(self):
        super().__init__()
        self.symbols = nn.Embedding(11, 8)
        self.places = nn.Embedding(20, 8)
        block = nn.TransformerEncoderLayer(8, 2, 12, batch_first=True, norm_first=True, activation="gelu")
        self.blocks = nn.TransformerEncoder(block, 1, nn.LayerNorm(8), enable_nested_tensor=False)
        self.dense = nn.Linear(8, 11)

    def forward(self, x):
        steps = x.shape[1]
        rows = self.symbols(x) + self.places(torch.arange(steps))
        return self.dense(self.blocks(rows, mask=past(steps), is_causal=True))


class Heads(nn.Module):
    """Attention written out: heads, a mask cut out of a square, and places of a table."""

    def __init__(self):
        super().__init__()
        self.all = nn.Linear(6, 18)
        self.out = nn.Linear(6, 6)
        self.places = nn.Parameter(torch.randn(1, 20, 6))
        self.register_buffer("mask", torch.tril(torch.ones(20, 20)).view(1, 1, 20, 20))

    def forward(self, x):
        batch, steps, width = x.shape
        heads = lambda rows: rows.view(batch, steps, 3, 2).transpose(1, 2)
        query, key, value = (heads(rows) for rows in self.all(x + self.places[:, :steps]).split(6, dim=2))
        scores = (query @ key.transpose(-2, -1)) / 2**0.5
        weights = scores.masked_fill(self.mask[:, :, :steps, :steps] == 0, float("-inf")).softmax(dim=-1)
        return self.out((weights @ value).transpose(1, 2).reshape(batch, steps, width))


class Products(nn.Module):
    """scaled_dot_product_attention, whose later steps are hidden."""

    def __init__(self):
        super().__init__()
        self.all = nn.Linear(4, 24)

    def forward(self, x):
        batch, steps, _ = x.shape
        heads = lambda rows: rows.view(batch, steps, 2, 4).transpose(1, 2)
        query, key, value = (heads(rows) for rows in self.all(x).chunk(3, dim=-1))
        found = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return found.transpose(1, 2).reshape(batch, steps, 8)


class Looking(nn.Module):
    """A final state looks at all of them, which are compared with it; later places are hidden by their numbers."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 6, batch_first=True)
        self.dense = nn.Linear(12, 2)

    def forward(self, x):
        states, (hidden, _) = self.lstm(x)
        places = torch.arange(x.shape[1])
        hides = (places[None, :] > places[:, None]) * -1e9
        states = ((states @ states.transpose(1, 2)) * 0.5 + hides).softmax(dim=-1) @ states
        weights = torch.bmm(states, hidden[-1].unsqueeze(2)).squeeze(2).softmax(dim=-1)
        return self.dense(torch.cat([torch.bmm(weights.unsqueeze(1), states).squeeze(1), hidden[-1]], dim=1))


def numbers(array):
    return {"shape": list(array.shape), "data": [float(value) for value in array.ravel()]}


def exported(module, x, axes, exporter):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        names = {axis: name for axis, name in enumerate(axes)}
        if exporter is not None:
            shape = {axis: torch.export.Dim(name) for axis, name in names.items()}
            program = torch.onnx.export(module, (x,), dynamo=True, dynamic_shapes=(shape,), verbose=False, opset_version=exporter or None)
            program.save(str(path))
        else:
            torch.onnx.export(module, (x,), str(path), dynamo=False, input_names=["x"], dynamic_axes={"x": names})
        return without_traces(onnx.load(path)).SerializeToString()


def without_traces(model):
    """Without the places in Python's sources that torch.export keeps for each node, which are most of a small file."""
    for part in [*model.graph.node, *model.graph.input, *model.graph.output, *model.graph.value_info, model.graph, model]:
        part.ClearField("metadata_props")
    return model


cases = []
for module, shape, axes in [
    (Tokens, (2, 4), ("batch", "steps")),
    (Steps, (5, 3, 4), ("steps", "batch")),
    (Mean, (2, 4, 3), ("batch", "steps")),
    (Final, (3, 4, 3), ("batch", "steps")),
    (Decoder, (2, 5, 3), ("batch", "steps")),
    (Greatest, (3, 4, 2), ("batch", "steps")),
    (Attending, (2, 5, 3), ("batch", "steps")),
    (Writer, (2, 4), ("batch", "steps")),
    (Heads, (2, 5, 6), ("batch", "steps")),
    (Products, (2, 5, 4), ("batch", "steps")),
    (Looking, (3, 4, 3), ("batch", "steps")),
]:
    for exporter in (None, 0, 23) if module in (Attending, Writer, Products) else (None, 0):
        torch.manual_seed(1)
        made = module().eval()
        x = torch.randint(0, 11, shape) if module in (Tokens, Writer) else torch.randn(shape)
        by = {None: "tracing", 0: "torch.export", 23: "torch.export, version 23"}[exporter]
        name = f"{module.__name__} by {by}"
        try:
            data = exported(made, x, axes, exporter)
        except Exception as error:
            print(name, "could not be exported:", type(error).__name__, str(error)[:300])
            continue
        session = onnxruntime.InferenceSession(data)
        y = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
        print(name, len(data), [node.op_type for node in onnx.load_from_string(data).graph.node])
        assert numpy.allclose(y, made(x).detach().numpy(), atol=1e-5)
        cases.append({
            "name": name,
            "bytes": base64.b64encode(data).decode(),
            "input": numbers(x.numpy()),
            "output": numbers(y),
        })

target = pathlib.Path(__file__).with_name("exported.json")
versions = {"torch": torch.__version__, "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
target.write_text(json.dumps({"versions": versions, "cases": cases}, indent=1) + "\n")
