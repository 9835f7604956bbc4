"""Files as trainings leave them: one pico CIFAR ResNet under many keys and prefixes, with all sorts of things beside it.

    python tools/make_training_fixtures.py          # needs torch, numpy, safetensors

Makes core/src/test/resources/training: NAME.pt, each holding the same network (and `average`, another one, where a file has
two), and expected.safetensors: an input, the logits of both by PyTorch, and the network's tensors by their plain names.
All floats of a network share one storage, so that the files are small.
"""

import argparse
import collections
import datetime
import decimal
import pathlib
import random
import shutil
import sys
import types
import uuid
from pathlib import Path

import numpy
import torch
from cifar_resnet import CifarResNet
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/training"
SIZE = dict(depths=(2, 1, 1), widths=(2, 4, 8), classes=5)


def network(seed):
    torch.manual_seed(seed)
    model = CifarResNet(**SIZE)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(tensor + 0.1 * torch.rand(tensor.shape))
    return model.eval()


def packed(state):
    """The same tensors, with one storage for all of a type."""
    made = {}
    for dtype in {t.dtype for t in state.values()}:
        some = {n: t for n, t in state.items() if t.dtype == dtype}
        flat = torch.cat([t.reshape(-1) for t in some.values()])
        for (name, tensor), piece in zip(some.items(), flat.split([t.numel() for t in some.values()])):
            made[name] = piece.view(tensor.shape)
    return type(state)((name, made[name]) for name in state)


def save(name, content, **how):
    torch.save(content, HERE / f"{name}.pt", **how)


def prefixed(prefix, state):
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in state.items())


def prefixes(model, state):
    compiled = torch.compile(model).state_dict()
    if not all(n.startswith("_orig_mod.") for n in compiled):
        raise SystemExit("torch.compile names tensors otherwise")
    save("compiled", packed(compiled))
    save("parallel-compiled", {"epoch": 3, "state_dict": packed(torch.nn.DataParallel(torch.compile(model)).state_dict())})
    save("compiled-parallel", packed(torch.compile(torch.nn.DataParallel(model)).state_dict()))
    save("lightning", {"epoch": 1, "pytorch-lightning_version": "2.5.0", "hyper_parameters": {"lr": 0.1}, "callbacks": {},
                       "state_dict": packed(prefixed("model.", state) | {"criterion.weight": torch.ones(5)})})
    save("net", packed(prefixed("net.", state)))
    save("backbone", {"model": packed(prefixed("module.backbone.", state))})
    averaged = torch.optim.swa_utils.AveragedModel(model)
    save("averaged", packed(averaged.state_dict()))
    counted = collections.OrderedDict()
    for name, tensor in state.items():
        counted[name] = tensor
        module = name.rpartition(".")[0]
        for counter in ("total_ops", "total_params"):
            counted.setdefault(f"{module}.{counter}", torch.zeros(1, dtype=torch.float64))
    save("profiled", packed(counted | {"total_ops": torch.zeros(1).double(), "total_params": torch.zeros(1).double()}))


def keys(state):
    for key in ("state_dict_ema", "ema", "weights", "params"):
        save(key, {"epoch": 1, key: packed(state)})
    save("ema-state", {"ema": {"decay": 0.999, "shadow": packed(state)}})


def several(state, other):
    save("both", {"state_dict": packed(prefixed("module.", state)), "state_dict_ema": packed(other), "epoch": 5})
    save("online", packed(collections.OrderedDict([("initted", torch.tensor(True)), ("step", torch.tensor(7))])
                          | prefixed("online_model.", state) | prefixed("ema_model.", other)))


def attribute_dict():
    """As Lightning's, which need not be installed."""
    names = ["lightning_fabric", "lightning_fabric.utilities", "lightning_fabric.utilities.data"]
    for name in names:
        sys.modules[name] = types.ModuleType(name)
    made = type("AttributeDict", (dict,), {"__module__": names[-1]})
    sys.modules[names[-1]].AttributeDict = made
    return made(lr=0.1)


def beside(model, state):
    """Nothing of a module of one's own, which would have to be refused."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.1)
    model.train()(torch.randn(2, 3, 8, 8)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    history = collections.defaultdict(list, {"loss": [1.0, 0.5]})
    content = {
        "args": argparse.Namespace(lr=0.1, data=pathlib.PosixPath("data/cifar"), device=torch.device("cpu"), start=None,
                                   type=float, milestones=[1, 2]),
        "path": pathlib.PurePosixPath("a/b"), "when": datetime.datetime(2026, 11, 28, tzinfo=datetime.timezone.utc),
        "took": datetime.timedelta(seconds=7), "day": datetime.date(2026, 11, 28), "history": history,
        "last": collections.deque([1, 2, 3], maxlen=3), "seen": collections.Counter("abca"), "rate": decimal.Decimal("0.1"),
        "best": numpy.float32(0.5), "best_acc": numpy.float64(91.25), "type": torch.float32, "numpy_type": numpy.dtype("f4"),
        "size": torch.Size([1, 2]), "device": torch.device("cuda", 1), "version": torch.__version__, "id": uuid.UUID(int=7),
        "config": types.SimpleNamespace(depth=20), "hyper_parameters": attribute_dict(), "range": range(3), "set": {1, 2},
        "rng": {"torch": torch.get_rng_state()[:64].clone(), "numpy": numpy.random.RandomState(0), "generator": numpy.random.default_rng(0),
                "python": random.Random(0)},
        "classes": {float: 1}, "optimizer": optimizer.state_dict(), "scheduler": schedule.state_dict(),
        "epoch": 9, "state_dict": packed(state)}
    model.eval()
    save("beside", content)
    save("beside-legacy", content, _use_new_zipfile_serialization=False)


def main():
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir(parents=True)
    model, other = network(0), network(1)
    state, average = (collections.OrderedDict((n, t.clone()) for n, t in m.state_dict().items()) for m in (model, other))
    prefixes(model, state)
    keys(state)
    several(state, average)
    images = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        expected = {"input": images, "logits": model(images), "average": other(images)}
    save_file(expected | {"weights." + n: t for n, t in state.items()}, HERE / "expected.safetensors",
              metadata={"made_by": f"tools/make_training_fixtures.py, torch {torch.__version__}"})
    beside(model, state)
    print(sum(f.stat().st_size for f in HERE.iterdir()), "bytes", sorted(f"{f.name} {f.stat().st_size}" for f in HERE.iterdir()))


if __name__ == "__main__":
    main()
