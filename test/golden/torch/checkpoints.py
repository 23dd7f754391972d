"""Files of torch.save with what they hold and what their models give, for checkpoints.json: python checkpoints.py > checkpoints.json

Weights are float32 and multiples of 1/256; outputs are computed in float64.
"""

import base64
import collections
import io
import json

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
draw = np.random.RandomState(20261120)


def drawn(*shape, scale=0.4):
    values = np.round(np.clip(draw.standard_normal(shape), -3, 3) * scale * 256) / 256 + 0.0
    return torch.tensor(values, dtype=torch.float32)


def saved(value, **options):
    file = io.BytesIO()
    torch.save(value, file, **options)
    return base64.b64encode(file.getvalue()).decode()


def tensor(value):
    data = [str(v) if isinstance(v, int) and abs(v) >= 2**53 else v for v in value.detach().flatten().tolist()]
    return {"shape": list(value.shape), "data": data}


class Net(nn.Module):
    """Modules one after another, the outputs of recurrent ones without their states."""

    def __init__(self, **modules):
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x):
        for module in self.children():
            x = module(x)
            x = x[0] if isinstance(x, tuple) else x
        return x


class Unrolled(nn.Module):
    """A cell applied step by step."""

    def __init__(self, cell):
        super().__init__()
        self.cell = cell

    def forward(self, x):
        state, outputs = None, []
        for step in range(x.shape[1]):
            state = self.cell(x[:, step], state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(outputs, 1)


def model(name, net, layers, symbols=None):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(drawn(*parameter.shape))
    file = saved(net.state_dict())
    x = torch.tensor(draw.randint(0, symbols, (2, 4))) if symbols else drawn(2, 4, 3, scale=1.0)
    output = net.double()(x if symbols else x.double())
    return {"name": name, "layers": layers, "file": file, "x": tensor(x), "output": tensor(output)}


def recurrent(cls, inputs=3, units=5, **options):
    return cls(inputs, units, batch_first=True, **options)


kinds = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}
models = []
for kind, cls in kinds.items():
    models.append(model(kind, Net(rnn=recurrent(cls)), [kind.lower()]))
    models.append(model(f"{kind} without bias", Net(rnn=recurrent(cls, bias=False)), [kind.lower()]))
    models.append(
        model(
            f"{kind} of two layers in both directions",
            Net(rnn=recurrent(cls, num_layers=2, bidirectional=True)),
            [kind.lower()] * 2,
        )
    )
    cell = {"RNN": nn.RNNCell, "LSTM": nn.LSTMCell, "GRU": nn.GRUCell}[kind]
    models.append(model(f"{kind}Cell", Unrolled(cell(3, 5)), [kind.lower()]))
models.append(model("RNN of relu", Net(rnn=recurrent(nn.RNN, nonlinearity="relu")), ["rnn"]))
models.append(model("LSTM with projection", Net(rnn=recurrent(nn.LSTM, proj_size=2)), ["lstm"]))
models.append(
    model(
        "LSTM with projection of two layers in both directions",
        Net(rnn=recurrent(nn.LSTM, proj_size=2, num_layers=2, bidirectional=True)),
        ["lstm"] * 2,
    )
)
models.append(
    model(
        "characters",
        Net(table=nn.Embedding(7, 3), lstm=recurrent(nn.LSTM, num_layers=2), norm=nn.LayerNorm(5), out=nn.Linear(5, 7)),
        ["embedding", "lstm", "lstm", "layerNorm", "linear"],
        symbols=7,
    )
)
models.append(
    model("no bias at the end", Net(gru=recurrent(nn.GRU), out=nn.Linear(5, 2, bias=False)), ["gru", "linear"])
)

# Everything that a file may hold beside plain weights.
net = Net(lstm=recurrent(nn.LSTM), out=nn.Linear(5, 2))
with torch.no_grad():
    for parameter in net.parameters():
        parameter.copy_(drawn(*parameter.shape))
optimiser = torch.optim.Adam(net.parameters())
net(drawn(2, 4, 3)).sum().backward()
optimiser.step()
training = {"epoch": 3, "loss": 0.25, "best": None, "model": net.state_dict(), "optimizer": optimiser.state_dict()}

base = drawn(4, 6)
cube = drawn(2, 3, 4)
views = {
    "base": base,
    "transposed": base.t(),
    "row": base[2],
    "column": base[:, 1],
    "steps": base[1::2, ::3],
    "permuted": cube.permute(2, 0, 1),
    "scalar": base[3, 4],
    "empty": base[:, :0],
    "same": base,
    "one": base[:, None, :1].transpose(0, 1),
}
dtypes = {
    "F64": torch.tensor([1.0, 3.141592653589793, -1e300, 5e-324], dtype=torch.float64),
    "F32": torch.tensor([1.5, -2.0], dtype=torch.float32),
    "F16": torch.tensor([0.0, -0.0, 1.0, -1.5, 0.333251953125, 65504.0, -6.103515625e-05, 5.960464477539063e-08], dtype=torch.float16),
    "BF16": torch.tensor([0.0, 1.0, -1.5, 3.140625, 9.969209968386869e37], dtype=torch.bfloat16),
    "I64": torch.tensor([-1, 1 << 60], dtype=torch.int64),
    "I32": torch.tensor([-7, 2147483647], dtype=torch.int32),
    "I16": torch.tensor([-32768, 5], dtype=torch.int16),
    "I8": torch.tensor([-128, 127], dtype=torch.int8),
    "U8": torch.tensor([0, 255], dtype=torch.uint8),
    "BOOL": torch.tensor([True, False]),
}
parameters = collections.OrderedDict(weight=nn.Parameter(drawn(2, 3)), frozen=nn.Parameter(drawn(3), requires_grad=False))


def held(tensors, file):
    return {"file": file, "tensors": {name: tensor(value) for name, value in tensors.items()}}


def flat(value, path=""):
    if torch.is_tensor(value):
        return {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else []
    return {name: found for key, item in items for name, found in flat(item, f"{path}.{key}" if path else str(key)).items()}


holding = {
    "a training in progress": held(flat(training), saved(training)),
    "views of storages": held(views, saved(views)),
    "every type of number": held(dtypes, saved(dtypes)),
    "parameters": held(parameters, saved(parameters)),
    "a list of tensors": held(flat([base, [cube]]), saved([base, [cube]])),
}


class Own:
    pass


refused = {
    "an object of a class": saved({"weight": base, "other": Own()}),
    "a whole model": saved(nn.Linear(2, 2)),
    "before PyTorch 1.6": saved({"weight": base}, _use_new_zipfile_serialization=False),
    "another protocol": saved({"weight": base}, pickle_protocol=4),
    "a sparse tensor": saved({"weight": torch.eye(3).to_sparse()}),
    "an unsigned type": saved({"weight": torch.tensor([1], dtype=torch.uint16)}),
}
script = io.BytesIO()
torch.jit.save(torch.jit.script(nn.Linear(2, 2)), script)
refused["a program"] = base64.b64encode(script.getvalue()).decode()

print(json.dumps({"torch": torch.__version__, "models": models, "holding": holding, "refused": refused}, separators=(",", ":")))
