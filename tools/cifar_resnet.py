"""The residual networks for CIFAR of He et al. 2016 (arXiv 1512.03385, section 4.2), in plain PyTorch.

Makes nothing by itself: the other scripts here import it. Written from the paper's description:
a 3x3 convolution, three stages of basic blocks (the second and third halve the image and double
the width), global average pooling, a linear layer. The shortcut is the paper's option A: every
second pixel, and zero channels, half before and half after; or B, a convolution and a norm. There
may be a fourth stage, bottlenecks (`outputs`: the channels each stage gives), and norms before
convolutions ("shared": shortcuts B begin behind the first norm, "before": with the block). The
stages may have different depths, also 0 in the first, since that is what removing blocks leaves.
With `dimensions=1` it reads signals [B, channels, L].
Names: conv1, bn1, layer{1,2,3}.{i}.{conv1,bn1,conv2,bn2}, linear.

Run `python tools/cifar_resnet.py CHECKPOINT` to see what a checkpoint holds.
"""

import argparse
import json
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


CONVOLUTIONS, NORMS = {1: nn.Conv1d, 2: nn.Conv2d}, {1: nn.BatchNorm1d, 2: nn.BatchNorm2d}


def conv(dimensions, inputs, outputs, window=3, stride=1, groups=1):
    return CONVOLUTIONS[dimensions](inputs, outputs, window, stride, window // 2, groups=groups, bias=False)


class Block(nn.Module):
    """[B, inputs, H, W] -> [B, outputs, H/stride, W/stride]."""

    def __init__(self, inputs, width, outputs, stride, kind):
        super().__init__()
        self.kind, self.stride, self.pad = kind, stride, (outputs - inputs) // 2
        d, windows = kind.dimensions, kind.windows
        self.conv1 = conv(d, inputs, width, windows[0], 1 if kind.bottleneck else stride)
        self.conv2 = conv(d, width, width, windows[1], *((stride, kind.groups) if kind.bottleneck else (1, 1)))
        if kind.bottleneck:
            self.conv3 = conv(d, width, outputs, windows[2])
        normed = (inputs, width, width) if kind.preactivation else (width, width, outputs)
        for i in range(3 if kind.bottleneck else 2):
            setattr(self, f"bn{i + 1}", NORMS[d](normed[i]))
        self.removable = stride == 1 and inputs == outputs
        if not self.removable and kind.shortcut == "B":
            norm = [] if kind.preactivation else [NORMS[d](outputs)]
            setattr(self, kind.names[0], nn.Sequential(conv(d, inputs, outputs, 1, stride), *norm))
        elif not self.removable and (outputs - inputs) % 2:
            raise ValueError(f"option A pads half on either side, so widths differ by an even number; got {inputs}, {outputs}")

    def around(self, x):
        if self.removable:
            return x
        if self.kind.shortcut == "B":
            return getattr(self, self.kind.names[0])(x)
        x = x[(slice(None), slice(None)) + (slice(None, None, self.stride),) * self.kind.dimensions]
        return F.pad(x, (0, 0) * self.kind.dimensions + (self.pad, self.pad))

    def forward(self, x):
        units = [(self.conv1, self.bn1), (self.conv2, self.bn2)] + ([(self.conv3, self.bn3)] if self.kind.bottleneck else [])
        h, around = x, None if self.kind.preactivation == "shared" and not self.removable else self.around(x)
        for i, (convolution, norm) in enumerate(units):
            if self.kind.preactivation:
                h = F.relu(norm(h))
                around = self.around(h) if around is None else around
                h = convolution(h)
            else:
                h = norm(convolution(F.relu(h) if i else h))
        return h + around if self.kind.preactivation else F.relu(h + around)


class Kind(NamedTuple):
    """What blocks have in common."""
    shortcut: str
    bottleneck: bool
    groups: int
    preactivation: str
    names: tuple
    dimensions: int
    windows: tuple


class CifarResNet(nn.Module):
    """[B, 3, H, W], normalised -> logits [B, classes]."""

    def __init__(self, depths=(9, 9, 9), widths=(16, 32, 64), classes=10, shortcut="A", outputs=None, groups=1,
                 preactivation="", window=3, names=("shortcut", "linear"), channels=3, stem=None,
                 dimensions=2, windows=None):
        super().__init__()
        windows = windows or ((1, 3, 1) if outputs else (3, 3))
        kind = Kind(shortcut, outputs is not None, groups, preactivation, names, dimensions, windows)
        self.stages, inputs = len(depths), stem or widths[0]
        self.names, self.preactivation = names, preactivation
        self.conv1 = conv(dimensions, channels, inputs, window)
        if not preactivation:
            self.bn1 = NORMS[dimensions](inputs)
        for s, (depth, width, out) in enumerate(zip(depths, widths, outputs or widths)):
            blocks = []
            for i in range(depth):
                blocks.append(Block(inputs, width, out, 2 if s and not i else 1, kind))
                inputs = out
            setattr(self, f"layer{s + 1}", nn.Sequential(*blocks))
        if preactivation == "before":
            self.bn = NORMS[dimensions](inputs)
        setattr(self, names[1], nn.Linear(inputs, classes))

    def blocks(self):
        """Every block in order, as (name, module): ('layer1.0', ...), ..."""
        stages = {f"layer{s + 1}": getattr(self, f"layer{s + 1}") for s in range(self.stages)}
        return [(f"{stage}.{i}", block) for stage, blocks in stages.items() for i, block in blocks.named_children()]

    def stem(self, x):
        return self.conv1(x) if self.preactivation else F.relu(self.bn1(self.conv1(x)))

    def outputs(self, x):
        """The output of every block, in order."""
        h, outputs = self.stem(x), []
        for _, block in self.blocks():
            h = block(h)
            outputs.append(h)
        return outputs

    def forward(self, x):
        h = self.stem(x)
        for _, block in self.blocks():
            h = block(h)
        h = F.relu(self.bn(h)) if self.preactivation == "before" else h
        return getattr(self, self.names[1])(h.mean(dim=tuple(range(2, h.dim()))))


def read_tensors(path):
    """The named tensors of a .safetensors or an (old or new) torch file, `module.` taken off."""
    if str(path).endswith(".safetensors"):
        return load_file(path)
    content = torch.load(path, map_location="cpu", weights_only=True)
    tensors = content.get("state_dict", content)
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def shape_of(tensors):
    """depths, widths and classes, from the names and shapes of a checkpoint's tensors."""
    depths = [len({name.split(".")[1] for name in tensors if name.startswith(f"layer{s}.")}) for s in (1, 2, 3)]
    widths = [tensors["conv1.weight"].shape[0], *(tensors[f"layer{s}.0.conv1.weight"].shape[0] for s in (2, 3))]
    return {"depths": depths, "widths": widths, "classes": tensors["linear.weight"].shape[0]}


def load(path):
    """The network of a checkpoint, in evaluation mode."""
    tensors = read_tensors(path)
    model = CifarResNet(**shape_of(tensors))
    model.load_state_dict(tensors, strict=True)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description="Says what a CIFAR ResNet checkpoint holds.")
    parser.add_argument("checkpoint", type=Path)
    path = parser.parse_args().checkpoint
    parameters = sum(p.numel() for p in load(path).parameters())
    print(json.dumps(shape_of(read_tensors(path)) | {"parameters": parameters}))


if __name__ == "__main__":
    main()
