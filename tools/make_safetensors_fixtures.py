"""Makes core/src/test/resources/safetensors: a file by the reference library, and what it says is in it.

    python tools/make_safetensors_fixtures.py
    python tools/make_safetensors_fixtures.py --check FILE.safetensors

The second form opens FILE with the reference library and says whether it holds exactly the fixture's tensors and metadata.
"""
import argparse
import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/safetensors"
CODES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
         torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}
METADATA = {"format": "pt"}  # one key: the library keeps several in no order


def tensors():
    made = {f"as.{code}": (torch.arange(15).reshape(3, 5) - (0 if code == "U8" else 7)).to(dtype)
            for dtype, code in CODES.items()}
    made["scalar"] = torch.tensor(-2.5)
    made["empty"] = torch.zeros(0, 3)
    made["é \"quoted\"\n"] = torch.tensor([1, -1], dtype=torch.int64)
    made["not finite"] = torch.tensor([float("inf"), float("-inf"), float("nan"), -0.0])
    return made


def raw(t):
    return t.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes().hex() if t.numel() else ""


def described(path):
    with safe_open(path, framework="pt") as file:
        found = {name: file.get_tensor(name) for name in file.keys()}
        return {"metadata": file.metadata(), "tensors": {
            name: {"dtype": CODES[t.dtype], "shape": list(t.shape), "bytes": raw(t)}
            for name, t in sorted(found.items())}}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", metavar="FILE")
    given = parser.parse_args().check
    if given:
        same = described(given) == json.loads((HERE / "reference.json").read_text())
        print(f"{given}: {'the same as' if same else 'DIFFERENT from'} the reference")
        raise SystemExit(0 if same else 1)
    HERE.mkdir(parents=True, exist_ok=True)
    save_file(tensors(), HERE / "reference.safetensors", metadata=METADATA)
    (HERE / "reference.json").write_text(json.dumps(described(HERE / "reference.safetensors"), indent=1) + "\n")
