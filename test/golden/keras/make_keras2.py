"""Models that Keras 2 saves, with what they give: keras2.json, each in one of the forms that it writes.

    python make_keras2.py     # tf_keras 2.21.0 on tensorflow-cpu 2.21.0, h5py 3.14.0, numpy 2.4.6

TensorFlow.js converts models of Keras 2 and keeps their definition as it is; its files are put together here from that.
"""

import base64
import gzip
import io
import json
import os
import pathlib
import tempfile
import zipfile

os.environ["TF_USE_LEGACY_KERAS"] = "1"

import attention  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras as keras  # noqa: E402

HERE = pathlib.Path(__file__).parent
FORMS = [".h5", ".keras", "TensorFlow.js"]


def encoded(data):
    return base64.b64encode(data).decode("ascii")


def numbers(array):
    return {"shape": list(array.shape), "data": [float(np.float32(x)) for x in np.asarray(array).ravel()]}


def saved(model, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + suffix)
        model.save(path)
        data = pathlib.Path(path).read_bytes()
    return encoded(gzip.compress(data if suffix == ".h5" else packed(data), 9, mtime=0))


def packed(data):
    """The same archive without the date."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in ["metadata.json", "config.json", "model.weights.h5"]:
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": ""}).encode()
            new.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def layers_model(model):
    weights = [(weight.name.removesuffix(":0"), weight.numpy().astype("<f4")) for weight in model.weights]
    described = {
        "format": "layers-model",
        "modelTopology": {"keras_version": keras.__version__, "model_config": json.loads(model.to_json())},
        "weightsManifest": [
            {
                "paths": ["group1-shard1of1.bin"],
                "weights": [{"name": name, "shape": list(value.shape), "dtype": "float32"} for name, value in weights],
            }
        ],
    }
    data = b"".join(value.tobytes() for _, value in weights)
    return {"json": json.dumps(described), "files": {"group1-shard1of1.bin": encoded(data)}}


def made():
    for index, (name, (model, x)) in enumerate(attention.cases(keras, keras3=False)):
        form = FORMS[index % len(FORMS)]
        y = model.predict(x, verbose=0)
        read = {key: numbers(value) for key, value in x.items()} if isinstance(x, dict) else {"input": numbers(x)}
        file = layers_model(model) if form == "TensorFlow.js" else {"file": saved(model, form)}
        yield {"name": f"{name}, {form}", **file, "x": read, "y": numbers(y)}
        keras.backend.clear_session()


if __name__ == "__main__":
    content = json.dumps(list(made()), separators=(",", ":")).replace('},{"name"', '},\n{"name"')
    (HERE / "keras2.json").write_text(content + "\n")
