"""Models with attention, which Keras 3 (make.py) and Keras 2 (make_keras2.py) save alike."""

import numpy as np

random = np.random.default_rng(17)

SOURCE = np.array([[3, 1, 4, 1, 5], [2, 6, 5, 3, 5], [5, 4, 3, 2, 1]])
AFTER = np.array([[3, 1, 4, 1, 5], [2, 6, 0, 0, 0], [4, 0, 0, 0, 0]])
BEFORE = np.array([[3, 1, 4, 1, 5], [0, 0, 0, 2, 6], [0, 0, 0, 0, 4]])
HOLES = np.array([[3, 0, 4, 0, 5], [0, 2, 0, 6, 0], [1, 2, 3, 4, 5]])
TARGET = np.array([[3, 1, 4], [2, 6, 5], [1, 1, 2]])
SHORT = np.array([[3, 1, 4], [2, 6, 0], [1, 0, 0]])


def rows(steps, width):
    return random.uniform(-1, 1, (2, steps, width)).astype("float32")


def settled(model):
    """All weights drawn anew, so that no bias is zero."""
    for weight in model.weights:
        if "seed" not in weight.name:
            weight.assign(np.asarray(random.uniform(-0.9, 0.9, tuple(weight.shape)), "float32"))
    return model


def cases(keras, keras3):
    """Names, models and what they read."""
    L = keras.layers

    def alone(build, steps=5, width=4):
        x = L.Input((steps, width), name="reads")
        return settled(keras.Model(x, build(x))), rows(steps, width)

    def pair(build, widths=(4, 4)):
        query, source = L.Input((3, widths[0]), name="query"), L.Input((5, widths[1]), name="source")
        model = settled(keras.Model([query, source], build(query, source)))
        return model, {"query": rows(3, widths[0]), "source": rows(5, widths[1])}

    def text(build, x):
        read = L.Input((None,), dtype="int32", name="reads")
        return settled(keras.Model(read, build(read))), x

    def texts(build, source, target):
        names = [L.Input((None,), dtype="int32", name=name) for name in ["source", "target"]]
        return settled(keras.Model(names, build(*names))), {"source": source, "target": target}

    def embedded(mask_zero=True):
        return L.Embedding(8, 4, mask_zero=mask_zero)

    dense = L.Dense
    wider = 6 if keras3 else 4  # sums of Keras 2 take values of no other width than queries
    yield "Attention", pair(lambda q, v: L.Attention()([q, v]))
    yield "Attention with keys", pair(lambda q, v: L.Attention(dropout=0.1)([q, dense(3)(v), dense(4)(v)]))
    yield "Attention with a scale", pair(lambda q, v: L.Attention(use_scale=True)([q, v, dense(4)(v)]))
    yield "Attention by sums", pair(lambda q, v: L.Attention(score_mode="concat")([q, v]))
    yield "Attention by scaled sums", pair(
        lambda q, v: L.Attention(score_mode="concat", use_scale=True)([q, v, dense(4)(v)])
    )
    yield "Attention to itself, causal", alone(lambda x: L.Attention(use_scale=True)([x, x], use_causal_mask=True))
    yield "Attention, causal to another", pair(lambda q, v: L.Attention()([q, v], use_causal_mask=True))
    yield "AdditiveAttention", pair(lambda q, v: L.AdditiveAttention()([q, v]))
    yield "AdditiveAttention with keys", pair(lambda q, v: L.AdditiveAttention()([q, dense(wider)(v), dense(4)(v)]))
    yield "AdditiveAttention without a scale", pair(lambda q, v: L.AdditiveAttention(use_scale=False, dropout=0.1)([q, v]))
    yield "AdditiveAttention, causal", alone(lambda x: L.AdditiveAttention()([x, x], use_causal_mask=True))

    def twice(q, v):
        attend = L.Attention(use_scale=True, name="twice")
        return attend([attend([q, v]), v])

    yield "Attention called twice", pair(twice)

    def mha(*sizes, **options):
        return L.MultiHeadAttention(*sizes, **options)

    yield "MultiHeadAttention to itself", alone(lambda x: mha(2, 3)(x, x))
    yield "MultiHeadAttention, causal", alone(lambda x: mha(3, 4, dropout=0.2)(x, x, use_causal_mask=True))
    yield "MultiHeadAttention without biases", pair(lambda q, v: mha(1, 5, use_bias=False)(q, v), widths=(4, 3))
    yield "MultiHeadAttention by position", pair(lambda q, v: mha(2, 4, output_shape=(7,))(q, v, dense(6)(v)))
    yield "MultiHeadAttention by name", pair(lambda q, v: mha(2, 2, output_shape=3)(query=q, key=dense(6)(v), value=v))
    if keras3:
        yield "MultiHeadAttention in a window", alone(lambda x: mha(2, 3, sliding_window=2)(x, x))

    def encoder(x, layer=lambda: embedded(False)):
        x = layer()(x)
        for _ in range(2):
            y = L.Dropout(0.1)(mha(2, 4)(x, x))
            x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, y]))
            y = dense(4)(dense(6, activation="relu")(x))
            x = L.LayerNormalization(epsilon=1e-6)(L.Add()([x, L.Dropout(0.1)(y)]))
        return dense(2, activation="softmax")(L.GlobalAveragePooling1D()(x))

    yield "blocks of a Transformer", text(encoder, SOURCE)

    def series(x):
        y = mha(2, 3)(*[L.LayerNormalization()(x)] * 2)
        x = L.Add()([y, x])
        y = L.Conv1D(4, kernel_size=1)(L.Conv1D(6, kernel_size=1, activation="relu")(L.LayerNormalization()(x)))
        x = x + y if keras3 else L.Add()([x, y])
        return dense(3)(L.GlobalAveragePooling1D()(x))

    yield "blocks of a Transformer for series", alone(series)

    def translator(source, target, masked=True, decoded=False):
        encoded, *states = L.LSTM(4, return_sequences=True, return_state=True)(embedded(masked)(source))
        decoder = L.LSTM(4, return_sequences=True)(embedded(decoded)(target), initial_state=states)
        found = L.Attention()([decoder, encoded])
        return dense(7, activation="softmax")(L.Concatenate()([decoder, found]))

    yield "from sequence to sequence", texts(lambda s, t: translator(s, t, False), SOURCE, TARGET)
    for title, x in [("after", AFTER), ("before", BEFORE), ("between", HOLES)]:
        yield f"from sequence to sequence, masked {title}", texts(translator, x, TARGET)

    def bahdanau(source, target):
        encoded = L.Bidirectional(L.GRU(3, return_sequences=True))(embedded()(source))
        query = L.GRU(6, return_sequences=True)(embedded(False)(target))
        found = L.AdditiveAttention()([dense(6, use_bias=False)(query), encoded, dense(6)(encoded)])
        return dense(7)(L.Concatenate()([found, query]))

    yield "additive, masked", texts(bahdanau, HOLES, TARGET)

    def decoder(source, target):
        memory = embedded()(source)
        x = embedded(False)(target)
        x = L.LayerNormalization()(L.Add()([x, mha(2, 2)(x, x, use_causal_mask=True)]))
        x = L.LayerNormalization()(L.Add()([x, mha(2, 3)(x, memory)]))
        return dense(7)(x)

    yield "blocks of a decoder, masked", texts(decoder, BEFORE, TARGET)
    for title, x in [("after", AFTER), ("before", BEFORE), ("between", HOLES)]:
        yield f"MultiHeadAttention, masked {title}", text(
            lambda x: L.GlobalAveragePooling1D()(mha(2, 3)(*[embedded()(x)] * 2, use_causal_mask=True)), x
        )
    yield "Attention, masked", text(lambda x: L.GlobalAveragePooling1D()(L.Attention()([embedded()(x)] * 2)), HOLES)

    def summary(source, target):
        x, y = embedded()(source), embedded()(target)
        found = L.Attention(use_scale=True)([y, x])
        return L.LSTM(3)(L.Concatenate()([found, y]))

    yield "both masked, then a recurrence", texts(summary, AFTER, SHORT)

    def inside(q, v):
        own, other = L.Input((3, 4)), L.Input((5, 4))
        inner = keras.Model([own, other], L.LayerNormalization()(mha(2, 2, name="look")(own, other)), name="inner")
        return dense(2)(inner([q, v]))

    yield "a model in a model", pair(inside)

    def frozen(x):
        own = L.Input((5, 4))
        held = dense(4, activation="tanh", trainable=False)(own)
        inner = keras.Model(own, dense(4)(mha(2, 2)(held, held)), name="inner")
        return inner(inner(x))

    yield "a frozen layer in a model in a model, called twice", alone(frozen)
