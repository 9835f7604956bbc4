"""How the fixtures are written: rounded numbers, a row of numbers a line, the versions inside.

Makes nothing by itself: make_oracles.py imports it.
"""

import json
import platform

import numpy
import PIL
import safetensors
import torch
from safetensors.torch import save_file


def made_by():
    return {
        "script": "tools/make_oracles.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "pillow": PIL.__version__,
        "safetensors": safetensors.__version__,
    }


def rounded(value, digits=9):
    """Every float inside to so many significant digits."""
    if isinstance(value, numpy.ndarray):
        return rounded(value.tolist(), digits)
    if isinstance(value, dict):
        return {k: rounded(v, digits) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v, digits) for v in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def laid_out(value, indent=0):
    """JSON with every innermost list or record on one line."""
    inner = list(value.values()) if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not any(isinstance(v, (dict, list)) for v in inner):
        return json.dumps(value, ensure_ascii=False)
    keys = [json.dumps(k, ensure_ascii=False) + ": " for k in value] if isinstance(value, dict) else [""] * len(value)
    lines = [" " * (indent + 1) + k + laid_out(v, indent + 1) for k, v in zip(keys, inner)]
    left, right = "{}" if isinstance(value, dict) else "[]"
    return left + "\n" + ",\n".join(lines) + "\n" + " " * indent + right


def write_json(path, content):
    path.write_text(laid_out({"made_by": made_by()} | rounded(content)) + "\n", encoding="utf-8")
    print(f"{path.name}: {path.stat().st_size} bytes")


def write_tensors(path, tensors):
    """One metadata key, so that the file is the same every time."""
    save_file({n: t.detach().contiguous() for n, t in tensors.items()}, path, metadata={"made_by": json.dumps(made_by())})
    print(f"{path.name}: {path.stat().st_size} bytes")
