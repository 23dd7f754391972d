"""Makes metrics.json: measures by scikit-learn 1.9.1 of drawn outputs, which are multiples of 1/256 and so exact in float32."""

import json
import sys

import numpy as np
from sklearn import metrics as m

draw = np.random.default_rng(2026)


def numbers(*shape, scale=2.0):
    return np.round(draw.normal(size=shape) * scale * 256) / 256


def averages(y, p, w, **labels):
    scores = {"precision": m.precision_score, "recall": m.recall_score, "f1": m.f1_score}
    return {
        name: {
            kind: np.asarray(
                f(y, p, sample_weight=w, zero_division=0, average=None if kind == "each" else kind,
                  **(labels if kind == "each" else {}))
            ).tolist()
            for kind in ("micro", "macro", "each")
        }
        for name, f in scores.items()
    }


def classes():
    rows, width = 60, 5  # the last class never is a target nor taken
    x = numbers(rows, width)
    x[:, 4] = -50
    y = draw.integers(0, 4, rows)
    right = draw.random(rows) < 0.4
    x[right, y[right]] += 2
    p = x.argmax(1)
    logs = x - np.log(np.exp(x).sum(1, keepdims=True))
    cases = []
    for w in (None, np.round(draw.random(rows) * 8) / 8):
        cases.append({
            "weights": None if w is None else w.tolist(),
            "accuracy": m.accuracy_score(y, p, sample_weight=w),
            "top2": m.top_k_accuracy_score(y, x, k=2, labels=range(width), sample_weight=w),
            "mcc": m.matthews_corrcoef(y, p, sample_weight=w),
            "confusion": m.confusion_matrix(y, p, labels=range(width), sample_weight=w).tolist(),
            "nats": float(np.average(-logs[np.arange(rows), y], weights=w)),
            "auc2": m.roc_auc_score(y == 2, logs[:, 2] - np.log1p(-np.exp(logs[:, 2])), sample_weight=w),
            **averages(y, p, w, labels=range(width)),
        })
    return {"outputs": x.tolist(), "targets": y.tolist(), "cases": cases}


def labels():
    x = numbers(30, 3)
    y = ((x + numbers(30, 3)) > 0.5).astype(int)
    w = np.round(draw.random(30) * 8) / 8
    return {
        "outputs": x.tolist(), "targets": y.tolist(), "weights": w.tolist(),
        "accuracy": float(np.average((x > 0) == y, weights=np.repeat(w[:, None], 3, 1))),
        **averages(y, x > 0, w),
    }


def scores():
    x = np.round(numbers(50) * 2) / 2  # with ties
    y = ((x + numbers(50)) > 0).astype(int)
    w = np.round(draw.random(50) * 8) / 8
    return {
        "outputs": x.tolist(), "targets": y.tolist(), "weights": w.tolist(),
        "auc": m.roc_auc_score(y, x), "aucWeighted": m.roc_auc_score(y, x, sample_weight=w),
        "mcc": m.matthews_corrcoef(y, x > 0), "f1": m.f1_score(y, x > 0),
    }


def regression():
    t = numbers(40, 3) + 5
    y = t + numbers(40, 3, scale=0.5)
    w = np.round(draw.random(40) * 8) / 8
    series = numbers(30) + np.arange(30)
    season = lambda s: float(np.abs(series[s:] - series[:-s]).mean())
    of = lambda f, **more: f(t, y, **more)
    both = lambda f: [of(f), of(f, sample_weight=w)]
    smape = 2 * np.abs(y - t) / (np.abs(y) + np.abs(t))
    return {
        "outputs": y.tolist(), "targets": t.tolist(), "weights": w.tolist(), "series": series.tolist(),
        "mae": both(m.mean_absolute_error),
        "mape": both(m.mean_absolute_percentage_error),
        "r2": both(m.r2_score),
        "smape": [float(smape.mean()), float(np.average(smape.mean(1), weights=w))],
        "mase": [m.mean_absolute_error(t, y) / season(1), m.mean_absolute_error(t, y) / season(7)],
    }


with open(sys.argv[1], "w") as out:
    parts = {f.__name__: f() for f in (classes, labels, scores, regression)}
    out.write("{\n" + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in parts.items()) + "\n}\n")
