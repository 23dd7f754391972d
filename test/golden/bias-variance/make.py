"""Polynomials through noisy points of sin 2x, as in the lecture notes: python make.py (numpy), writes polynomials.json."""

import json
import numpy as np

truth = lambda x: np.sin(2 * x)
points = np.linspace(0, 3, 25)
draw = np.random.default_rng(5)
sets = []
for _ in range(40):
    x = draw.uniform(0, 3, 15)
    sets.append((x, truth(x) + draw.normal(0, 0.3, 15)))

degrees = {}
for degree in (0, 1, 3):
    found = np.array([np.polyval(np.polyfit(x, y, degree), points) for x, y in sets])
    mean = found.mean(0)
    degrees[degree] = {
        "predictions": found.tolist(),
        "bias2": float(((mean - truth(points)) ** 2).mean()),
        "var": float(found.var(0).mean()),
        "mse": float(((found - truth(points)) ** 2).mean()),
    }
with open("polynomials.json", "w") as file:
    json.dump({"truth": truth(points).tolist(), "degrees": degrees}, file)
