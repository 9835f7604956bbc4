"""Opens a PEFT adapter that `sglp finetune --train lora --adapter` left, on the network it belongs to, and compares it with the
merged one.

    python tools/open_adapter.py tuned/best [--base MODEL]                     # needs torch, transformers and peft

Checks: every factor finds its module; merged by PEFT, every tensor of the network is that of tuned/best within rounding; the
logits of both agree. Ends with 1 where something differs.
"""

import argparse
import json
import pathlib
import sys
import warnings

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

TOLERANCE = 1e-4  # relative, of the logits; rounding to the file's type comes on top


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("merged", type=pathlib.Path)
    parser.add_argument("--base", help="the network that was trained (default: the one that the adapter names)")
    arguments = parser.parse_args()
    folder = arguments.merged / "adapter"
    base = arguments.base or json.loads((folder / "adapter_config.json").read_text())["base_model_name_or_path"]
    dense = AutoModelForCausalLM.from_pretrained(pathlib.Path(base).parent if base.endswith(".safetensors") else base,
                                                 dtype=torch.float32)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        adapted = PeftModel.from_pretrained(dense, folder)
    missing = [str(w.message) for w in said if "missing" in str(w.message).lower()]
    used = {name for name, _ in adapted.named_parameters() if "lora_" in name}
    kept = load_file(folder / "adapter_model.safetensors")
    print(f"{len(kept)} factors, {len(used)} in the network; {'; '.join(missing) or 'none missing'}")

    tokens = torch.arange(5, 45)[None] % dense.config.vocab_size
    with torch.no_grad():
        merged = adapted.merge_and_unload().eval()
        written = AutoModelForCausalLM.from_pretrained(arguments.merged, dtype=torch.float32).eval()
        apart = max((a - b).abs().max().item() / max(1e-12, b.abs().max().item())
                    for a, b in zip(merged.state_dict().values(), written.state_dict().values(), strict=True))
        ours, theirs = written(tokens).logits, merged(tokens).logits
    difference = ((ours - theirs).abs().max() / ours.abs().max()).item()
    rounded = next(written.parameters()).dtype != next(iter(load_file(arguments.merged / "model.safetensors").values())).dtype
    print(f"largest relative difference of a tensor {apart:.1e}, of the logits {difference:.1e}"
          + (" (the file is rounded to fewer digits)" if rounded else ""))
    return 0 if not missing and len(kept) == len(used) and difference <= (1e-2 if rounded else TOLERANCE) else 1


if __name__ == "__main__":
    sys.exit(main())
