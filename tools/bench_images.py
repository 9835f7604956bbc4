"""What a network of torchvision's does in PyTorch, on images of any size, step by step as one would write it: the rival of sglp's.

    python tools/bench_images.py CHECKPOINT --network resnet50 --shared FILE --part PART [--batch 16] [--threads 1] [--serve]

PART: evaluate (top-1 and loss), similarity (linear CKA of all blocks' outputs, biased), gradnorm (of each block whose random weights are
in FILE; batch norm by the batch), kl (of each block left out, stored statistics), repair (the blocks of FILE's `removed` left out, every
block from there on fitted by least squares to the dense network, on 64 places an image; what is left of the last one's aim). Eager, float32. FILE is what bench/run.sh images
makes: images, labels, random blocks, removed. --serve: one line when ready, then one round and one JSON line for every line read, with
the most memory that was resident. Needs torch, torchvision and safetensors.
"""

import argparse
import copy
import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
import torchvision
from safetensors.torch import load_file
from torch import nn

from resident import peak

PLACES, RIDGE = 64, 0.1  # of an image; times the mean diagonal


def blocks_of(model):
    """[(name, block)] in order; those that keep the shape can go."""
    return [(f"layer{stage}.{i}", block) for stage in range(1, 5) for i, block in enumerate(getattr(model, f"layer{stage}"))]


def stem(model, x):
    return model.maxpool(model.relu(model.bn1(model.conv1(x))))


def without(model, names):
    """The same blocks, but for these."""
    other = copy.copy(model)
    other._modules = dict(model._modules)
    for stage in range(1, 5):
        kept = [block for name, block in blocks_of(model) if name.startswith(f"layer{stage}.") and name not in names]
        other._modules[f"layer{stage}"] = nn.Sequential(*kept)
    return other


class Rival:
    def __init__(self, asked):
        tensors = load_file(asked.shared)
        self.model = getattr(torchvision.models, asked.network)()
        self.model.load_state_dict(load_file(asked.checkpoint))
        self.model.eval()
        self.images, self.labels, self.batch = tensors["images"], tensors["labels"], asked.batch
        self.blocks = blocks_of(self.model)
        self.random = {name: {key.removeprefix(name + "."): t for key, t in tensors.items() if key.startswith(name + ".")}
                       for name, _ in self.blocks}
        self.removed = [self.blocks[i][0] for i in tensors["removed"].tolist()]

    def batches(self):
        return self.images.split(self.batch)

    @torch.no_grad()
    def evaluate(self):
        logits = torch.cat([self.model(x) for x in self.batches()])
        return {"right": (logits.argmax(1) == self.labels).sum().item(), "loss": F.cross_entropy(logits, self.labels).item()}

    @torch.no_grad()
    def similarity(self):
        rows = [[] for _ in self.blocks]
        handles = [block.register_forward_hook(lambda module, x, y, kept=kept: kept.append(y.flatten(1)))
                   for (_, block), kept in zip(self.blocks, rows)]
        for x in self.batches():
            self.model(x)
        for handle in handles:
            handle.remove()
        grams = []
        for kept in rows:
            x = torch.cat(kept)
            x = x - x.mean(0)
            grams.append((x @ x.T).double().flatten())
        grams = torch.stack(grams)
        hsic = grams @ grams.T
        scale = hsic.diagonal().sqrt()
        return {"cka": (hsic / torch.outer(scale, scale)).flatten().tolist()}

    def gradnorm(self):
        scores, norms = {}, [m for m in self.model.modules() if isinstance(m, nn.BatchNorm2d)]
        for norm in norms:
            norm.momentum = 0.0
            norm.train()
        for name, block in self.blocks:
            if not self.random[name]:
                continue
            trained = copy.deepcopy(block.state_dict())
            block.load_state_dict(self.random[name], strict=False)
            loss = F.cross_entropy(self.model(self.images), self.labels)
            self.model.zero_grad()
            loss.backward()
            scores[name] = sum(p.grad.norm().item() for p in self.model.parameters())
            block.load_state_dict(trained)
        return {"scores": scores}

    @torch.no_grad()
    def kl(self):
        dense = [self.model(x).log_softmax(1) for x in self.batches()]
        scores = {}
        for name, block in self.blocks:
            if block.downsample is not None:
                continue
            other = without(self.model, [name])
            parts = [F.kl_div(other(x).log_softmax(1), p, reduction="sum", log_target=True)
                     for x, p in zip(self.batches(), dense)]
            scores[name] = sum(parts).item() / len(self.labels)
        return {"scores": scores}

    @torch.no_grad()
    def repair(self):
        kept = [i for i, (name, _) in enumerate(self.blocks) if name not in self.removed]
        first = next(i for i, (name, _) in enumerate(self.blocks) if name in self.removed)
        dense = [stem(self.model, x) for x in self.batches()]
        smaller, at, left = list(dense), 0, 0.0
        for place, i in enumerate(kept):
            behind = kept[place + 1] if place + 1 < len(kept) else len(self.blocks)
            for j in range(at, behind - 1):
                dense = [self.blocks[j][1](x) for x in dense]
            aims = [around(self.blocks[behind - 1][1], x)[1] for x in dense]
            dense, at = [y.relu() for y in aims], behind
            block = self.blocks[i][1]
            if behind > first:
                block, left = fitted(block, smaller, aims)
            smaller = [block(x) for x in smaller]
        return {"left": left}


