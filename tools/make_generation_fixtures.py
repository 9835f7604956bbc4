"""What transformers writes greedily behind two prompts, for every pico language model among the tests' resources.

    python tools/make_generation_fixtures.py core/src/test/resources/family

Needs torch, transformers and safetensors. The networks are those of tools/make_family_fixtures.py; the prompts are the
first 9 and the first 4 tokens of the two rows of `tokens` in expected.safetensors. Writes DIR/greedy.json: for each
network `long` and `short`, 12 tokens each that follow them, and `margin`, the smallest difference between the likeliest
token's logit and the next one's on the way. Each token comes from a pass over the whole text (use_cache=False); the
script ends with an error where a margin is too small, or where `generate` of both prompts, left-padded into one batch
and with its own cache, writes others; but not where a network's angles depend on a text's length, whose keys that
cache keeps as they were.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from family_configs import VARIANTS
from safetensors import safe_open
from transformers import AutoModelForCausalLM

PROMPTS, NEW, LEAST = (("long", 0, 9), ("short", 1, 4)), 12, 2e-4


@torch.no_grad()
def greedy(model, tokens):
    """Whole passes; the tokens and the smallest margin."""
    tokens, margin = list(tokens), float("inf")
    for _ in range(NEW):
        best = model(torch.tensor([tokens]), use_cache=False).logits[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        tokens.append(best.indices[0].item())
    return tokens[-NEW:], margin


@torch.no_grad()
def together(model, prompts):
    """transformers' own generation of a left-padded batch."""
    most = max(map(len, prompts))
    ids = torch.tensor([[0] * (most - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (most - len(p)) + [1] * len(p) for p in prompts])
    out = model.generate(ids, attention_mask=mask, max_new_tokens=NEW, do_sample=False, eos_token_id=None,
                         pad_token_id=0)
    return [row[most:].tolist() for row in out]


def by_length(config):
    scaling = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    kinds = [scaling] if "rope_type" in scaling else [s for s in scaling.values() if isinstance(s, dict)]
    return any(kind.get("rope_type") in ("dynamic", "longrope") for kind in kinds)


def main():
    folder, found = Path(sys.argv[1]), {}
    for network in sorted(p.parent for p in folder.glob("*/*/removal.json")):
        name = str(network.relative_to(folder))
        model = AutoModelForCausalLM.from_pretrained(network, dtype=torch.float32, attn_implementation=VARIANTS[name].attention,
                                                     experts_implementation="eager").eval()
        with safe_open(network / "expected.safetensors", "pt") as file:
            tokens = file.get_tensor("tokens")
        prompts = [tokens[row, :length].tolist() for _, row, length in PROMPTS]
        alone = [greedy(model, prompt) for prompt in prompts]
        found[name] = {kind: written for (kind, _, _), (written, _) in zip(PROMPTS, alone)}
        found[name]["margin"] = round(min(margin for _, margin in alone), 5)
        same = together(model, prompts) == [written for written, _ in alone]
        if found[name]["margin"] < LEAST or not (same or by_length(model.config)):
            raise SystemExit(f"{name}: margin {found[name]['margin']}, transformers' own batch writes "
                             f"{'the same' if same else 'others'}")
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(values)}" for name, values in found.items())
    (folder / "greedy.json").write_text("{\n" + lines + "\n}\n")
    print(f"{len(found)} networks; torch {torch.__version__}, transformers {transformers.__version__}")


if __name__ == "__main__":
    main()
