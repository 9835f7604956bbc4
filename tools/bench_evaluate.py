"""Images a second of evaluating a CIFAR ResNet in PyTorch, on images decoded before the clock starts.

    python tools/bench_evaluate.py CHECKPOINT ZIP [--images 2000] [--batch 250] [--threads 2]
        [--dtype float32|bf16] [--repeats 3] [--json] [--serve]

The images are the same number of every class of the test split, the first by name; 10000 is all of it.
Decoding with Pillow is timed apart. --serve: as in bench_gradnorm.py.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import torch

from bench_gradnorm import serve
from cifar_images import CifarImages
from cifar_resnet import load
from evaluation_oracle import evaluate

DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16}


def timed(work):
    """(seconds, what the work gave)."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def arguments():
    parser = argparse.ArgumentParser(description="Times evaluation in PyTorch.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("zip", type=Path)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=250)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one record instead of lines")
    parser.add_argument("--serve", action="store_true", help="rounds on demand")
    return parser.parse_args()


def main():
    settings = arguments()
    torch.set_num_threads(settings.threads)
    images, model, dtype = CifarImages(settings.zip), load(settings.checkpoint), DTYPES[settings.dtype]
    names = images.first_of_every_class(settings.images // len(images.classes))
    decoding, batch = timed(lambda: images.batch(names))
    if settings.serve:
        serve(lambda: timed(lambda: evaluate(model, batch, settings.batch, dtype)))
        return
    evaluate(model, tuple(part[: settings.batch] for part in batch), settings.batch, dtype)
    runs = [timed(lambda: evaluate(model, batch, settings.batch, dtype)) for _ in range(settings.repeats)]
    rates = [len(names) / seconds for seconds, _ in runs]
    result = {
        "torch": torch.__version__, "dtype": settings.dtype, "batch": settings.batch, "threads": settings.threads,
        "images_per_second": statistics.median(rates), "runs": rates, "decoded_per_second": len(names) / decoding,
    } | runs[0][1]
    if settings.json:
        print(json.dumps(result))
        return
    print(f"top-1 {result['top1_right']}, top-5 {result['top5_right']} of {len(names)}, cross-entropy {result['cross_entropy']:.5f}")
    print(f"{result['images_per_second']:.1f} images/s (median of {len(rates)}, {min(rates):.1f} to {max(rates):.1f}), {settings.dtype}, "
          f"batch {settings.batch}, {settings.threads} threads; decoding {result['decoded_per_second']:.0f} images/s")


if __name__ == "__main__":
    main()
