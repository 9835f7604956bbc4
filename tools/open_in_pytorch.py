"""Proves that a CIFAR ResNet written by sglp opens in PyTorch, with nothing of sglp in between.

    python tools/open_in_pytorch.py DIR [--check FILE.safetensors]

DIR has config.json (family cifar-resnet, depths, widths, classes) and model.safetensors, loaded with
strict=True. FILE (also --reference) holds `input` [B, 3, H, W], already normalised, and the `logits`
[B, classes] that sglp computed for it; without FILE the input is a seeded random batch.
Prints the largest difference. Exit code 1 where that is above 1e-4, or anything does not fit.
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

from cifar_resnet import CifarResNet

TOLERANCE = 1e-4


def open_directory(directory):
    """The network DIR describes, in evaluation mode."""
    config = json.loads((directory / "config.json").read_text(encoding="utf-8"))
    if config["family"] != "cifar-resnet":
        raise SystemExit(f"[config.json] family is '{config['family']}', expected 'cifar-resnet'. "
                         "tools/open_convolutions.py DIR opens other convolutional networks")
    model = CifarResNet(config["depths"], config["widths"], config["classes"])
    model.load_state_dict(load_file(directory / "model.safetensors"), strict=True)
    return model.eval()


def difference(model, reference):
    with torch.inference_mode():
        logits = model(reference["input"].float())
    expected = reference["logits"].float()
    if logits.shape != expected.shape:
        raise SystemExit(f"logits have shape {list(expected.shape)}, PyTorch's have {list(logits.shape)}")
    return (logits - expected).abs().max().item()


def random_batch():
    return torch.randn(8, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def main():
    parser = argparse.ArgumentParser(description="Opens a CIFAR ResNet written by sglp.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--check", "--reference", type=Path, metavar="FILE.safetensors", help="tensors input and logits")
    settings = parser.parse_args()
    model = open_directory(settings.directory)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"opened: {len(model.blocks())} blocks, {parameters} parameters")
    if not settings.check:
        with torch.inference_mode():
            logits = model(random_batch())
        print(f"logits of a random batch (seed 0): shape {list(logits.shape)}, from {logits.min():.6f} to {logits.max():.6f}")
        return 0 if logits.isfinite().all() else 1
    largest = difference(model, load_file(settings.check))
    print(f"largest difference: {largest:.3g} (at most {TOLERANCE:g} is right)")
    return 0 if largest <= TOLERANCE else 1


if __name__ == "__main__":
    raise SystemExit(main())
