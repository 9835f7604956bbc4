"""Makes core/src/test/resources/oracle/optimizer_steps.json: three steps of PyTorch's SGD and AdamW.

    python tools/training_oracle.py

A scale [3], a matrix [2, 3]; the gradients are given, not computed, so that only the optimizers are compared. As sglp
does, the matrix decays and the scale does not.
"""

from pathlib import Path

import torch

from oracle_files import made_by, write_json

ORACLE = Path(__file__).parents[1] / "core/src/test/resources/oracle"
STEPS, RATES = 3, [0.1, 0.05, 0.02]


def run(make, start, gradients):
    """The parameters after each step, flattened."""
    w = {name: torch.nn.Parameter(t.clone()) for name, t in start.items()}
    groups = [{"params": [w["scale"]], "weight_decay": 0.0}, {"params": [w["matrix"]], "weight_decay": 0.01}]
    optimizer = make(groups)
    after = []
    for step in range(STEPS):
        for name, parameter in w.items():
            parameter.grad = gradients[step][name].clone()
        for group in optimizer.param_groups:
            group["lr"] = RATES[step]
        optimizer.step()
        after.append({name: p.detach().double().flatten().tolist() for name, p in w.items()})
    return after


def clipped(gradients, most):
    w = [torch.nn.Parameter(torch.zeros_like(g)) for g in gradients.values()]
    for parameter, gradient in zip(w, gradients.values()):
        parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(w, most)
    return {name: p.grad.double().flatten().tolist() for name, p in zip(gradients, w)}


def main():
    torch.manual_seed(0)
    draw = lambda: {"scale": torch.randn(3), "matrix": torch.randn(2, 3)}
    start, gradients = draw(), [draw() for _ in range(STEPS)]
    flat = lambda tensors: {name: t.double().flatten().tolist() for name, t in tensors.items()}
    write_json(ORACLE / "optimizer_steps.json", {
        "made_by": made_by() | {"script": "tools/training_oracle.py"},
        "start": flat(start),
        "gradients": [flat(g) for g in gradients],
        "rates": RATES,
        "weight_decay": 0.01,
        "sgd": run(lambda g: torch.optim.SGD(g, lr=1, momentum=0.9), start, gradients),
        "nesterov": run(lambda g: torch.optim.SGD(g, lr=1, momentum=0.9, nesterov=True), start, gradients),
        "adamw": run(lambda g: torch.optim.AdamW(g, lr=1), start, gradients),
        "clipped_to": 0.5,
        "clipped": clipped(gradients[0], 0.5),
    })


if __name__ == "__main__":
    main()
