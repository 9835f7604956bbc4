"""Candidates a second of the GradNorm loop one would write in PyTorch: the rival of sglp's.

    python tools/bench_gradnorm.py CHECKPOINT ZIP [--batch 128] [--candidates 10] [--threads 2]
        [--dtype float32|bf16] [--statistics batch|stored] [--repeats 3] [--json] [--shared FILE] [--serve]

Eager and plain: for each removable block re-initialise it, forward, backward, sum the norms of the
gradients, restore it. The images are the first --batch of the calibration set (sorted training names,
every 390th, so at most 128), decoded before the clock starts; one candidate runs first to warm up.
The random weights are this script's own, so scores compare within it only; with --shared FILE (made by
bench/run.sh) images, labels and random blocks are the ones in it, and the candidates are its blocks.
--serve: one line when ready, then one round and one JSON line for every line read.
"""

import argparse
import contextlib
import copy
import json
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from cifar_images import CifarImages
from cifar_resnet import load
from gradnorm_oracle import reinitialised, with_batch_statistics


def score(model, block, random, batch, dtype):
    """G of one block: [images, labels] in, a number out; the block is as before afterwards."""
    trained = copy.deepcopy(block.state_dict())
    block.load_state_dict(random)
    cast = torch.autocast("cpu", dtype=torch.bfloat16) if dtype == "bf16" else contextlib.nullcontext()
    with cast:
        loss = F.cross_entropy(model(batch[0]), batch[1])
    model.zero_grad()
    loss.backward()
    total = sum(p.grad.norm().item() for p in model.parameters())
    block.load_state_dict(trained)
    return total


def random_weights(model, name, seed=1):
    tensors = reinitialised(model, [name], seed)
    counters = {f"{bn}.num_batches_tracked": torch.tensor(0) for bn in ("bn1", "bn2")}
    return {key.removeprefix(name + "."): tensor for key, tensor in tensors.items()} | counters


def shared_weights(tensors, name):
    """The random tensors of one block in the shared file."""
    found = {key.removeprefix(name + "."): t for key, t in tensors.items() if key.startswith(name + ".")}
    return found | {f"{bn}.num_batches_tracked": torch.tensor(0) for bn in ("bn1", "bn2")}


def run(model, candidates, batch, dtype):
    """(seconds, {name: G}) of [(name, block, its random weights)]."""
    start = time.perf_counter()
    scores = {name: score(model, block, random, batch, dtype) for name, block, random in candidates}
    return time.perf_counter() - start, scores


def serve(work):
    """One JSON line a round, a round for every line read."""
    print(json.dumps({"ready": torch.__version__}), flush=True)
    for _ in sys.stdin:
        cpu = time.process_time()
        seconds, found = work()
        print(json.dumps({"seconds": seconds, "cpu_seconds": time.process_time() - cpu} | found), flush=True)


def arguments():
    parser = argparse.ArgumentParser(description="Times GradNorm candidates in eager PyTorch.")
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("zip", type=Path)
    parser.add_argument("--batch", type=int, default=128, help="images, at most 128")
    parser.add_argument("--candidates", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", choices=["float32", "bf16"], default="float32")
    parser.add_argument("--statistics", choices=["batch", "stored"], default="batch")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one record instead of lines")
    parser.add_argument("--shared", type=Path, help="safetensors: images, labels, random blocks")
    parser.add_argument("--serve", action="store_true", help="rounds on demand")
    settings = parser.parse_args()
    if not 1 <= settings.batch <= 128:
        parser.error(f"--batch is from 1 to 128, got {settings.batch}")
    return settings


def main():
    settings = arguments()
    torch.set_num_threads(settings.threads)
    model = load(settings.checkpoint)
    if settings.statistics == "batch":
        with_batch_statistics(model)
    blocks = [(name, block) for name, block in model.blocks() if block.removable]
    if settings.shared:
        tensors = load_file(settings.shared)
        batch = tensors["images"], tensors["labels"]
        blocks = [(name, block) for name, block in blocks if f"{name}.conv1.weight" in tensors]
        candidates = [(name, block, shared_weights(tensors, name)) for name, block in blocks]
    else:
        images = CifarImages(settings.zip)
        batch = images.batch(images.calibration()[: settings.batch])
        candidates = [(name, block, random_weights(model, name)) for name, block in blocks[: settings.candidates]]
    if settings.serve:
        def work():
            seconds, scores = run(model, candidates, batch, settings.dtype)
            return seconds, {"scores": scores}
        serve(work)
        return
    run(model, candidates[:1], batch, settings.dtype)
    runs = [run(model, candidates, batch, settings.dtype) for _ in range(settings.repeats)]
    rates = [len(candidates) / seconds for seconds, _ in runs]
    result = {
        "torch": torch.__version__, "dtype": settings.dtype, "statistics": settings.statistics, "batch": len(batch[1]),
        "threads": settings.threads, "candidates": len(candidates), "candidates_per_second": statistics.median(rates),
        "runs": rates, "scores": runs[0][1],
    }
    if settings.json:
        print(json.dumps(result))
        return
    for name, value in result["scores"].items():
        print(f"{name}  {value:.6g}")
    print(f"{result['candidates_per_second']:.3f} candidates/s (median of {len(rates)}, {min(rates):.3f} to {max(rates):.3f}), "
          f"{settings.dtype}, batch {len(batch[1])}, {settings.threads} threads")


if __name__ == "__main__":
    main()
