"""CIFAR-10 as JPEG in a zip (`cifar10-jpeg/{train,test}/CLASS/NNNN.jpg`), read with Pillow.

Makes nothing by itself: the other scripts here import it. A class is its folder's place in
alphabetical order. Images come out as (x/255 - MEAN)/STD, [B, 3, 32, 32], float32.

Run `python tools/cifar_images.py ZIP` to see how many images there are and the calibration set's sum.
"""

import argparse
import io
import zipfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

MEAN = [0.485, 0.456, 0.406]
STD = [0.229, 0.224, 0.225]


class CifarImages:
    """The two splits of one zip."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.names = sorted(name for name in self.zip.namelist() if name.endswith(".jpg"))
        self.classes = sorted({name.split("/")[-2] for name in self.names})

    def split(self, split):
        return [name for name in self.names if name.split("/")[-3] == split]

    def calibration(self):
        """128 training images: the sorted names, every 390th."""
        return self.split("train")[::390][:128]

    def first_of_every_class(self, count, split="test"):
        """The first `count` names of every class, classes in order."""
        names = self.split(split)
        return [name for c in self.classes for name in [n for n in names if n.split("/")[-2] == c][:count]]

    def pixels(self, names):
        """[B, 32, 32, 3], uint8."""
        images = (Image.open(io.BytesIO(self.zip.read(name))).convert("RGB") for name in names)
        return np.stack([np.asarray(image) for image in images])

    def labels(self, names):
        return torch.tensor([self.classes.index(name.split("/")[-2]) for name in names])

    def batch(self, names):
        """(images, labels)."""
        return normalised(self.pixels(names)), self.labels(names)


def normalised(pixels):
    x = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(torch.float32) / 255
    mean, std = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, STD))
    return ((x - mean) / std).contiguous()


def main():
    parser = argparse.ArgumentParser(description="Counts the images of a CIFAR-10 zip.")
    parser.add_argument("zip", type=Path)
    images = CifarImages(parser.parse_args().zip)
    print(", ".join(f"{len(images.split(s))} {s}" for s in ("train", "test")), images.classes)
    print("sum over the calibration pixels:", int(images.pixels(images.calibration()).sum(dtype=np.int64)))


if __name__ == "__main__":
    main()
