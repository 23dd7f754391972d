"""Writes official.json: the recurrent node tests of the onnx package, each at every version of its operator that has what it uses."""

import base64
import json
import pathlib

import onnx
from onnx.backend.test.case.node import collect_testcases

VERSIONS = (7, 14, 22)


def numbers(array):
    return {"shape": list(array.shape), "data": [float(x) for x in array.ravel()]}


cases = []
for case in collect_testcases(None):
    model = case.model
    node = model.graph.node[0] if len(model.graph.node) == 1 else None
    if node is None or node.op_type not in ("RNN", "GRU", "LSTM"):
        continue
    (inputs, outputs), = case.data_sets
    batchwise = any(a.name == "layout" for a in node.attribute)
    models = []
    for version in VERSIONS[1:] if batchwise else VERSIONS:
        copy = onnx.ModelProto()
        copy.CopyFrom(model)
        copy.opset_import[0].version = version
        models.append({"version": version, "bytes": base64.b64encode(copy.SerializeToString()).decode()})
    cases.append({
        "name": case.name,
        "models": models,
        "inputs": {i.name: numbers(v) for i, v in zip(model.graph.input, inputs)},
        "outputs": {o.name: numbers(v) for o, v in zip(model.graph.output, outputs)},
    })

cases.sort(key=lambda case: case["name"])
target = pathlib.Path(__file__).with_name("official.json")
target.write_text(json.dumps({"onnx": onnx.__version__, "cases": cases}, indent=1) + "\n")
print(len(cases), [case["name"] for case in cases])
