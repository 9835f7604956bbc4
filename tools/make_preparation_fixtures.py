"""Draws a few pictures of odd sizes and writes what Pillow, torchvision, timm and transformers make of them.

    OMP_NUM_THREADS=1 python tools/make_preparation_fixtures.py

Writes core/src/test/resources/preparation/: NAME.png and expected.json. Hashes are SHA-256 of uint8 planes, red, green, blue. Of normalised
values every 7th is kept. transformers' image processors are those that resize with Pillow (backend "pil").
"""

import hashlib
import json
from pathlib import Path

import numpy
import PIL
import timm
import timm.data
import torch
import torchvision
import transformers
from PIL import Image, ImageDraw
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Normalize, Resize, ToTensor

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/preparation"
SIZES = {"wide": (53, 37), "tall": (21, 64), "square": (30, 30), "thin": (90, 7)}  # width, height
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
STEP = 7


def drawn(name):
    """Noise, lines and a disc: sharp edges, where cubic filters overshoot."""
    width, height = SIZES[name]
    noise = numpy.random.default_rng(len(name)).integers(0, 256, (height, width, 3), dtype=numpy.uint8)
    picture = Image.fromarray(noise)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 2, height // 3), fill=(255, 255, 255))
    draw.rectangle((width // 3, height // 2, width, height), fill=(0, 0, 0))
    draw.ellipse((width // 4, height // 4, width // 4 + 9, height // 4 + 9), fill=(255, 40, 0))
    return picture


def digest(picture):
    return hashlib.sha256(numpy.ascontiguousarray(numpy.asarray(picture).transpose(2, 0, 1)).tobytes()).hexdigest()


def values(tensor):
    flat = numpy.asarray(tensor, dtype=numpy.float64).reshape(-1)[::STEP]
    return [round(float(v), 8) for v in flat]


def pillow(pictures):
    sizes = [(37, 53), (16, 16), (8, 31), (74, 106), (1, 1), (7, 90), (64, 21), (30, 30), (13, 200), (29, 30)]
    return [{"image": name, "height": h, "width": w, "interpolation": how, "sha256": digest(p.resize((w, h), f))}
            for name, p in pictures.items() for h, w in sizes for how, f in FILTERS.items()]


def vision(pictures):
    cases = []
    for name, picture in pictures.items():
        for resize in (None, 16, 19, 40, [24, 18]):
            for crop in (None, 14, [9, 17], [33, 12]):
                for how in FILTERS:
                    steps = [] if resize is None else [Resize(resize, InterpolationMode[how.upper()])]
                    steps += [] if crop is None else [CenterCrop(crop)]
                    made = Compose(steps)(picture)
                    normal = Compose([ToTensor(), Normalize(MEAN, STD)])(made)
                    case = {"image": name, "resize": resize, "crop": crop, "interpolation": how,
                            "height": made.height, "width": made.width, "sha256": digest(made)}
                    if crop == 14 and resize == 19:
                        case |= {"mean": MEAN, "std": STD, "values": values(normal)}
                    cases.append({k: v for k, v in case.items() if v is not None})
    return cases


PROCESSORS = {
    "vit": ("ViTImageProcessor", {"size": {"height": 16, "width": 16}, "resample": 2}),
    "vit number": ("ViTImageProcessor", {"size": 16}),
    "vit cut": ("ViTImageProcessor", {"size": {"shortest_edge": 20}, "do_center_crop": True, "crop_size": 15}),
    "vit as it is": ("ViTImageProcessor", {"do_resize": False}),
    "vit not divided": ("ViTImageProcessor", {"size": {"height": 9, "width": 17}, "do_rescale": False}),
    "vit in halves": ("ViTImageProcessor", {"size": {"height": 9, "width": 17}, "rescale_factor": 1 / 127.5}),
    "vit not normalised": ("ViTImageProcessor", {"size": {"height": 9, "width": 17}, "do_normalize": False}),
    "deit": ("DeiTImageProcessor", {"size": {"height": 18, "width": 18}, "crop_size": {"height": 15, "width": 15}}),
    "deit larger": ("DeiTImageProcessor", {"size": {"height": 12, "width": 18}, "crop_size": {"height": 15, "width": 15}}),
    "dinov2": ("BitImageProcessor", {"size": {"shortest_edge": 19}, "crop_size": {"height": 14, "width": 16},
                                     "image_mean": MEAN, "image_std": STD, "resample": 3}),
    "clip": ("CLIPImageProcessor", {"size": {"shortest_edge": 16}, "crop_size": {"height": 16, "width": 16}, "resample": 3,
                                    "image_mean": [0.48145466, 0.4578275, 0.40821073],
                                    "image_std": [0.26862954, 0.26130258, 0.27577711], "do_convert_rgb": True}),
    "clip number": ("CLIPImageProcessor", {"size": 17, "crop_size": 16, "image_mean": MEAN, "image_std": STD}),
    "siglip": ("SiglipImageProcessor", {"size": {"height": 16, "width": 20}, "resample": 3}),
    "convnext": ("ConvNextImageProcessor", {"size": {"shortest_edge": 14}, "image_mean": MEAN, "image_std": STD}),
    "convnext share": ("ConvNextImageProcessor", {"size": {"shortest_edge": 15}, "crop_pct": 0.9, "resample": 2}),
}


def library(pictures):
    cases = []
    for name, (kind, fields) in PROCESSORS.items():
        processor = getattr(transformers, kind + "Pil").from_dict(fields)
        for image, picture in pictures.items():
            made = processor(picture, return_tensors="np", input_data_format="channels_last")["pixel_values"][0]
            cases.append({"name": name, "image": image, "config": {"image_processor_type": kind} | fields,
                          "shape": list(made.shape), "values": values(made)})
    return cases


CONFIGURATIONS = {
    "usual": {"input_size": [3, 14, 14]},
    "whole": {"input_size": [3, 16, 16], "crop_pct": 1.0, "interpolation": "bilinear"},
    "squash": {"input_size": [3, 15, 12], "crop_pct": 0.9, "crop_mode": "squash", "interpolation": "bicubic"},
    "covering": {"input_size": [3, 12, 20], "crop_pct": 0.95, "mean": [0.5] * 3, "std": [0.5] * 3},
    "high": {"input_size": [3, 20, 12], "crop_pct": 0.8, "crop_mode": "center", "interpolation": "bilinear"},
}


def wightman(pictures):
    cases = []
    for name, fields in CONFIGURATIONS.items():
        settings = timm.data.resolve_data_config(pretrained_cfg=fields)
        transform = timm.data.create_transform(**settings)
        for image, picture in pictures.items():
            made = transform(picture)
            cases.append({"name": name, "image": image, "config": fields, "shape": list(made.shape),
                          "values": values(made)})
    return cases


def main():
    HERE.mkdir(parents=True, exist_ok=True)
    pictures = {name: drawn(name) for name in SIZES}
    for name, picture in pictures.items():
        picture.save(HERE / f"{name}.png")
    parts = {"pillow": pillow(pictures), "torchvision": vision(pictures), "transformers": library(pictures),
             "timm": wightman(pictures)}
    made_by = (f"Pillow {PIL.__version__}, torch {torch.__version__}, torchvision {torchvision.__version__}, "
               f"timm {timm.__version__}, transformers {transformers.__version__}")
    text = ",\n".join(f'"{key}": [\n' + ",\n".join(json.dumps(case) for case in cases) + "\n]"
                      for key, cases in parts.items())
    (HERE / "expected.json").write_text('{"made_by": ' + json.dumps(made_by) + ",\n" + text + "\n}\n")


if __name__ == "__main__":
    main()
