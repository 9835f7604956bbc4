"""A network of images that has learned nothing yet: to be trained with `sglp finetune`, or to be timed.

    python tools/make_fresh_images.py DIR resnet [--depth 110 --widths 16,32,64 --classes 10 --seed 0]
    python tools/make_fresh_images.py DIR vgg16 [--classes 10 --seed 0]
    python tools/make_fresh_images.py DIR resnet50 [--classes 1000 --seed 0]

resnet: a CIFAR ResNet of 6n + 2 layers whose shortcuts have no weights (option A), by the names people have. vgg16: thirteen
convolutions with batch norm and one linear layer. resnet50: torchvision's own, for images of 224 × 224, with the statistics
that noise has in it, so that its activations stay of one size. Needs torch and safetensors, resnet50 torchvision; He's
initialisation. For CIFAR-10:

    ./sglp finetune DIR --data images:cifar10.zip --learning-rate 0.05 --epochs 8 --out TRAINED
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

VGG16 = [64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"]


class Block(nn.Module):
    def __init__(self, before, width, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(before, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)


def resnet(depth, widths, classes):
    if (depth - 2) % 6:
        raise SystemExit(f"--depth is 6n + 2, got {depth}")
    model = nn.Module()
    model.conv1, model.bn1 = nn.Conv2d(3, widths[0], 3, 1, 1, bias=False), nn.BatchNorm2d(widths[0])
    before = widths[0]
    for stage, width in enumerate(widths):
        blocks = [Block(before if i == 0 else width, width, 2 if stage and i == 0 else 1)
                  for i in range((depth - 2) // 6)]
        setattr(model, f"layer{stage + 1}", nn.Sequential(*blocks))
        before = width
    model.linear = nn.Linear(before, classes)
    return model


def vgg16(classes):
    layers, before = [], 3
    for width in VGG16:
        if width == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(before, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
    model = nn.Module()
    model.features, model.classifier = nn.Sequential(*layers), nn.Linear(before, classes)
    return model


def resnet50(classes):
    from torchvision.models import resnet50 as torchvisions

    return torchvisions(num_classes=classes)


def counted(model, images):
    """With the running statistics of these images."""
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.momentum = None  # the mean of all batches: of one, its own
    with torch.no_grad():
        model.train()(images)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("network", choices=["resnet", "vgg16", "resnet50"])
    parser.add_argument("--depth", type=int, default=110)
    parser.add_argument("--widths", default="16,32,64")
    parser.add_argument("--classes", type=int, help="default: 10; of resnet50 1000")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    torch.manual_seed(asked.seed)
    widths = [int(width) for width in asked.widths.split(",")]
    model = {
        "resnet": lambda: resnet(asked.depth, widths, asked.classes or 10),
        "vgg16": lambda: vgg16(asked.classes or 10),
        "resnet50": lambda: resnet50(asked.classes or 1000),
    }[asked.network]()
    for part in model.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(part.weight)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    if asked.network == "resnet50":
        counted(model, torch.randn(8, 3, 224, 224))
    asked.folder.mkdir(parents=True, exist_ok=True)
    save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()},
              asked.folder / "model.safetensors")
    print(f"{asked.folder}: {sum(p.numel() for p in model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