def around(block, x):
    """What the last convolution is given, and the sum before the last rectifier."""
    u = block.relu(block.bn1(block.conv1(x)))
    if hasattr(block, "conv3"):
        u = block.relu(block.bn2(block.conv2(u)))
    last, norm = (block.conv3, block.bn3) if hasattr(block, "conv3") else (block.conv2, block.bn2)
    return u, norm(last(u)) + (x if block.downsample is None else block.downsample(x))


def fitted(block, inputs, aims):
    """The block with another last convolution: the least squares to its aims, some places of each image. And what is left of them."""
    block = copy.deepcopy(block)
    last, norm = (block.conv3, block.bn3) if hasattr(block, "conv3") else (block.conv2, block.bn2)
    gram = products = energy = whole = 0
    for x, y in zip(inputs, aims):
        u, o = around(block, x)
        count = min(PLACES, o.shape[2] * o.shape[3])
        at = torch.stack([torch.randperm(o.shape[2] * o.shape[3])[:count] for _ in range(len(x))])[:, None]
        pick = lambda t: t.gather(2, at.expand(-1, t.shape[1], -1)).transpose(1, 2).flatten(0, 1)  # [n, channels]
        columns = u.flatten(2) if last.kernel_size == (1, 1) else F.unfold(u, last.kernel_size, padding=last.padding)
        rows = F.pad(pick(columns), (0, 1), value=1.0)
        gram = gram + (rows.T @ rows).double()
        r = pick((y - o).flatten(2))
        products = products + (rows.T @ r).double()
        energy, whole = energy + r.double().square().sum(), whole + pick(y.flatten(2)).double().square().sum()
    ridge = RIDGE * gram.diagonal()[:-1].mean() * torch.eye(len(gram), dtype=gram.dtype)
    ridge[-1, -1] = 0
    found = torch.linalg.solve(gram + ridge, products)
    left = (energy - 2 * (found * products).sum() + (found * (gram @ found)).sum()) / whole
    found = found.float()
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    last.weight.copy_(last.weight + (found[:-1].T / scale[:, None]).view_as(last.weight))
    norm.bias += found[-1]
    return block, left.item()


def round_of(work):
    peak(reset=True)
    start, cpu = time.perf_counter(), time.process_time()
    found = work()
    return {"seconds": time.perf_counter() - start, "cpu_seconds": time.process_time() - cpu, "peak_bytes": peak()} | found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--network", default="resnet50")
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--part", choices=["evaluate", "similarity", "gradnorm", "kl", "repair"], required=True)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--serve", action="store_true", help="rounds on demand")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    work = getattr(Rival(asked), asked.part)
    if not asked.serve:
        print(json.dumps(round_of(work)))
        return
    print(json.dumps({"ready": torch.__version__}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(round_of(work)), flush=True)


if __name__ == "__main__":
    main()
