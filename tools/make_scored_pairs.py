"""Pairs of texts with people's judgement of how alike they are, for `sglp evaluate ENCODER --data pairs:FILE`.

    pip install gensim==4.3.3 --no-deps --target PLACE
    python tools/make_scored_pairs.py PLACE/gensim/test/test_data DIR

DIR/lee.tsv: all 1,225 pairs of 50 short news reports, each pair judged by students, at most 1 (Lee, Pincombe,
Welsh: An empirical evaluation of models of text document similarity, 2005). DIR/wordsim353.tsv: 353 pairs of words, 0 to 10
(Finkelstein and others, 2002). Both are among the test data that the package gensim ships; neither is kept in this repository.
"""

import argparse
from pathlib import Path


def lee(data):
    reports = (data / "lee.cor").read_text("latin-1").splitlines()
    alike = [[float(x) for x in line.split()] for line in (data / "similarities0-1.txt").read_text().splitlines()]
    if len(reports) != 50 or [len(row) for row in alike] != [50] * 50:
        raise SystemExit(f"expected 50 reports and 50 x 50 judgements, found {len(reports)} and {[len(r) for r in alike]}")
    if any(alike[i][j] <= 0 for i in range(50) for j in range(i + 1, 50)):
        raise SystemExit("expected a judgement of every pair above the diagonal, found 0")
    return [(reports[i], reports[j], alike[i][j]) for i in range(50) for j in range(i + 1, 50)]


def wordsim(data):
    lines = (data / "wordsim353.tsv").read_text("utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if not line.startswith("#")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, pairs in (("lee", lee(arguments.data)), ("wordsim353", wordsim(arguments.data))):
        lines = ["\t".join(" ".join(str(part).split()) for part in pair) for pair in pairs]
        (arguments.folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}.tsv: {len(lines)} pairs")


if __name__ == "__main__":
    main()
