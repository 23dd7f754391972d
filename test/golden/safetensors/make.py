"""Makes official.json: files written by the official package (pip install safetensors==0.8.0), and what went in.

Afterwards: npx biome format --write test/golden
"""

import base64
import ctypes
import json
import pathlib

import safetensors

SIZES = {
    "bool": ("BOOL", 1), "uint8": ("U8", 1), "int8": ("I8", 1), "int16": ("I16", 2), "uint16": ("U16", 2),
    "float16": ("F16", 2), "bfloat16": ("BF16", 2), "int32": ("I32", 4), "uint32": ("U32", 4),
    "float32": ("F32", 4), "float64": ("F64", 8), "int64": ("I64", 8), "uint64": ("U64", 8),
}  # fmt: skip


def text(data):
    return base64.b64encode(data).decode()


def case(title, tensors, metadata=None):
    """`tensors` is a list of name, dtype and shape; the bytes count up from 1."""
    given, alive, entries, first = {}, [], [], 1
    for name, dtype, shape in tensors:
        code, size = SIZES[dtype]
        for length in shape:
            size *= length
        data = bytes((first + i) % 2 if dtype == "bool" else (first + i) % 256 for i in range(size))
        first += size
        alive.append(ctypes.create_string_buffer(data, max(size, 1)))
        given[name] = safetensors.TensorSpec(
            dtype=dtype, shape=shape, data_ptr=ctypes.addressof(alive[-1]), data_len=size
        )
        entries.append({"name": name, "dtype": code, "shape": shape, "bytes": text(data)})
    file = safetensors.serialize(given, metadata)
    return {"title": title, "tensors": entries, "metadata": metadata or {}, "file": text(bytes(file))}


cases = [
    case("nothing", []),
    case("metadata alone", [], {"framework": "pt"}),
    case("one scalar", [("x", "float32", [])]),
    case("every dtype", [(f"{dtype}.weight", dtype, [1, 3]) for dtype in SIZES]),
    case("names in no order", [(name, "float32", [2]) for name in ["b.10", "b.9", "B", "a", "10", "9", "", "__proto__"]]),
    case("names to escape", [('"\\\n\t\u0001\u007f/', "uint8", [1]), ("é中😀", "uint8", [2])], {'"é\n"': "\\\u001f"}),
    case("empty tensors", [("a", "float32", [0, 4]), ("b", "int8", [3]), ("c", "float64", [2, 0])]),
    case(
        "a small network",
        [("0.gru.weight", "float32", [2, 3]), ("0.gru.bias", "float32", [3]), ("step", "uint8", [])],
        {"format": "pt"},
    ),
]
target = pathlib.Path(__file__).with_name("official.json")
target.write_text(json.dumps(cases, indent=1, ensure_ascii=True) + "\n")
