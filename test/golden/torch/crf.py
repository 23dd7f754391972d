"""Makes crf.json with PyTorch 2.13.0 in float64: losses of linear-chain conditional random fields by the equations of pytorch-crf
(masked, reduction "token_mean"), their gradients by autograd, and the likeliest tags.

Inputs are multiples of 1/256, so exact in float32. Usage: python crf.py crf.json
"""

import json
import sys

import torch

torch.manual_seed(2026)
double = torch.float64


def numbers(*shape, scale=1.0):
    return ((torch.randn(*shape, dtype=double) * scale * 256).round() / 256).requires_grad_()


def log_likelihood(x, y, mask, transitions, start, end):
    """x [batch, steps, tags], y and mask [batch, steps]; [batch]"""
    batch, steps, _ = x.shape
    rows = torch.arange(batch)
    score = start[y[:, 0]] + x[rows, 0, y[:, 0]]
    alpha = start + x[:, 0]
    for t in range(1, steps):
        score = score + (transitions[y[:, t - 1], y[:, t]] + x[rows, t, y[:, t]]) * mask[:, t]
        after = torch.logsumexp(alpha.unsqueeze(2) + transitions + x[:, t].unsqueeze(1), 1)
        alpha = torch.where(mask[:, t].unsqueeze(1) > 0, after, alpha)
    last = mask.sum(1).long() - 1
    return score + end[y[rows, last]] - torch.logsumexp(alpha + end, 1)


def decode(x, length, transitions, start, end):
    best, ways = start + x[0], []
    for t in range(1, length):
        values, before = (best.unsqueeze(1) + transitions).max(0)
        best = values + x[t]
        ways.append(before)
    tags = [(best + end).argmax().item()]
    for before in reversed(ways):
        tags.insert(0, before[tags[0]].item())
    return tags


def case(name, lengths, tags, scale):
    batch, steps = len(lengths), max(lengths)
    x = numbers(batch, steps, tags, scale=scale)
    field = {"transitions": numbers(tags, tags), "start": numbers(tags), "end": numbers(tags)}
    y = torch.randint(tags, (batch, steps))
    mask = (torch.arange(steps) < torch.tensor(lengths).unsqueeze(1)).to(double)
    loss = -log_likelihood(x, y, mask, **field).sum() / mask.sum()
    loss.backward()
    tensor = lambda t: {"shape": list(t.shape), "data": t.detach().flatten().tolist()}
    slope = lambda t: tensor(torch.zeros_like(t) if t.grad is None else t.grad)
    with torch.no_grad():
        found = [decode(x[i], length, **field) for i, length in enumerate(lengths)]
    return {
        "name": name, "lengths": lengths, "emissions": tensor(x), "tags": y.tolist(),
        "field": {key: tensor(value) for key, value in field.items()}, "loss": loss.item(),
        "gradients": {"emissions": slope(x), **{key: slope(value) for key, value in field.items()}},
        "decoded": found,
    }


cases = [
    case("one step", [1, 1], 3, 1.0),
    case("five tags, ended rows", [7, 3, 5, 1], 5, 2.0),
    case("more tags than a cache line holds", [4, 6], 17, 1.0),
    case("emissions that decide", [9, 4, 9], 4, 30.0),
]
json.dump({"cases": cases}, open(sys.argv[1], "w"))
