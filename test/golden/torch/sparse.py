"""Makes sparse.json with PyTorch 2.13.0 in float64: embeddings with sparse gradients.

Epsilon is as good as none: SparseAdam adds it before the correction of the second moment, Adam behind it. Usage: python sparse.py
"""
import json
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)
generator = torch.Generator().manual_seed(5)


def draw(*shape):
    """Multiples of 1/256, exact in float32."""
    return torch.round(torch.randn(*shape, generator=generator) * 256) / 256


def tensor(value):
    return {"shape": list(value.shape), "data": value.flatten().tolist()}


table, weight, bias = draw(9, 3), draw(4, 3), draw(4)
# Symbols that come twice in a batch, that stay away for a while, and that never come (8).
batches = [
    {"ids": [[0, 1, 1], [2, 0, 1]], "targets": [[0, 1, 2], [3, 0, 1]]},
    {"ids": [[3, 4, 3], [3, 5, 6]], "targets": [[1, 1, 0], [2, 2, 3]]},
    {"ids": [[1, 7, 7], [2, 2, 2]], "targets": [[3, 0, 2], [1, 1, 0]]},
    {"ids": [[0, 0, 0], [6, 1, 4]], "targets": [[2, 3, 1], [0, 2, 1]]},
]
STEPS = 12
cases = {
    "SparseAdam": ({"lr": 0.05, "eps": 1e-12}, lambda of, options: torch.optim.SparseAdam(of, **options)),
    "SparseAdam_betas": (
        {"lr": 0.02, "betas": [0.8, 0.95], "eps": 1e-12},
        lambda of, options: torch.optim.SparseAdam(of, **options),
    ),
    "SGD": ({"lr": 0.5}, lambda of, options: torch.optim.SGD(of, **options)),
    "Adagrad": ({"lr": 0.1}, lambda of, options: torch.optim.Adagrad(of, **options)),
}


def train(options, optimiser):
    embedding = torch.nn.Embedding(9, 3, sparse=True)
    embedding.weight.data.copy_(table)
    update = optimiser([embedding.weight], options)
    losses = []
    for step in range(STEPS):
        batch = batches[step % len(batches)]
        update.zero_grad()
        outputs = embedding(torch.tensor(batch["ids"])) @ weight.T + bias
        targets = torch.tensor(batch["targets"])
        loss = torch.nn.functional.cross_entropy(outputs.flatten(0, 1), targets.flatten())
        loss.backward()
        update.step()
        losses.append(loss.item())
    return {"options": options, "losses": losses, "table": tensor(embedding.weight.data)}


document = {
    "steps": STEPS,
    "batches": batches,
    "table": tensor(table),
    "weight": tensor(weight),
    "bias": tensor(bias),
    "cases": {name: train(*case) for name, case in cases.items()},
}
Path(__file__).with_name("sparse.json").write_text(json.dumps(document, indent=1) + "\n")
