"""Numbers from scikit-learn for the tests of words. Needs: pip install scikit-learn==1.9.1"""

import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.utils import murmurhash3_32

texts = [
    "the whale the white whale",
    "call me ishmael said the whale",
    "a ship and a whale and a sea",
    "",
    "the sea the sea the open sea",
    "été naïve 漢字 whale",
]
words = {"tokenizer": str.split, "token_pattern": None, "lowercase": False}


def case(kind, vectoriser, options):
    rows = vectoriser.fit_transform(texts)
    terms = vectoriser.get_feature_names_out().tolist()
    return {"kind": kind, "options": options, "terms": terms, "rows": rows.toarray().tolist()}


counts = [
    case("bag", CountVectorizer(**words), {}),
    case("bag", CountVectorizer(**words, binary=True), {"binary": True}),
    case("bag", CountVectorizer(**words, ngram_range=(1, 3)), {"ngrams": [1, 3]}),
    case("bag", CountVectorizer(**words, ngram_range=(2, 2), min_df=2), {"ngrams": [2, 2], "atLeast": 2}),
    case("bag", CountVectorizer(**words, max_features=3), {"atMost": 3}),
    case("tfidf", TfidfVectorizer(**words), {}),
    case("tfidf", TfidfVectorizer(**words, smooth_idf=False), {"smooth": False}),
    case("tfidf", TfidfVectorizer(**words, sublinear_tf=True), {"sublinear": True}),
    case("tfidf", TfidfVectorizer(**words, norm=None), {"norm": "none"}),
    case(
        "tfidf",
        TfidfVectorizer(**words, ngram_range=(1, 2), min_df=2, binary=True),
        {"ngrams": [1, 2], "atLeast": 2, "binary": True},
    ),
]
hashing = HashingVectorizer(**words, n_features=16, norm=None, ngram_range=(1, 2))
strings = ["", "a", "ab", "abc", "abcd", "whale", "漢字", "é", "a longer text of more words"]
points = np.array([[2.5, 2.4, 1], [0.5, 0.7, -1], [2.2, 2.9, 0.5], [1.9, 2.2, 3], [3.1, 3.0, 2], [2.3, 2.7, 0]])
pca = PCA(2).fit(points)

golden = {
    "texts": texts,
    "cases": counts,
    "hashed": {"width": 16, "options": {"ngrams": [1, 2]}, "rows": hashing.fit_transform(texts).toarray().tolist()},
    "murmur": [[text, int(murmurhash3_32(text, seed=0, positive=True))] for text in strings],
    "pca": {
        "points": points.tolist(),
        "result": pca.transform(points).tolist(),
        "shares": pca.explained_variance_ratio_.tolist(),
    },
}
path = Path(__file__).with_name("scikit-learn.json")
path.write_text(json.dumps(golden, ensure_ascii=False) + "\n")
