"""Opens the pruned pico networks of the conformance suite in transformers.

    mvn -pl core test -Dtest=FamilyConformanceTest -Dsglp.written=DIR
    python tools/open_families.py DIR core/src/test/resources/family

Needs torch, transformers and safetensors. For each network: no tensor missing or unexpected, the logits of the same
network with those layers deleted by hand, and 12 tokens continued greedily, alike with and without a cache.
"""

import collections
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

NEW = 12


@torch.no_grad()
def opened(folder, expected):
    model, told = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    model.eval()
    tokens, wanted = expected["tokens"], expected["logits_without"]
    apart = float((model(tokens).logits - wanted).abs().max() / wanted.abs().max())
    far = "longrope" in str(folder) and "short" not in str(folder)  # short factors would end within what is cached
    prompt = tokens if far else tokens[:, :8]
    same = [model.generate(prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=NEW,
                           min_new_tokens=NEW, use_cache=cache, pad_token_id=0) for cache in (True, False)]
    odd = {kind: sorted(told[kind]) for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") if told[kind]}
    return apart, bool(torch.equal(*same)), odd


def main(written, fixtures):
    transformers.logging.set_verbosity_error()
    worst, faults = collections.Counter(), 0
    for folder in sorted(p.parent for p in written.glob("*/*/config.json")):
        name = folder.relative_to(written)
        apart, alike, odd = opened(folder, load_file(fixtures / name / "expected.safetensors"))
        worst[name.parts[0]] = max(worst[name.parts[0]], apart)
        if apart > 1e-4 or not alike or odd:
            faults += 1
            print(f"{str(name):28} logits {apart:.1e} apart, cache {'alike' if alike else 'DIFFERS'} {odd or ''}")
    for family, apart in sorted(worst.items()):
        print(f"{family:16} {apart:.1e}")
    print(f"{faults} faults; transformers {transformers.__version__}, torch {torch.__version__}")
    return faults


if __name__ == "__main__":
    sys.exit(1 if main(Path(sys.argv[1]), Path(sys.argv[2])) else 0)
