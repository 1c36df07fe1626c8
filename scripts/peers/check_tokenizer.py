#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Holds `unilseg tokenize` against CLIP's own Python over random texts made of what is hard: entities, escapes, curly
# quotes, ligatures, widths, cases, marks, contractions. Needs the packages ftfy, regex and clip-anytorch (--no-deps
# will do). The repair of mojibake is switched off there too (data/text/text_cleaning.h).
#
#   python3 scripts/peers/check_tokenizer.py --program build/cpu/unilseg [--texts N] [--seed N]
import argparse
import functools
import html.entities
import importlib.util
import json
import random
import subprocess
import sys
import types
import unicodedata
from pathlib import Path

import ftfy

LENGTH = 1024
HARD = """'s 't 're 've 'm 'll 'd <|startoftext|> <|endoftext|> <|\u017ftartoftext|> '\u017f \u0345 \u03a3 \u03c3 \u0130
I\u0307 \u2019 \u201c &amp; &AMP; &lt; &#x27; &#39 &notit; &NTILDE; &#128; &amp;lt; & # ; < > \x1b[ \x1b[31m \x1b[0;1
\u0664 \x92 \x80 \x81 \ufeff \uff06amp; \uff07 \uff76\uff9e \uffa1 \ufb01 \ufb05 \u0149 \u01c4 \xad \u200b \u0301
\u0327 \u212a \u212b \u1e9e </w> _ \u0e33 \U0001f468\u200d\U0001f469 \u4e2d\u6587 \u1f80 \u03b1\u0345 \u037e \u2126
\u1100\u1161\u11a8 cat Dog STRASSE 23 !? ...""".split() + [" ", "  ", "\t", "\r", "\u2028", "\x85", "\x00", "\x0b", "\xa0", "\u3000"]


def load_clip():
    """simple_tokenizer.py alone: the package around it asks for PyTorch."""
    path = Path(importlib.util.find_spec("clip").origin).with_name("simple_tokenizer.py")
    spec = importlib.util.spec_from_file_location("simple_tokenizer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ftfy = types.SimpleNamespace(fix_text=functools.partial(ftfy.fix_text, fix_encoding=False))
    return module.SimpleTokenizer()


def make_text(rng, assigned):
    def piece():
        kind = rng.random()
        if kind < 0.55:
            return rng.choice(HARD)
        if kind < 0.65:
            return chr(rng.choice(assigned))
        if kind < 0.8:
            return "".join(chr(rng.randrange(32, 127)) for _ in range(rng.randrange(1, 8)))
        if kind < 0.85:
            return "&" + rng.choice(list(html.entities.html5))
        return chr(rng.choice([rng.randrange(32, 0x250), rng.randrange(0x300, 0x400)]))

    return "".join(piece() for _ in range(rng.randrange(1, 14)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--texts", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    clip, rng = load_clip(), random.Random(options.seed)
    # Python's Unicode is older than ICU's or as old: both know these.
    assigned = [c for c in range(32, 0x110000) if unicodedata.category(chr(c)) not in ("Cn", "Cs")]
    texts = [make_text(rng, assigned) for _ in range(options.texts)]
    command = [options.program, "tokenize", "--length", str(LENGTH)]
    run = subprocess.run(command, input="\n".join(texts) + "\n", stdout=subprocess.PIPE, encoding="utf-8", check=True)
    different = 0
    for text, line in zip(texts, run.stdout.splitlines(), strict=True):
        ids = [49406, *clip.encode(text), 49407]
        if json.loads(line) != ids + [0] * (LENGTH - len(ids)):
            different += 1
            print(f"differs: {text!a}")
    print(f"{different} of {len(texts)} texts differ")
    sys.exit(3 if different else 0)


main()
