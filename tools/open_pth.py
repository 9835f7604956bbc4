"""Proves that a state dict written by sglp opens in PyTorch without running anything in it.

    python tools/open_pth.py DIR/model.pth [--twin OTHER/model.safetensors] [--check DIR/proof.st]

The file is opened by torch.load(weights_only=True) and loaded with strict=True into the network that DIR/config.json
describes. With --twin, every tensor and the logits are compared with those of the same network in safetensors, bit for
bit; with --check, the logits with those sglp computed (see open_in_pytorch.py). Exit code 1 where anything differs.
"""

import argparse
import json
import zipfile
from pathlib import Path

import torch
from safetensors.torch import load_file

from cifar_resnet import CifarResNet
from open_in_pytorch import TOLERANCE, difference, random_batch


def network(config, state):
    model = CifarResNet(config["depths"], config["widths"], config["classes"])
    model.load_state_dict(state, strict=True)
    return model.eval()


def logits(model):
    with torch.inference_mode():
        return model(random_batch())


def main():
    parser = argparse.ArgumentParser(description="Opens a state dict written by sglp.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--twin", type=Path, metavar="FILE.safetensors", help="the same network in safetensors")
    parser.add_argument("--check", type=Path, metavar="FILE.safetensors", help="tensors input and logits")
    settings = parser.parse_args()

    with zipfile.ZipFile(settings.file) as archive:
        broken = archive.testzip()
        entries = len(archive.namelist())
    state = torch.load(settings.file, weights_only=True)
    print(f"torch {torch.__version__}, torch.load(weights_only=True): {type(state).__name__} of {len(state)} tensors, "
          f"{sum(t.numel() for t in state.values())} numbers; {entries} zip entries, damaged: {broken}")
    right = broken is None
    config = json.loads(settings.file.with_name("config.json").read_text(encoding="utf-8"))
    model = network(config, state)
    print(f"load_state_dict(strict=True): {len(model.blocks())} blocks, {sum(p.numel() for p in model.parameters())} parameters")
    mapped = torch.load(settings.file, weights_only=True, mmap=True)
    same = all(torch.equal(t, mapped[name]) for name, t in state.items())
    print(f"torch.load(mmap=True): tensors equal: {same}")
    right &= same
    if settings.twin:
        twin = load_file(settings.twin)
        same = state.keys() == twin.keys() and all(
            t.dtype == twin[name].dtype and torch.equal(t, twin[name]) for name, t in state.items())
        apart = (logits(model) - logits(network(config, twin))).abs().max().item()
        print(f"twin: tensors equal: {same}; largest difference of logits: {apart:.3g}")
        right &= same and apart == 0
    if settings.check:
        apart = difference(model, load_file(settings.check))
        print(f"largest difference from sglp's logits: {apart:.3g} (at most {TOLERANCE:g} is right)")
        right &= apart <= TOLERANCE
    return 0 if right else 1


if __name__ == "__main__":
    raise SystemExit(main())
