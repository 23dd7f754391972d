"""What Keras makes of the .keras files that exported.js has put into a folder, with what that has found out: exported.json.

    KERAS_BACKEND=torch python exported.py FOLDER     # keras 3.15.1, torch 2.13.0, h5py 3.16.0, numpy 2.4.6
"""

import json
import os
import pathlib
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras  # noqa: E402
import numpy as np  # noqa: E402

folder = pathlib.Path(sys.argv[1])
cases = json.loads((folder / "cases.json").read_text())
for case in cases:
    if case["kind"] == "keras":
        model = keras.models.load_model(folder / case.pop("file"))
        x = [np.array(each["data"], dtype="float32").reshape(each["shape"]) for each in case.pop("x")]
        y = np.asarray(model.predict(x if len(x) > 1 else x[0], verbose=0))
        case["y"] = {"shape": list(y.shape), "data": [float(np.float32(value)) for value in y.ravel()]}
    case["y"]["data"] = [float(f"{value:.9g}") for value in case["y"]["data"]]

lines = ",\n  ".join(json.dumps(case) for case in cases)
(pathlib.Path(__file__).parent / "exported.json").write_text(f"[\n  {lines}\n]\n")
