"""Makes the small PyTorch files that the checkpoint tests read, and what PyTorch says is in them.

    python tools/make_checkpoint_fixtures.py

Writes core/src/test/resources/checkpoint/: NAME.pt beside NAME.json (every tensor's type, shape and contiguous bytes in
hexadecimal, the metadata), refused files in refused/, plain pickles of numpy in numpy/.
"""
import collections
import inspect
import json
import os
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy
import torch

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/checkpoint"
CODES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


def raw(t):
    t = t.detach().contiguous()
    return t.reshape(-1).view(torch.uint8).numpy().tobytes().hex() if t.numel() else ""


def expected(tensors, metadata, form):
    return {"format": form, "metadata": metadata, "tensors": {
        name: {"dtype": CODES[t.dtype], "shape": list(t.shape), "bytes": raw(t)} for name, t in tensors.items()}}


def save(name, saved, tensors, metadata=None):
    """The same object in both formats."""
    for suffix, zipped, form in (("zip", True, "PyTorch (zip)"), ("legacy", False, "PyTorch (legacy)")):
        torch.save(saved, HERE / f"{name}-{suffix}.pt", _use_new_zipfile_serialization=zipped)
        text = json.dumps(expected(tensors, metadata or {}, form), indent=1)
        (HERE / f"{name}-{suffix}.json").write_text(text + "\n")


def every_dtype():
    t = {f"as.{code}": (torch.arange(6).reshape(2, 3) - (0 if code == "U8" else 2)).to(dtype) for dtype, code in CODES.items()}
    save("dtypes", t, t)


def every_stride():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    wide = torch.arange(30, dtype=torch.int16).reshape(5, 6)
    t = {"base": base, "transposed": base.permute(2, 0, 1), "slice": base[:, 1:, ::2], "row": base[1, 2],
         "scalar": base[1, 1, 1], "empty": torch.zeros(0, 3), "emptySlice": base[:, 3:], "zeroDim": torch.tensor(7.5),
         "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 3), "columns": wide.t()[2:4], "bytes": wide.to(torch.uint8).t(),
         "doubles": base.double().transpose(0, 2), "one": torch.ones(1, 1, 5).transpose(0, 1)}
    save("strides", t, t)


def a_trained_model():
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Linear(4, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    model[2](torch.ones(1, 4)).sum().backward()
    optimizer.step()
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 4])
    state = collections.OrderedDict(("module." + n, t) for n, t in model.state_dict().items())
    state._metadata = {"": {"version": 1}}
    saved = {"epoch": 3, "arch": "tiny", "best_acc1": numpy.float64(71.25), "ema": False, "state_dict": state,
             "optimizer": optimizer.state_dict(), "scheduler": schedule.state_dict(), "nothing": None,
             "seen": {1, 2}, "size": torch.Size([1, 2]), "device": torch.device("cpu"), "type": torch.float32}
    save("trained", saved, model.state_dict(), {"epoch": "3", "arch": "tiny", "best_acc1": "71.25", "ema": "false"})
    save("nested", {"model": {"backbone": {"w": torch.ones(2)}, "head": {"b": torch.zeros(1)}}, "step": 1 << 70},
         {"backbone.w": torch.ones(2), "head.b": torch.zeros(1)}, {"step": str(1 << 70)})
    parameters = {"w": torch.nn.Parameter(torch.ones(2, 2)), "alpha": 0.5}
    save("parameters", parameters, {"w": torch.ones(2, 2)}, {"alpha": "0.5"})


def a_measured_model():
    """Whoever keeps the best accuracy on a GPU saves it as a tensor."""
    saved = {"epoch": torch.tensor(7), "best_acc1": torch.tensor([71.25]), "best_loss": torch.tensor(0.5, dtype=torch.float64),
             "half": torch.tensor(1.5, dtype=torch.float16), "seen": torch.arange(3), "state_dict": {"w": torch.ones(2)}}
    save("measured", saved, {"w": torch.ones(2)}, {"epoch": "7", "best_acc1": "71.25", "best_loss": "0.5", "half": "1.5"})


