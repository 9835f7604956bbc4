"""Top-1, top-5 and cross-entropy of a classifier, batch by batch.

Makes nothing by itself: make_oracles.py and bench_evaluate.py import it.
"""

import contextlib

import torch
import torch.nn.functional as F


def evaluate(model, batch, size, dtype=torch.float32):
    """Counts over (images, labels) in batches of `size`; bfloat16 means autocast. Cross-entropy in float64."""
    right1 = right5 = 0
    loss = 0.0
    cast = torch.autocast("cpu", dtype=dtype) if dtype == torch.bfloat16 else contextlib.nullcontext()
    with torch.inference_mode(), cast:
        for x, y in zip(batch[0].split(size), batch[1].split(size)):
            logits = model(x).double()
            right = logits.topk(5, dim=1).indices == y[:, None]
            right1 += int(right[:, 0].sum())
            right5 += int(right.sum())
            loss += F.cross_entropy(logits, y, reduction="sum").item()
    return {"images": len(batch[1]), "top1_right": right1, "top5_right": right5, "cross_entropy": loss / len(batch[1])}
