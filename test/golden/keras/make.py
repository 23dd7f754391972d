"""Models that Keras saves, with what they give: layers.json (every layer and option) and files.json (every kind of file).

    KERAS_BACKEND=torch python make.py     # keras 3.15.1, torch 2.13.0, h5py 3.16.0, numpy 2.4.6

Files are packed again with compression, which keeps them small; those of files.json are as Keras wrote them.
"""

import base64
import io
import json
import os
import pathlib
import tempfile
import zipfile

os.environ.setdefault("KERAS_BACKEND", "torch")

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
            weight.assign(random.uniform(-0.9, 0.9, weight.shape).astype("float32"))
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
    yield "shared", wired(shared)
    yield "nested", wired(nested)
    yield "two inputs", translator
    yield "two reads of the input", wired(
        lambda x: L.Concatenate()([L.LSTM(3)(x), L.GRU(2, go_backwards=True)(x), L.GlobalMaxPooling1D()(x)])
    )


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
    model, x = made()
    y = model.predict(x, verbose=0)
    read = {key: numbers(value) for key, value in x.items()} if isinstance(x, dict) else {"input": numbers(x)}
    return {"name": name, "file": encoded(packed(saved(model, ".keras"))), "x": read, "y": numbers(y)}


if __name__ == "__main__":
    write("layers.json", [case(name, made) for name, made in layer_cases()])
