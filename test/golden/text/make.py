"""Makes byte-pairs.json and scores.json: python make.py (with tokenizers, sacrebleu, torchmetrics and seqeval)."""

import json
import random
from pathlib import Path

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a
from sacrebleu.tokenizers.tokenizer_intl import TokenizerV14International

from seqeval.metrics.sequence_labeling import get_entities, precision_recall_fscore_support
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from torchmetrics.functional.text import char_error_rate, word_error_rate
from torchmetrics.functional.text.rouge import rouge_score

here = Path(__file__).parent

def write(name, value):
    (here / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")

def byte_pairs():
    text = (
        "Call me Ishmael. Some years ago--never mind how long precisely--having little or no money in my purse, and "
        "nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the "
        "world. It is a way I have of driving off the spleen, and regulating the circulation. Whenever I find myself growing "
        "grim about the mouth; whenever it is a damp, drizzly November in my soul; whenever I find myself involuntarily "
        "pausing before coffin warehouses, and bringing up the rear of every funeral I meet; then, I account it high time to "
        "get to sea as soon as I can. This is my substitute for pistol and ball.\n\nL'été dernier, j'ai vu la mer à "
        "Saint-Malo; la mer était bleue, très bleue. Où est-elle? «Là-bas», dit-il.\t\tIt's 1234 or 12 345,67 €.  😀😀 "
        "漢字漢字仮名\n aaaaaaaa aaaa aaa they'll we've I'm he'd you're don't"
    )
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=458,
        min_frequency=2,
        special_tokens=["<pad>", "<end>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([text], trainer)
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    strings = [
        "The sea, the sea!",
        "aaaaaaaaaaaaa",
        "It's whenever I'll précisément 98765 €",
        "漢字と仮名 😀👍\r\n\n  x ",
        "\u00a0 nbsp\u2003em  tabs\t\t.",
        "",
        "'S 's 'll'LL",
        "a\u0301 e\u0301 ǅ ½ ²",
    ]
    write(
        "byte-pairs.json",
        {
            "text": text,
            "merges": [merge if isinstance(merge, str) else " ".join(merge) for merge in merges],
            "encoded": [{"text": s, "ids": tokenizer.encode(s, add_special_tokens=False).ids} for s in strings],
        },
    )

def corpora():
    readme = (
        ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."],
        [
            ["The dog bit the man.", "The dog had bit the man."],
            ["It was not unexpected.", "No one was surprised."],
            ["The man bit him first.", "The man had bitten the dog."],
        ],
    )
    odd = (
        [
            "",
            "  ",
            "Über 3.14, 1,000 und 5-10 &amp; &quot;so&quot; <skipped>weiter…",
            "well-\nknown 'quotes' “like” these: a/b [c] {d} #e @f $5.00!",
            "漢字 と 仮名。 😀 😀",
            "a",
            "x y z w v",
        ],
        [
            ["something"],
            ["nothing at all"],
            ["Über 3.14, 1.000 und 5-10 & \"so\" weiter ...", "Über 3, 1,000 und 5 bis 10"],
            ["wellknown 'quotes' \"like\" these : a / b [c] {d} #e @f $ 5.00 !", "known quotes"],
            ["漢字と仮名 。 😀"],
            ["", "a"],
            ["p q r s"],
        ],
    )
    short = (["the cat", "a dog ran"], [["the cat sat"], ["a dog ran", "the dog ran off"]])
    none = (["q r s"], [["the cat sat on the mat"]])
    draw = random.Random(1)
    words = ["the", "a", "cat", "dog", "sat", "on", "mat.", "ran,", "(off)", "3.5", "it's"]
    line = lambda: " ".join(draw.choice(words) for _ in range(draw.randint(1, 14)))
    drawn = ([line() for _ in range(30)], [[line() for _ in range(draw.randint(1, 3))] for _ in range(30)])
    return [readme, odd, short, none, drawn]

def streams(references):
    most = max(map(len, references))
    return [[refs[i] if i < len(refs) else None for refs in references] for i in range(most)]

def scores():
    cases = []
    bleu_options = [
        dict(smooth_method=method, smooth_value=value, effective_order=effective)
        for method, value in [("exp", None), ("none", None), ("floor", None), ("floor", 0.5), ("add-k", None), ("add-k", 0.3)]
        for effective in [False, True]
    ] + [dict(tokenize="intl"), dict(tokenize="none"), dict(tokenize="char"), dict(lowercase=True), dict(max_ngram_order=2)]
    chrf_options = [dict(), dict(word_order=2), dict(beta=1), dict(char_order=3, word_order=1), dict(lowercase=True)]
    for candidates, references in corpora():
        bleus = []
        for options in bleu_options:
            result = BLEU(**options).corpus_score(candidates, streams(references))
            bleus.append(
                dict(
                    options=options,
                    score=result.score,
                    precisions=result.precisions,
                    bp=result.bp,
                    lengths=[result.sys_len, result.ref_len],
                )
            )
        cases.append(
            dict(
                candidates=candidates,
                references=references,
                bleu=bleus,
                sentences=[sacrebleu.sentence_bleu(c, r).score for c, r in zip(candidates, references)],
                chrf=[
                    dict(options=options, score=CHRF(**options).corpus_score(candidates, streams(references)).score)
                    for options in chrf_options
                ],
                rouge=[
                    float(rouge_score(c, [r], accumulate="best", rouge_keys="rougeL")["rougeL_fmeasure"].double())
                    for c, r in zip(candidates, references)
                ],
                wer=float(word_error_rate(candidates, [refs[0] for refs in references])),
                cer=float(char_error_rate(candidates, [refs[0] for refs in references])),
            )
        )
    lines = [text for candidates, references in corpora() for text in candidates + [r for refs in references for r in refs]]
    tokens = [
        dict(text=t, v13a=Tokenizer13a()(t.rstrip()), intl=TokenizerV14International()(t.rstrip()))
        for t in dict.fromkeys(lines)
    ]
    write("scores.json", dict(cases=cases, tokens=tokens, entities=entities()))

def entities():
    draw = random.Random(2)
    tags = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC", "E-PER", "S-LOC", "I-MISC", "B"]
    weights = [6, 2, 3, 2, 2, 1, 1, 1, 1]
    sentence = lambda length: draw.choices(tags, weights, k=length)
    cases = [
        (
            [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]],
            [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]],
        ),
        ([["I-NP", "I-NP", "O"]], [["B-NP", "I-NP", "O"]]),
        ([["O", "O"]], [["O", "O"]]),
        ([["O", "B-A"]], [["O", "O"]]),
    ]
    for _ in range(3):
        truth = [sentence(draw.randint(1, 12)) for _ in range(25)]
        cases.append(([[draw.choice(tags) if draw.random() < 0.25 else t for t in s] for s in truth], truth))
    out = []
    for predicted, truth in cases:
        averages = {
            average: [float(x or 0) for x in precision_recall_fscore_support(truth, predicted, average=average)[:3]]
            for average in ["micro", "macro", "weighted"]
        } if any(get_entities(truth)) or any(get_entities(predicted)) else None
        each = precision_recall_fscore_support(truth, predicted, average=None) if averages else [[], [], [], []]
        names = sorted({name for name, *_ in get_entities(truth)} | {name for name, *_ in get_entities(predicted)})
        out.append(
            dict(
                predicted=predicted,
                tags=truth,
                averages=averages,
                types={n: [float(column[i]) for column in each] for i, n in enumerate(names)},
                spans=[[[t, a, b + 1] for t, a, b in get_entities(s)] for s in predicted],
            )
        )
    return out

byte_pairs()
scores()
