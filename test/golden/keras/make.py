"""Models that Keras saves, with what they give: layers.json and attention.json (every layer and option), files.json (every kind of file).

    KERAS_BACKEND=torch python make.py     # keras 3.15.1, torch 2.13.0, h5py 3.16.0, numpy 2.4.6

Files are packed again with compression, which keeps them small; those of files.json are as Keras or h5py wrote them, each
compressed as a whole. Files of Keras 2 and of TensorFlow.js, which are not here to write them, are put together from their formats.
"""

import base64
import gzip
import io
import json
import os
import pathlib
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "torch")

import attention  # noqa: E402
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(7)


def encoded(data):
    return base64.b64encode(data).decode("ascii")


def numbers(array):
    return {"shape": list(array.shape), "data": [float(np.float32(x)) for x in np.asarray(array).ravel()]}


def saved(model, suffix):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + suffix)
        if suffix == ".weights.h5":
            model.save_weights(path)
        else:
            model.save(path)
        return pathlib.Path(path).read_bytes()


def packed(data):
    """The same archive, compressed and without the date."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in ["metadata.json", "config.json", "model.weights.h5"]:
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": ""}).encode()
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()


def settled(model):
    """All weights drawn anew, so that no bias is zero."""
    for weight in model.weights:
        if "seed" not in weight.path:
            least, most = (0.2, 2) if "variance" in weight.path else (-0.9, 0.9)
            weight.assign(random.uniform(least, most, weight.shape).astype("float32"))
    return model


def rows(batch, steps, width):
    return random.uniform(-1, 1, (batch, steps, width)).astype("float32")


STEPS, WIDTH = 5, 3


def chain(*layers, shape=(STEPS, WIDTH), x=None, **given):
    def made():
        model = settled(keras.Sequential([L.Input(shape, **given), *layers]))
        data = rows(2, *shape) if x is None and len(shape) == 2 else x
        if data is None:
            data = rows(2, 1, shape[0])[:, 0]
        return model, data

    return made


def wired(build, shape=(STEPS, WIDTH), x=None, **given):
    def made():
        inputs = L.Input(shape, **given)
        model = settled(keras.Model(inputs, build(inputs)))
        return model, rows(2, *shape) if x is None else x

    return made


def cells(*kinds, **options):
    return lambda: L.RNN([kind(units) for kind, units in kinds], **options)


TOKENS = np.array([[3, 1, 4, 1, 5], [2, 6, 5, 3, 5]])
PADDED = np.array([[3, 1, 4, 1, 5], [2, 6, 0, 0, 0], [4, 0, 0, 0, 0]])
BEFORE = np.array([[3, 1, 4, 1, 5], [0, 0, 0, 2, 6], [0, 0, 0, 0, 4]])
HOLES = np.array([[3, 0, 4, 0, 5], [0, 2, 0, 6, 0], [1, 2, 3, 4, 5]])
TEXT = {"shape": (STEPS,), "dtype": "int32"}


def masked_rows():
    x = rows(3, STEPS, WIDTH)
    x[1, 3:] = -1
    x[2, 1:] = -1
    return x


def merge(mode, layer):
    return chain(L.Bidirectional(layer, merge_mode=mode))


def layer_cases():
    yield "LSTM", chain(L.LSTM(4))
    yield "LSTM sequences", chain(L.LSTM(5, return_sequences=True))
    yield "LSTM no bias", chain(L.LSTM(3, use_bias=False))
    yield "LSTM activations", chain(L.LSTM(4, activation="softsign", recurrent_activation="hard_sigmoid"))
    yield "LSTM backwards", chain(L.LSTM(4, go_backwards=True))
    yield "LSTM backwards sequences", chain(L.LSTM(4, go_backwards=True, return_sequences=True))
    yield "LSTM stateful unrolled", chain(L.LSTM(4, unroll=True, unit_forget_bias=False))
    yield "LSTM dropout", chain(L.LSTM(4, dropout=0.3, recurrent_dropout=0.2))
    yield "GRU", chain(L.GRU(4))
    yield "GRU sequences", chain(L.GRU(5, return_sequences=True))
    yield "GRU reset before", chain(L.GRU(4, reset_after=False))
    yield "GRU no bias", chain(L.GRU(4, use_bias=False))
    yield "GRU reset before no bias", chain(L.GRU(3, reset_after=False, use_bias=False))
    yield "GRU activations", chain(L.GRU(4, activation="relu", recurrent_activation="hard_sigmoid"))
    yield "GRU backwards", chain(L.GRU(4, go_backwards=True, reset_after=False))
    yield "SimpleRNN", chain(L.SimpleRNN(4))
    yield "SimpleRNN sequences", chain(L.SimpleRNN(5, return_sequences=True))
    yield "SimpleRNN relu no bias", chain(L.SimpleRNN(4, activation="relu", use_bias=False))
    yield "SimpleRNN linear backwards", chain(L.SimpleRNN(1, activation="linear", go_backwards=True))
    yield "RNN of LSTMCell", chain(L.RNN(L.LSTMCell(4)))
    yield "RNN of GRUCell", chain(L.RNN(L.GRUCell(4), return_sequences=True))
    yield "RNN of SimpleRNNCell", chain(L.RNN(L.SimpleRNNCell(4), go_backwards=True))
    stack = cells((L.LSTMCell, 4), (L.GRUCell, 3), (L.SimpleRNNCell, 5))
    yield "StackedRNNCells", chain(stack())
    sequences = cells((L.LSTMCell, 4), (L.LSTMCell, 3), return_sequences=True)
    yield "StackedRNNCells sequences", chain(sequences())
    backwards = cells((L.GRUCell, 4), (L.GRUCell, 3), return_sequences=True, go_backwards=True)
    yield "StackedRNNCells backwards", chain(backwards())
    for mode in ["concat", "sum", "mul", "ave"]:
        yield f"Bidirectional {mode}", merge(mode, L.LSTM(4, return_sequences=True))
        yield f"Bidirectional {mode} last", merge(mode, L.GRU(3))
    yield "Bidirectional separate", wired(
        lambda x: L.Subtract()(L.Bidirectional(L.LSTM(4, return_sequences=True), merge_mode=None)(x))
    )
    yield "Bidirectional of another layer", wired(
        lambda x: L.Bidirectional(
            L.LSTM(4, return_sequences=True),
            backward_layer=L.GRU(3, return_sequences=True, go_backwards=True),
        )(x)
    )
    yield "Bidirectional of a stack", chain(
        L.Bidirectional(L.RNN([L.LSTMCell(3), L.LSTMCell(4)], return_sequences=True))
    )
    yield "TimeDistributed", chain(L.GRU(4, return_sequences=True), L.TimeDistributed(L.Dense(3, activation="softmax")))
    yield "Embedding", chain(L.Embedding(8, 4), L.LSTM(3), x=TOKENS, **TEXT)
    yield "Embedding frozen", chain(L.Embedding(8, 4, trainable=False), L.LSTM(3), x=TOKENS, **TEXT)
    for title, x in [("after", PADDED), ("before", BEFORE), ("between", HOLES)]:
        yield f"mask_zero {title}", chain(L.Embedding(8, 4, mask_zero=True), L.LSTM(3), L.Dense(2), x=x, **TEXT)
    yield "mask_zero both ways", chain(
        L.Embedding(8, 4, mask_zero=True),
        L.Bidirectional(L.GRU(3, return_sequences=True)),
        L.LSTM(3, go_backwards=True),
        x=BEFORE,
        **TEXT,
    )
    yield "mask_zero mean", chain(
        L.Embedding(8, 4, mask_zero=True), L.GRU(3, return_sequences=True), L.GlobalAveragePooling1D(), x=PADDED, **TEXT
    )
    yield "mask_zero functional", wired(
        lambda x: L.Dense(2)(L.LSTM(3)(L.Dropout(0.2)(L.Embedding(8, 4, mask_zero=True)(x)))), x=PADDED, **TEXT
    )
    yield "Masking", chain(L.Masking(-1.0), L.LSTM(4), x=masked_rows())
    yield "Masking functional", wired(lambda x: L.GRU(4)(L.Masking(-1.0)(x)), x=masked_rows())
    for name in [
        "relu", "sigmoid", "tanh", "softmax", "softplus", "softsign", "elu", "selu", "gelu", "silu", "hard_sigmoid",
        "leaky_relu", "relu6", "log_softmax", "linear",
    ]:  # fmt: skip
        yield f"Dense {name}", chain(L.Dense(4, activation=name))
    yield "Dense no bias", chain(L.Dense(4, use_bias=False))
    yield "Dense of one row", chain(L.Dense(4, activation="relu"), L.Dense(2), shape=(WIDTH,))
    yield "Activation", chain(L.LSTM(4), L.Activation("tanh"))
    yield "ReLU", chain(L.LSTM(4), L.ReLU())
    yield "ReLU slope", chain(L.Dense(4), L.ReLU(negative_slope=0.2))
    yield "ReLU bounded", chain(L.Dense(4), L.ReLU(max_value=0.5))
    yield "LeakyReLU", chain(L.Dense(4), L.LeakyReLU(negative_slope=0.1))
    yield "ELU", chain(L.Dense(4), L.ELU(alpha=0.7))
    yield "Softmax", chain(L.Dense(4), L.Softmax())
    yield "LayerNormalization", chain(L.LayerNormalization(), L.LSTM(3))
    yield "LayerNormalization plain", chain(L.LayerNormalization(center=False, scale=False, epsilon=0.1))
    yield "LayerNormalization no shift", chain(L.LayerNormalization(center=False))
    yield "Dropout", chain(L.SpatialDropout1D(0.2), L.LSTM(4, return_sequences=True), L.Dropout(0.5), L.GaussianNoise(0.1))
    yield "RepeatVector", chain(L.LSTM(4), L.RepeatVector(3), L.LSTM(3, return_sequences=True), L.Dense(2))
    yield "GlobalAveragePooling1D", chain(L.GRU(4, return_sequences=True), L.GlobalAveragePooling1D(), L.Dense(2))
    yield "GlobalMaxPooling1D", chain(L.GRU(4, return_sequences=True), L.GlobalMaxPooling1D(), L.Dense(2))
    for name, layer in [
        ("Add", L.Add), ("Multiply", L.Multiply), ("Average", L.Average), ("Maximum", L.Maximum),
        ("Minimum", L.Minimum), ("Subtract", L.Subtract), ("Concatenate", L.Concatenate),
    ]:  # fmt: skip
        yield name, wired(lambda x, layer=layer: layer()([L.Dense(4)(x), L.LSTM(4, return_sequences=True)(x)]))
    yield "states", wired(encoder_decoder)
    yield "both states", wired(bidirectional_encoder)
    yield "states both ways", wired(both_begin)
    yield "shared", wired(shared)
    yield "nested", wired(nested)
    yield "two inputs", translator
    yield "Flatten", chain(L.GRU(4, return_sequences=True), L.Flatten(), L.Dense(2))
    yield "Flatten a row", chain(L.GRU(4), L.Flatten(), L.Dense(2))
    yield "Flatten of an embedding", chain(L.Embedding(8, 4), L.Conv1D(3, 2), L.Flatten(), x=TOKENS, **TEXT)
    for options in [
        {"kernel_size": 3}, {"kernel_size": 3, "padding": "causal"}, {"kernel_size": 3, "padding": "same"},
        {"kernel_size": 2, "padding": "same"}, {"kernel_size": 2, "padding": "causal", "dilation_rate": 3},
        {"kernel_size": 3, "padding": "same", "dilation_rate": 2}, {"kernel_size": 2, "strides": 2},
        {"kernel_size": 3, "padding": "same", "strides": 2}, {"kernel_size": 4, "padding": "same", "strides": 3},
        {"kernel_size": 1, "use_bias": False, "activation": "relu"},
    ]:  # fmt: skip
        name = " ".join(f"{key} {value}" for key, value in options.items())
        yield f"Conv1D {name}", chain(L.Conv1D(4, **options), L.GRU(3), shape=(7, 3))
    yield "two reads of the input", wired(
        lambda x: L.Concatenate()([L.LSTM(3)(x), L.GRU(2, go_backwards=True)(x), L.GlobalMaxPooling1D()(x)])
    )
    for name in ["mish", "hard_silu", "celu"]:
        yield f"Dense {name}", chain(L.Dense(4, activation=name))
    yield "BatchNormalization", chain(L.LSTM(4, return_sequences=True), L.BatchNormalization(), L.GRU(3))
    yield "BatchNormalization plain", chain(L.BatchNormalization(center=False, scale=False, epsilon=0.1))
    yield "BatchNormalization no shift", chain(L.LSTM(4), L.BatchNormalization(center=False), L.Dense(2))
    yield "BatchNormalization of padding", chain(
        L.Embedding(8, 4, mask_zero=True), L.BatchNormalization(), L.LSTM(3), x=BEFORE, **TEXT
    )
    yield "Reshape to the same", chain(L.Dense(4), L.Reshape((-1, 4)), L.Reshape((5, 4)), L.LSTM(3))
    yield "Reshape to a row", chain(L.Dense(4), L.Reshape((20,)), L.Dense(2))
    yield "Reshape a row", chain(L.Dense(4), L.Reshape((-1,)), L.Dense(2), shape=(WIDTH,))
    yield "Reshape to steps", chain(L.Reshape((3, 2)), L.GRU(4, return_sequences=True), shape=(6,))
    yield "Reshape to steps of one", chain(L.Reshape((-1, 1)), L.LSTM(4), shape=(6,))
    yield "Reshape to one step", chain(L.Reshape((1, WIDTH)), L.LSTM(4), shape=(WIDTH,))
    yield "Reshape to other steps", chain(L.Dense(4), L.Reshape((2, -1)), L.LSTM(3, return_sequences=True))
    yield "one model called twice", wired(twice_inside)
    yield "a row beside a sequence", beside
    yield "states from a row", begun
    yield "a row repeated", chain(L.RepeatVector(4), L.GRU(3), shape=(WIDTH,))


def beside():
    sequence, row = L.Input((STEPS, WIDTH), name="sequence"), L.Input((2,), name="row")
    both = L.Concatenate()([L.LSTM(4)(sequence), L.Dense(3, activation="tanh")(row)])
    return settled(keras.Model([sequence, row], L.Dense(2)(both))), {"sequence": rows(2, STEPS, WIDTH), "row": rows(2, 1, 2)[:, 0]}


def begun():
    sequence, row = L.Input((None, WIDTH), name="sequence"), L.Input((2,), name="row")
    states = [L.Dense(4)(row), L.Dense(4)(row)]
    model = settled(keras.Model([row, sequence], L.LSTM(4, return_sequences=True)(sequence, initial_state=states)))
    return model, {"row": rows(2, 1, 2)[:, 0], "sequence": rows(2, STEPS, WIDTH)}


def frozen_inside():
    first = L.Dense(WIDTH, activation="tanh", trainable=False)
    return keras.Sequential([L.Input((STEPS, WIDTH)), first, L.Dense(WIDTH), L.LSTM(2)], name="inner")


def twice_inside(x):
    inner = keras.Sequential([L.Input((STEPS, WIDTH)), L.Dense(WIDTH), L.LSTM(WIDTH, return_sequences=True)], name="inner")
    return inner(inner(x))


def encoder_decoder(x):
    _, hidden, cell = L.LSTM(4, return_state=True)(x)
    decoded = L.LSTM(4, return_sequences=True)(L.Dense(3)(x), initial_state=[hidden, cell])
    return L.Dense(2)(decoded)


def translator():
    source, target = L.Input((None,), dtype="int32", name="source"), L.Input((None,), dtype="int32", name="target")
    _, *states = L.LSTM(4, return_state=True)(L.Embedding(8, 3, mask_zero=True)(source))
    decoded = L.LSTM(4, return_sequences=True)(L.Embedding(7, 3)(target), initial_state=states)
    model = settled(keras.Model([source, target], L.Dense(7, activation="softmax")(decoded)))
    return model, {"source": PADDED, "target": np.array([[3, 1, 4], [2, 6, 5], [1, 1, 2]])}


def bidirectional_encoder(x):
    _, *states = L.Bidirectional(L.GRU(3, return_state=True))(x)
    hidden = L.Concatenate()(states)
    return L.GRU(6)(x, initial_state=hidden)


def both_begin(x):
    _, *states = L.Bidirectional(L.LSTM(3, return_state=True))(x)
    return L.Bidirectional(L.LSTM(3, return_sequences=True))(x, initial_state=states)


def shared(x):
    dense = L.Dense(3, activation="tanh", name="twice")
    return dense(L.Add()([dense(x), x]))


def nested(x):
    inner = keras.Sequential([L.Input((STEPS, WIDTH)), L.LSTM(4, return_sequences=True), L.Dense(3)], name="inner")
    return L.LSTM(2)(inner(x))


def write(name, content):
    (HERE / name).write_text(json.dumps(content, separators=(",", ":")).replace('},{"name"', '},\n{"name"') + "\n")


def case(name, made):
    keras.utils.clear_session()
    return recorded(name, *made())


def recorded(name, model, x):
    y = model.predict(x, verbose=0)
    read = {key: numbers(value) for key, value in x.items()} if isinstance(x, dict) else {"input": numbers(x)}
    return {"name": name, "file": encoded(packed(saved(model, ".keras"))), "x": read, "y": numbers(y)}


def zipped(data):
    return encoded(gzip.compress(data, 9, mtime=0))


def copied(source, target, **options):
    """Groups, attributes and datasets one by one, the latter as options say."""
    for key, value in source.attrs.items():
        target.attrs[key] = value
    for name, member in source.items():
        if isinstance(member, h5py.Group):
            copied(member, target.create_group(name), **options)
        else:
            target.create_dataset(name, data=member[()].astype(options.get("dtype", "<f4")))


def rewritten(data, part="/", change=None, options=None, **storage):
    """An HDF5 file again, kept in another way."""
    out = io.BytesIO()
    with h5py.File(io.BytesIO(data)) as old, h5py.File(out, "w", **storage) as new:
        copied(old[part], new, **(options or {}))
        if change:
            change(new)
    return out.getvalue()


def cut(group):
    """The lists of names cut into several attributes, as Keras cuts long ones."""
    names = list(group.attrs["layer_names"])
    del group.attrs["layer_names"]
    group.attrs["layer_names0"], group.attrs["layer_names1"] = names[:1], names[1:]


def old_layer(layer):
    """A layer as Keras 2 describes it: no modules, functions by name, its input shape in the first layer."""
    config = {}
    for key, value in layer["config"].items():
        if isinstance(value, dict) and "class_name" in value and key != "dtype":
            value = old_layer(value) if value.get("module") == "keras.layers" else {k: value[k] for k in ["class_name", "config"]}
        config[key] = "float32" if key == "dtype" else value
    if "batch_shape" in config:
        config["batch_input_shape"] = config.pop("batch_shape")
    return {"class_name": layer["class_name"], "config": config}


def old_model(model):
    made = json.loads(model.to_json())
    config = made["config"]
    layers = []
    for layer in config["layers"]:
        old = old_layer(layer)
        if "inbound_nodes" in layer:
            old["name"] = layer["name"]
            old["inbound_nodes"] = [old_call(node) for node in layer["inbound_nodes"]]
        layers.append(old)
    described = {"class_name": made["class_name"], "config": {"name": config["name"], "layers": layers}}
    if made["class_name"] == "Functional":
        for key in ["input_layers", "output_layers"]:
            ends = config[key]
            described["config"][key] = [ends] if isinstance(ends[0], str) else ends
    return described


def old_call(node):
    def history(tensor):
        return tensor["config"]["keras_history"]

    first = node["args"][0]
    tensors = [history(t) for t in (first if isinstance(first, list) else [first])]
    states = [history(t) for t in node["kwargs"].get("initial_state") or []]
    return [[*tensor, {}] for tensor in tensors + states]


def old_names(group):
    """Names of weights as TensorFlow has them."""

    def change(name, layer):
        if "weight_names" in layer.attrs and len(layer.attrs["weight_names"]):
            paths = list(layer.attrs["weight_names"])
            for path in paths:
                layer.move(path, path + ":0")
            layer.attrs["weight_names"] = np.array([(path + ":0").encode() for path in paths])

    for name, layer in group.items():
        change(name, layer)
    group.attrs["layer_names"] = np.array([name.encode() for name in group.attrs["layer_names"]])


def keras2(model):
    def change(file):
        file.attrs["model_config"] = json.dumps(old_model(model))
        file.attrs["keras_version"] = "2.15.0"
        file.attrs["backend"] = "tensorflow"
        old_names(file["model_weights"])

    return rewritten(saved(model, ".h5"), change=change)


def layers_model(model):
    """model.json and two files, as TensorFlow.js would have them."""
    entries, data = [], b""
    for layer in model.layers:
        for weight in layer.trainable_weights:
            value = np.asarray(keras.ops.convert_to_numpy(weight.value), "<f4")
            path = weight.path if weight.path.startswith(layer.name + "/") else f"{layer.name}/{weight.path}"
            entries.append({"name": path, "shape": list(value.shape), "dtype": "float32"})
            data += value.tobytes()
    half = len(data) // 2 // 4 * 4 + 2
    described = {
        "format": "layers-model",
        "generatedBy": "keras v2.15.0",
        "convertedBy": "TensorFlow.js Converter v4.22.0",
        "modelTopology": {"keras_version": "2.15.0", "backend": "tensorflow", "model_config": old_model(model)},
        "weightsManifest": [{"paths": ["group1-shard1of2.bin", "group1-shard2of2.bin"], "weights": entries}],
    }
    return {"json": json.dumps(described), "files": {"group1-shard1of2.bin": encoded(data[:half]), "group1-shard2of2.bin": encoded(data[half:])}}


@keras.saving.register_keras_serializable()
def old_hard_sigmoid(x):
    return keras.ops.clip(0.2 * x + 0.5, 0, 1)


def file_cases():
    keras.utils.clear_session()
    model = settled(
        keras.Sequential(
            [
                L.Input((None, 3), name="reads"),
                L.Bidirectional(L.LSTM(4, return_sequences=True), name="ways"),
                L.GRU(4, name="gru"),
                L.Dense(2, name="out"),
            ]
        )
    )
    x = rows(2, 5, 3)
    expected = {"x": numbers(x), "y": numbers(model.predict(x, verbose=0))}
    legacy, weights = saved(model, ".h5"), saved(model, ".weights.h5")
    definition = model.to_json()
    for name, data in [
        (".keras", saved(model, ".keras")),
        (".h5", legacy),
        (".h5 of Keras 2", keras2(model)),
        (".h5 in the newest form", rewritten(legacy, libver="latest")),
        (".h5 in the form of 1.8", rewritten(legacy, libver=("v108", "v108"), track_order=True)),
    ]:
        yield {"name": name, "file": zipped(data), **expected}
    for name, data in [
        (".weights.h5", weights),
        (".weights.h5 in float64", rewritten(weights, options={"dtype": "<f8"})),
        (".weights.h5 in big-endian numbers", rewritten(weights, options={"dtype": ">f4"})),
        ("legacy weights alone", rewritten(legacy, part="model_weights")),
        ("legacy weights with cut lists", rewritten(legacy, part="model_weights", change=cut)),
    ]:
        yield {"name": name, "definition": definition, "weights": zipped(data), **expected}
    for weight in model.weights:
        weight.assign(np.asarray(keras.ops.convert_to_numpy(weight.value)).astype("<f2").astype("<f4"))
    halves = rewritten(saved(model, ".weights.h5"), options={"dtype": "<f2"})
    rounded = {"x": numbers(x), "y": numbers(model.predict(x, verbose=0))}
    yield {"name": ".weights.h5 in float16", "definition": definition, "weights": zipped(halves), **rounded}
    yield {"name": "TensorFlow.js", **layers_model(model), **rounded}

    keras.utils.clear_session()
    reads = L.Input((STEPS, WIDTH), name="reads")
    model = settled(keras.Model(reads, encoder_decoder(reads)))
    wired = {"x": numbers(x), "y": numbers(model.predict(x, verbose=0))}
    yield {"name": ".h5 of Keras 2, wired", "file": zipped(keras2(model)), **wired}
    yield {"name": "TensorFlow.js, wired", **layers_model(model), **wired}

    keras.utils.clear_session()
    model = settled(keras.Sequential([L.Input((5, 3)), L.GRU(4, recurrent_activation=old_hard_sigmoid), L.Dense(2)]))
    old = {"x": numbers(x), "y": numbers(model.predict(x, verbose=0))}

    def change(file):
        described = json.dumps(old_model(model))
        assert "old_hard_sigmoid" in described
        function = old_model(model)["config"]["layers"][1]["config"]["recurrent_activation"]
        file.attrs["model_config"] = described.replace(json.dumps(function), '"hard_sigmoid"')
        file.attrs["keras_version"] = "2.15.0"

    yield {"name": "hard_sigmoid of Keras 2", "file": zipped(rewritten(saved(model, ".h5"), change=change)), **old}

    keras.utils.clear_session()
    reads = L.Input((STEPS, WIDTH))
    model = settled(keras.Model(reads, nested(reads)))
    inside = {"x": numbers(x), "y": numbers(model.predict(x, verbose=0))}
    yield {"name": "a model in a model, .h5", "file": zipped(saved(model, ".h5")), **inside}

    keras.utils.clear_session()
    reads = L.Input((STEPS, WIDTH))
    model = settled(keras.Model(reads, frozen_inside()(reads)))
    inside = {"x": numbers(x), "y": numbers(model.predict(x, verbose=0))}
    yield {"name": "a frozen layer in a model in a model, .h5", "file": zipped(saved(model, ".h5")), **inside}


def hdf5(build, **storage):
    out = io.BytesIO()
    with h5py.File(out, "w", **storage) as file:
        build(file)
    return zipped(out.getvalue())


def hdf5_cases():
    """Files that hold `a`: what it is, or why it is refused."""
    values = np.arange(6, dtype="<f4").reshape(2, 3) / 4

    def dataset(**options):
        return lambda file: file.create_dataset("a", data=values, **options)

    def compact(file):
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(values.shape)
        made = h5py.h5d.create(file.id, b"a", h5py.h5t.IEEE_F32LE, space, layout)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, values)

    def linked(link):
        def build(file):
            file.create_dataset("b", data=values)
            file["a"] = link

        return build

    def many(file):
        for i in range(20):
            file.attrs[f"attribute {i}"] = "text"
        file.create_dataset("a", data=values)

    def crowded(file):
        for i in range(20):
            file.create_dataset(f"a{i}" if i else "a", data=values)

    good = {"shape": [2, 3], "data": [float(x) for x in values.ravel()]}
    for name, build in [("contiguous", dataset()), ("compact", compact), ("among many", crowded)]:
        yield {"name": name, "file": hdf5(build), "a": good}
    yield {"name": "a number", "file": hdf5(lambda f: f.create_dataset("a", data=np.float32(1.5))), "a": {"shape": [], "data": [1.5]}}
    yield {"name": "nothing", "file": hdf5(lambda f: f.create_dataset("a", (0, 3), "<f4")), "a": {"shape": [0, 3], "data": []}}
    yield {"name": "halves", "file": hdf5(lambda f: f.create_dataset("a", data=np.array(HALVES, "<f2"))), "a": {"shape": [len(HALVES)], "data": [float(x) for x in HALVES]}}
    for name, build, storage, refusal in [
        ("chunks", dataset(chunks=(1, 3)), {}, "storage in chunks"),
        ("compression", dataset(compression="gzip"), {}, "a filter, such as compression"),
        ("whole numbers", lambda f: f.create_dataset("a", data=np.arange(3)), {}, "integer of 8"),
        ("a text", lambda f: f.create_dataset("a", data="text"), {}, "heap text of 16"),
        ("never written", lambda f: f.create_dataset("a", (2, 3), "<f4"), {}, None),
        ("a group", lambda f: f.create_group("a"), {}, "a group"),
        ("a soft link", linked(h5py.SoftLink("/b")), {}, "a soft link"),
        ("a link to another file", linked(h5py.ExternalLink("other.h5", "/b")), {"libver": "latest"}, "another link"),
        ("links in a heap", crowded, {"libver": "latest"}, "links in a heap"),
        ("attributes in a heap", many, {"libver": "latest"}, "attributes in a heap"),
    ]:
        yield {"name": name, "file": hdf5(build, **storage), "refusal": refusal}


HALVES = [0, -0.0, 1, -2.5, 65504, 2**-14, 2**-24, -(2**-15), 0.333251953125]

if __name__ == "__main__":
    write("layers.json", [case(name, made) for name, made in layer_cases()])
    write("attention.json", [recorded(name, *made) for name, made in attention.cases(keras, keras3=True)])
    random = np.random.default_rng(11)
    write("files.json", list(file_cases()))
    write("hdf5.json", list(hdf5_cases()))
