"""Makes extremes.json with PyTorch 2.13.0 in float64: losses of distributions with every option, and losses at logits of +-1000.

Inputs are multiples of 1/256, so exact in float32. Usage: python extremes.py extremes.json
"""

import json
import sys

import torch
from torch.nn import functional as F

torch.manual_seed(2026)
double = torch.float64


def numbers(*shape, scale=2.0):
    return (torch.randn(*shape, dtype=double) * scale * 256).round() / 256


def distributions(rows, width):
    """Multiples of 1/256 that sum to 1, the last of a row 0."""
    parts = torch.rand(rows, width, dtype=double)
    parts[:, -1] = 0
    parts = (parts / parts.sum(1, keepdim=True) * 256).floor() / 256
    parts[:, 0] += 1 - parts.sum(1)
    return parts


def case(name, logits, target, loss, **config):
    x = logits.clone().requires_grad_()
    value = loss(x, target)
    value.backward()
    tensor = lambda t: {"shape": list(t.shape), "data": t.tolist() if t.dim() < 2 else t.flatten().tolist()}
    return {
        "name": name, "config": config, "inputs": {"logits": tensor(logits), "target": tensor(target)},
        "loss": value.item(), "gradient": x.grad.flatten().tolist(),
    }


x = numbers(6, 5)
far = torch.tensor([[1000, -1000, 0, 500], [-1000, -1000, -1000, -1000], [1000, 999, 1000, -1000.0]], dtype=double)
q, farQ = distributions(6, 5), distributions(3, 4)
weights = [0.5, 2.0, 1.0, 0.25, 3.0]
ids, farIds = torch.randint(0, 5, (6,)), torch.tensor([3, 1, 3])
kl = lambda x, t: F.kl_div(F.log_softmax(x, 1), t, reduction="batchmean")
ce = lambda **o: lambda x, t: F.cross_entropy(
    x, t, weight=torch.tensor(o["weights"], dtype=double) if "weights" in o else None,
    label_smoothing=o.get("smoothing", 0.0))
binary = lambda x, t: F.binary_cross_entropy_with_logits(x, t, pos_weight=torch.tensor(3.0, dtype=double))

cases = [
    case("kl", x, q, kl), case("kl_far", far, farQ, kl),
    *[case(f"soft{i}", x, q, ce(**o), **o)
      for i, o in enumerate([{"smoothing": 0.1}, {"weights": weights}, {"weights": weights, "smoothing": 0.2}])],
    case("soft_far", far, farQ, ce(smoothing=0.1), smoothing=0.1),
    *[case(f"classes{i}", x, ids, ce(**o), **o)
      for i, o in enumerate([{"weights": weights, "smoothing": 0.2}, {"weights": [0.0, 2.0, 1.0, 0.25, 3.0], "smoothing": 0.2}])],
    case("classes_far", far, farIds, ce(smoothing=0.1), smoothing=0.1),
    case("binary_far", far, (farQ > 0.2).to(double), binary, positive=3),
]
for blank in (0, 3):
    logits = far.repeat(3, 1)
    labels = torch.tensor([(blank + i) % 4 for i in (1, 2, 1)])
    cases.append(case(f"ctc_far_blank{blank}", logits, labels, lambda x, t: F.ctc_loss(
        F.log_softmax(x, 1).unsqueeze(1), t.unsqueeze(0), torch.tensor([9]), torch.tensor([3]), blank=blank), blank=blank))

with open(sys.argv[1], "w") as out:
    out.write('{\n  "cases": [\n' + ",\n".join("    " + json.dumps(c) for c in cases) + "\n  ]\n}\n")
