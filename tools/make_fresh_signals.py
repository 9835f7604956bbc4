"""A network of signals that has learned nothing yet, to be trained with `sglp finetune`.

    python tools/make_fresh_signals.py DIR cnn1d|resnet1d [--length 4096 --classes 10 --seed 0]

cnn1d: six stages of five convolutions of three samples with batch norm, each but the last followed by pooling, by the names of
VGG. resnet1d: nine blocks of two convolutions of five samples in three stages, by the names of CIFAR ResNets. Needs torch and
safetensors; PyTorch's own initialisation. For spoken digits:

    ./sglp finetune DIR --data arrays:spoken-digits.npz --optimizer adamw --learning-rate 2e-3 --weight-decay 0.05 \\
        --warm-up 40 --batch-size 64 --epochs 8 --out TRAINED
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

CHANNELS = [16, 24, 32, 48, 64, 64]
WIDTHS = [16, 32, 64]


def cnn1d(classes):
    layers, before = [], 1
    for stage, width in enumerate(CHANNELS):
        for _ in range(5):
            layers += [nn.Conv1d(before, width, 3, padding=1), nn.BatchNorm1d(width), nn.ReLU()]
            before = width
        layers += [nn.MaxPool1d(2)] if stage + 1 < len(CHANNELS) else []
    model = nn.Module()
    model.features, model.classifier = nn.Sequential(*layers), nn.Linear(before, classes)
    return model


class Block(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv1d(before, width, 5, stride, 2, bias=False), nn.BatchNorm1d(width)
        self.conv2, self.bn2 = nn.Conv1d(width, width, 5, 1, 2, bias=False), nn.BatchNorm1d(width)
        if stride > 1:
            self.shortcut = nn.Sequential(nn.Conv1d(before, width, 1, stride, bias=False), nn.BatchNorm1d(width))


def resnet1d(classes):
    model = nn.Module()
    model.conv1, model.bn1 = nn.Conv1d(1, WIDTHS[0], 7, 1, 3, bias=False), nn.BatchNorm1d(WIDTHS[0])
    before = WIDTHS[0]
    for stage, width in enumerate(WIDTHS):
        blocks = [Block(before if i == 0 else width, width, 2 if stage and i == 0 else 1) for i in range(3)]
        setattr(model, f"layer{stage + 1}", nn.Sequential(*blocks))
        before = width
    model.linear = nn.Linear(before, classes)
    return model


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("kind", choices=["cnn1d", "resnet1d"])
    for name, usual in {"length": 4096, "classes": 10, "seed": 0}.items():
        parser.add_argument("--" + name, type=int, default=usual)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    model = {"cnn1d": cnn1d, "resnet1d": resnet1d}[given.kind](given.classes)
    given.folder.mkdir(parents=True, exist_ok=True)
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, given.folder / "model.safetensors")
    (given.folder / "config.json").write_text(json.dumps({"input_size": given.length}) + "\n")
    print(f"{given.folder}: {sum(p.numel() for p in model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