def zipped_again(name, **how):
    """nested-zip.pt in another zip; sizes in the 64-bit fields where `limit` is small."""
    before, zipfile.ZIP64_LIMIT = zipfile.ZIP64_LIMIT, how.pop("limit", zipfile.ZIP64_LIMIT)
    with zipfile.ZipFile(HERE / "nested-zip.pt") as old, zipfile.ZipFile(HERE / name, "w", **how) as new:
        new.comment = b"a comment"
        for entry in old.namelist():
            new.writestr(zipfile.ZipInfo(entry) if not how else entry, old.read(entry))
    zipfile.ZIP64_LIMIT = before


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 2)

    def forward(self, x):
        return self.linear(x)


class Evil:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


def refused():
    folder = HERE / "refused"
    folder.mkdir()
    torch.save(Net(), folder / "module-zip.pt")
    # the old format carries each class's source and where it lies: leave both out
    file, lines = inspect.getsourcefile, inspect.getsourcelines
    inspect.getsourcefile, inspect.getsourcelines = lambda of: "net.py", lambda of: (["# left out\n"], 1)
    torch.save(Net(), folder / "module-legacy.pt", _use_new_zipfile_serialization=False)
    inspect.getsourcefile, inspect.getsourcelines = file, lines
    torch.jit.script(Net()).save(folder / "script.pt")
    # written through torch's own pickler, which does not run them
    torch.save({"w": torch.ones(1), "x": Evil(os.system, "touch evil")}, folder / "system-zip.pt")
    torch.save({"w": torch.ones(1), "x": Evil(os.system, "touch evil")}, folder / "system-legacy.pt",
               _use_new_zipfile_serialization=False)
    torch.save({"w": torch.ones(1), "x": Evil(eval, "1 + 1")}, folder / "eval.pt")
    torch.save([torch.ones(1)], folder / "list.pt")
    torch.save(torch.ones(1), folder / "tensor.pt")
    torch.save({"epoch": 1, "history": [1.0, 2.0]}, folder / "tensorless.pt")
    torch.save({"w": torch.ones(1).expand(1 << 30)}, folder / "expanded.pt")
    torch.save({"w": torch._neg_view(torch.ones(2))}, folder / "negated.pt")  # the storage holds 1, the tensor is -1
    torch.save({"w": torch.ones(2, dtype=torch.complex64)}, folder / "complex.pt")
    numpy.savez(folder / "arrays.npz", a=numpy.ones(2))


def numpy_pickles():
    folder = HERE / "numpy"
    folder.mkdir()
    data = numpy.arange(12, dtype=numpy.uint8).reshape(3, 4)
    batch = {b"data": data, b"labels": [3, 1, 2], b"batch_label": b"batch 1", b"filenames": [b"a.png", b"b.png", b"c.png"]}
    for protocol in range(6):
        (folder / f"batch{protocol}.pkl").write_bytes(pickle.dumps(batch, protocol))
    rich = {"fortran": numpy.asfortranarray(data), "big": numpy.arange(3, dtype=">i4"), "half": numpy.ones(2, numpy.float16),
            "flags": numpy.array([True, False]), "zero": numpy.zeros((0, 2)), "scalars": [numpy.float32(0.5), numpy.int64(-3),
            numpy.uint8(200), numpy.bool_(True), numpy.float16(1.5)], "shared": [data, data]}
    for protocol in (2, 4, 5):
        (folder / f"rich{protocol}.pkl").write_bytes(pickle.dumps(rich, protocol))


def plain_pickles():
    value = ["", "é€😀\\ \n\t'\"", b"\x00\xff", 0, -1, 255, 65536, -(1 << 31), 1 << 62, -(1 << 63), 1 << 63, -(1 << 100), 0.0, -1.5e300,
             float("inf"), True, False, None, (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1, [2, [3]]], {}, {"a": {"b": 1}, 2: "c", (1, "x"): None},
             {1, 2}, frozenset(["a"]), bytearray(b"ab"), collections.OrderedDict([("k", 1)]), "long " * 100, list(range(1500))]
    folder = HERE / "plain"
    folder.mkdir()
    for protocol in range(6):
        (folder / f"plain{protocol}.pkl").write_bytes(pickle.dumps(value, protocol))


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir(parents=True)
    every_dtype()
    every_stride()
    a_trained_model()
    a_measured_model()
    refused()
    zipped_again("nested64-zip.pt", limit=1)
    shutil.copy(HERE / "nested-zip.json", HERE / "nested64-zip.json")
    zipped_again("refused/deflated.pt", compression=zipfile.ZIP_DEFLATED)
    numpy_pickles()
    plain_pickles()
