"""The residual networks for CIFAR of He et al. 2016 (arXiv 1512.03385, section 4.2), in plain PyTorch.

Makes nothing by itself: the other scripts here import it. Written from the paper's description:
a 3x3 convolution, three stages of basic blocks (the second and third halve the image and double
the width), global average pooling, a linear layer. The shortcut is the paper's option A: every
second pixel, and zero channels, half before and half after. The stages may have different depths,
also 0 in the first, since that is what removing blocks leaves.
Names: conv1, bn1, layer{1,2,3}.{i}.{conv1,bn1,conv2,bn2}, linear.

Run `python tools/cifar_resnet.py CHECKPOINT` to see what a checkpoint holds.
"""

import argparse
import json
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn


def conv3x3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False)


class Block(nn.Module):
    """[B, inputs, H, W] -> [B, outputs, H/stride, W/stride]."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        if (outputs - inputs) % 2:
            raise ValueError(f"option A pads half on either side, so widths differ by an even number; got {inputs} and {outputs}")
        self.pad = (outputs - inputs) // 2
        self.stride = stride
        self.conv1 = conv3x3(inputs, outputs, stride)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = conv3x3(outputs, outputs)
        self.bn2 = nn.BatchNorm2d(outputs)

    @property
    def removable(self):
        """Whether input and output have the same shape."""
        return self.stride == 1 and self.pad == 0

    def shortcut(self, x):
        if self.removable:
            return x
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.pad, self.pad))

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        h = self.bn2(self.conv2(h))
        return F.relu(h + self.shortcut(x))


class CifarResNet(nn.Module):
    """[B, 3, H, W], normalised -> logits [B, classes]."""

    def __init__(self, depths=(9, 9, 9), widths=(16, 32, 64), classes=10):
        super().__init__()
        self.conv1 = conv3x3(3, widths[0])
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.layer1 = self.stage(depths[0], widths[0], widths[0], 1)
        self.layer2 = self.stage(depths[1], widths[0], widths[1], 2)
        self.layer3 = self.stage(depths[2], widths[1], widths[2], 2)
        self.linear = nn.Linear(widths[2], classes)

    @staticmethod
    def stage(depth, inputs, outputs, stride):
        first = [Block(inputs, outputs, stride)] if depth else []
        return nn.Sequential(*first, *(Block(outputs, outputs, 1) for _ in range(depth - 1)))

    def blocks(self):
        """Every block in order, as (name, module): ('layer1.0', ...), ..."""
        stages = {"layer1": self.layer1, "layer2": self.layer2, "layer3": self.layer3}
        return [(f"{stage}.{i}", block) for stage, blocks in stages.items() for i, block in blocks.named_children()]

    def outputs(self, x):
        """The output of every block, in order."""
        h, outputs = F.relu(self.bn1(self.conv1(x))), []
        for _, block in self.blocks():
            h = block(h)
            outputs.append(h)
        return outputs

    def forward(self, x):
        h = F.relu(self.bn1(self.conv1(x)))
        h = self.layer3(self.layer2(self.layer1(h)))
        return self.linear(h.mean(dim=(2, 3)))


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
