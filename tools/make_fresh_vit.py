"""A vision transformer that has learned nothing yet, in transformers' names, to be trained with `sglp finetune`.

    python tools/make_fresh_vit.py DIR [--width 128 --depth 12 --heads 4 --ratio 2 --image 32 --patch 4 --classes 10]

Needs torch and transformers. The defaults make a network of 1.6 million parameters for CIFAR-10:

    ./sglp finetune DIR --data images:cifar10.zip --optimizer adamw --learning-rate 1e-3 --weight-decay 0.05 \\
        --warm-up 2000 --clip-norm 1 --label-smoothing 0.1 --batch-size 128 --epochs 100 --out TRAINED
"""

import argparse
import json
from pathlib import Path

import torch
from transformers import ViTConfig, ViTForImageClassification

CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name, usual in {"width": 128, "depth": 12, "heads": 4, "ratio": 2, "image": 32, "patch": 4, "classes": 10,
                        "seed": 0}.items():
        parser.add_argument("--" + name, type=int, default=usual)
    given = parser.parse_args()
    torch.manual_seed(given.seed)
    names = CIFAR10 if given.classes == len(CIFAR10) else [f"LABEL_{i}" for i in range(given.classes)]
    config = ViTConfig(hidden_size=given.width, num_hidden_layers=given.depth, num_attention_heads=given.heads,
                       intermediate_size=given.ratio * given.width, image_size=given.image, patch_size=given.patch,
                       layer_norm_eps=1e-6, id2label=dict(enumerate(names)),
                       label2id={name: i for i, name in enumerate(names)})
    model = ViTForImageClassification(config)
    model.save_pretrained(given.folder)
    (given.folder / "preprocessor_config.json").write_text(json.dumps({
        "image_processor_type": "ViTImageProcessor", "do_resize": True, "do_rescale": True, "do_normalize": True,
        "resample": 2, "rescale_factor": 1 / 255, "size": {"height": given.image, "width": given.image},
        "image_mean": [0.4914, 0.4822, 0.4465], "image_std": [0.247, 0.2435, 0.2616]}, indent=2) + "\n")
    print(f"{given.folder}: {sum(p.numel() for p in model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
