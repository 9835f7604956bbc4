"""Makes the table of docs/RESULTS.md that compares criteria on ResNet-56: one `./sglp prune` a row.

    SGLP_TEST_DATA=DATA python tools/results_resnet56.py OUT [--remove 6 9] [--model FILE]

Rows that OUT already holds are not run again. Needs nothing but Python's own library.
"""

import argparse
import json
import os
import subprocess
from pathlib import Path

ROWS = [
    ("gradnorm", ["--criterion", "gradnorm"]),
    ("gradnorm-skip", ["--criterion", "gradnorm-skip"]),
    ("gradnorm, reading=kept", ["--criterion", "gradnorm", "--reading", "kept"]),
    ("loss", ["--criterion", "loss"]),
    ("block-influence", ["--criterion", "block-influence"]),
    ("magnitude", ["--criterion", "magnitude"]),
    ("random, seed 0", ["--criterion", "random", "--seed", "0", "--verify", "0"]),
    ("random, seed 1", ["--criterion", "random", "--seed", "1", "--verify", "0"]),
    ("random, seed 2", ["--criterion", "random", "--seed", "2", "--verify", "0"]),
]


def run(out, name, flags, remove, model, data):
    record = out / f"{remove}-{name.replace(', ', '-').replace(' ', '').replace('=', '-')}" / "prune.json"
    if not record.exists():
        command = ["./sglp", "prune", str(model), "--data", f"images:{data}", "--remove", str(remove), "-k", "3",
                   "--heal", "bn", "--no-latency", "--quiet", "--out", str(record.parent), *flags]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(record.read_text())


def row(name, record):
    plan, before = record["plan"], record["before"]
    chosen = sum(record["seconds"].get(step, 0) for step in ("similarity", "segmentation", "importance"))
    return "| {} | {} | {:.2f} % | {:.2f} % | {:.1f} M (−{:.1f} %) | {:.1f} | {} |".format(
        name, " ".join(map(str, plan["removed"])), 100 * record["after_removal"]["accuracy"],
        100 * record["after"]["accuracy"], record["after"]["macs"] / 1e6,
        100 * (1 - record["after"]["macs"] / before["macs"]), chosen, plan["candidates"]["scored"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--remove", type=int, nargs="+", default=[6, 9])
    parser.add_argument("--model", type=Path)
    given = parser.parse_args()
    folder = Path(os.environ["SGLP_TEST_DATA"])
    model = given.model or folder / "models/resnet56-4bfd9763.th"
    for remove in given.remove:
        print(f"\n**{remove} of 25 removable blocks**\n")
        print("| criterion | removed | accuracy after removal | after `--heal bn` | MACs | seconds to choose | sets scored |")
        print("|---|---|---|---|---|---|---|")
        for name, flags in ROWS:
            print(row(name, run(given.out, name, flags, remove, model, folder / "data/cifar10-jpeg.zip")), flush=True)


if __name__ == "__main__":
    main()
