"""Opens the pruned pico networks of the convolutional conformance suite in torchvision, timm and tools/cifar_resnet.py.

    mvn -pl core test -Dtest='ConvolutionConformanceTest,PublishedSizesTest' -Dsglp.written=DIR
    python tools/open_convolutions.py DIR core/src/test/resources/convolution

Needs torch, torchvision, timm and safetensors. Runs the lines of Python that sglp prints for each network, and compares with
the logits of the same network with those layers deleted by hand; for torchvision's full sizes without weights, with names and
shapes. A folder that `prune` wrote may stand in the place of both:
its lines are those in prune.json, its logits those in proof.st.
"""

import json
import os
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file


@torch.no_grad()
def apart(folder, lines, inputs, logits):
    os.chdir(folder)
    names = {}
    exec(lines, names)
    return float((names["model"](inputs) - logits).abs().max() / logits.abs().max())


def shapes_differ(folder, lines):
    """How many tensors the made network has more, fewer or of other shapes."""
    names = {}
    with torch.device("meta"):
        exec(lines[:lines.index("model.load_state_dict")], names)
    made = {n: list(t.shape) for n, t in names["model"].state_dict().items()}
    wanted = json.loads((folder / "shapes.json").read_text())
    return sum(made.get(n) != wanted.get(n) for n in made.keys() | wanted.keys())


def main(written, fixtures=None):
    if fixtures is None:
        proof = load_file(written / "proof.st")
        lines = json.loads((written / "prune.json").read_text())["output"]["open_with"]
        found = {written.name: apart(written, lines, proof["input"], proof["logits"])}
    else:
        found = {}
        for folder in sorted(p.parent for p in written.glob("*/*/open.py")):
            name = str(folder.relative_to(written))
            if (folder / "shapes.json").exists():
                found[name] = float(shapes_differ(folder, (folder / "open.py").read_text()))
                continue
            expected = load_file(fixtures / name / "expected.safetensors")
            found[name] = apart(folder, (folder / "open.py").read_text(), expected["pixels"], expected["logits_without"])
    for name, difference in found.items():
        print(f"{name:40} {difference:.1e}")
    faults = sum(not difference < 1e-4 for difference in found.values())
    print(f"{len(found)} opened, {faults} faults")
    return faults


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(1 if main(*(Path(a).resolve() for a in sys.argv[1:])) else 0)
