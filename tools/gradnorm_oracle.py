"""GradNorm of candidate sets of blocks from its definition: G(S) = sum over parameters of the gradient's 2-norm.

Makes nothing by itself: make_oracles.py imports it. One forward and one backward of the whole
network by autograd; the loss is the mean cross-entropy over the batch.
- reinit: the blocks of S get the given weights; batch norm by the batch's own statistics
  (`batch`: biased variance, nothing stored) or by the stored ones (`stored`).
- identity: the blocks of S are left out; stored statistics.
"""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn


def reinitialised(model, names, seed):
    """Random weights for the named blocks, in this order: kaiming_normal_ by fan-in, batch norm new."""
    torch.manual_seed(seed)
    tensors = {}
    for name, block in ((n, copy.deepcopy(b)) for n, b in model.blocks() if n in names):
        for conv in (block.conv1, block.conv2):
            nn.init.kaiming_normal_(conv.weight, mode="fan_in", nonlinearity="relu")
        for bn in (block.bn1, block.bn2):
            bn.reset_parameters()
        tensors |= {f"{name}.{key}": t.clone() for key, t in without_counters(block.state_dict()).items()}
    return tensors


def without_counters(tensors):
    return {name: t.detach() for name, t in tensors.items() if not name.endswith("num_batches_tracked")}


def with_batch_statistics(model):
    """Batch norm uses the batch; momentum 0 keeps the stored statistics."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.0
            module.train()
    return model


def left_out(model, absent):
    """A copy in which the blocks of these indices pass their input on."""
    model = copy.deepcopy(model)
    for name in (model.blocks()[i][0] for i in absent):
        stage, i = name.split(".")
        getattr(model, stage)[int(i)] = nn.Identity()
    return model


def loss_and_norms(model, x, y):
    """(loss, {parameter's name: 2-norm of its gradient})."""
    loss = F.cross_entropy(model(x), y)
    names, parameters = zip(*model.named_parameters())
    gradients = torch.autograd.grad(loss, parameters)
    return loss.item(), {name: g.norm().item() for name, g in zip(names, gradients)}


def reduced(norms):
    """Over a set of parameters: the sum of norms, and the one norm of all together."""
    return {"sum": math.fsum(norms.values()), "global": math.sqrt(math.fsum(v * v for v in norms.values()))}


class GradNorm:
    """Scores over one network, one batch and one segmentation (its boundaries)."""

    def __init__(self, model, batch, boundaries, replacement):
        self.model, (self.x, self.y), self.boundaries, self.replacement = model, batch, boundaries, replacement
        self.names = [name for name, _ in model.blocks()]
        self.removable = [i for i, (_, block) in enumerate(model.blocks()) if block.removable]

    def segment(self, absent):
        (segment,) = {next((a, b) for a, b in zip(self.boundaries, self.boundaries[1:]) if a <= i < b) for i in absent}
        return segment

    def of_blocks(self, norms, blocks):
        prefixes = tuple(self.names[i] + "." for i in blocks)
        return {name: v for name, v in norms.items() if name.startswith(prefixes)}

    def run(self, model, dtype):
        return loss_and_norms(model.to(dtype), self.x.to(dtype), self.y)

    def dense(self, statistics):
        def score(dtype):
            model = copy.deepcopy(self.model)
            loss, norms = self.run(with_batch_statistics(model) if statistics == "batch" else model, dtype)
            return {"loss": loss, "all": reduced(norms)}

        return {"absent": [], "by": "dense", "statistics": statistics} | in_both(score)

    def reinit(self, absent, statistics):
        segment = self.segment(absent)
        prefixes = tuple(self.names[i] + "." for i in absent)

        def score(dtype):
            model = copy.deepcopy(self.model)
            model.load_state_dict(without_counters(model.state_dict()) | {n: t for n, t in self.replacement.items() if n.startswith(prefixes)})
            loss, norms = self.run(with_batch_statistics(model) if statistics == "batch" else model, dtype)
            return {"loss": loss, "all": reduced(norms), "segment": reduced(self.of_blocks(norms, range(*segment)))}

        return {"absent": absent, "by": "reinit", "statistics": statistics, "segment": list(segment)} | in_both(score)

    def identity(self, absent):
        segment = self.segment(absent)

        def score(dtype):
            loss, norms = self.run(left_out(self.model, absent), dtype)
            optional = self.of_blocks(norms, [i for i in self.removable if i in range(*segment)])
            common = {name: v for name, v in norms.items() if name not in optional}
            return {"loss": loss, "present": reduced(norms), "common": reduced(common), "segment": reduced(self.of_blocks(norms, range(*segment)))}

        return {"absent": absent, "by": "identity", "statistics": "stored", "segment": list(segment)} | in_both(score)


def in_both(score):
    return {"float64": score(torch.float64), "float32": score(torch.float32)}
