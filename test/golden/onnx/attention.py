"""Writes attention.json: the node tests of Attention of the onnx package, float32. Of those that the test names as refused only the graphs."""

import base64
import json
import pathlib

import onnx
from onnx.backend.test.case.node import collect_testcases


def numbers(array):
    return {"shape": list(array.shape), "floats": base64.b64encode(array.astype("<f4").tobytes()).decode()}


def supported(node):
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    window = attributes.get("left_window_size", -1), attributes.get("right_window_size", -1)
    fits = window[1] == -1 and (window[0] == -1 or attributes.get("is_causal"))
    return len(node.input) == 3 and not attributes.get("softcap") and fits


cases = []
for case in collect_testcases(None):
    model = case.model
    node = model.graph.node[0] if len(model.graph.node) == 1 else None
    if node is None or node.op_type != "Attention" or model.graph.input[0].type.tensor_type.elem_type != 1:
        continue
    ((inputs, outputs),) = case.data_sets
    made = {"name": case.name, "bytes": base64.b64encode(model.SerializeToString()).decode()}
    if supported(node):
        made["inputs"] = {i.name: numbers(v) for i, v in zip(model.graph.input, inputs)}
        made["output"] = numbers(outputs[0])
    cases.append(made)

cases.sort(key=lambda case: case["name"])
target = pathlib.Path(__file__).with_name("attention.json")
target.write_text(json.dumps({"onnx": onnx.__version__, "cases": cases}, separators=(",", ":")) + "\n")
