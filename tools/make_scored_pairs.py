"""Pairs of texts with people's judgement of how alike they are, for `sglp evaluate ENCODER --data pairs:FILE`.

    pip install gensim==4.3.3 --no-deps --target PLACE
    python tools/make_scored_pairs.py PLACE/gensim/test/test_data DIR [--encoder MINILM]

DIR/lee.tsv: all 1,225 pairs of 50 short news reports, each pair judged by students, at most 1 (Lee, Pincombe,
Welsh: An empirical evaluation of models of text document similarity, 2005). DIR/wordsim353.tsv: 353 pairs of words, 0 to 10
(Finkelstein and others, 2002). Both are among the test data that the package gensim ships; neither is kept in this repository.
With --encoder also Spearman's correlation of the cosines that transformers gives (mean of the tokens, 256 at the most), by
scipy: what `sglp evaluate` has to say.
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


def spearman(encoder, pairs):
    import torch
    from scipy.stats import spearmanr
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(encoder), AutoModel.from_pretrained(encoder).eval()

    @torch.no_grad()
    def embedded(text):
        ids = tokenizer(text, truncation=True, max_length=256, return_tensors="pt")
        return torch.nn.functional.normalize(model(**ids).last_hidden_state[0].mean(0), dim=0)

    known = {text: embedded(text) for text in {text for pair in pairs for text in pair[:2]}}
    return spearmanr([float(known[a] @ known[b]) for a, b, _ in pairs], [float(score) for *_, score in pairs]).statistic


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoder", type=Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, pairs in (("lee", lee(arguments.data)), ("wordsim353", wordsim(arguments.data))):
        lines = ["\t".join(" ".join(str(part).split()) for part in pair) for pair in pairs]
        (arguments.folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        told = f", Spearman {spearman(arguments.encoder, pairs):.6f}" if arguments.encoder else ""
        print(f"{name}.tsv: {len(lines)} pairs{told}")


if __name__ == "__main__":
    main()
