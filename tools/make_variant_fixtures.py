"""Other ways in which people's files say the same networks, with transformers' own logits, for the tests of the decoders.

    python tools/make_variant_fixtures.py core/src/test/resources/decoder

Needs torch, transformers and safetensors, and the pico networks of make_decoder_fixtures.py. Makes in DIR/variants
  variants.json          for each variant: the pico network it is made of, fields of config.json that change or go, and where
                         names of tensors differ, each name with the one in the pico network
  logits.safetensors     for each variant the logits that transformers computes for the first 12 tokens of the pico network's
  head, groups           networks whose configuration leaves out head_dim (Qwen3) and num_key_value_heads (Mistral): config.json,
                         model.safetensors, expected.safetensors (tokens, logits)
The script ends with an error where transformers finds a tensor missing, unexpected or of another shape.
"""

import json
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from make_decoder_fixtures import config, drawn
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

TOKENS = 12
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0)
NOW = dict(rope_type="default", rope_theta=500.0)



VARIANTS = {
    "swish is silu": ("llama2", {"hidden_act": "swish"}),
    "how attention is computed": ("llama2", {"use_flash_attn": True, "attention_probs_dropout_prob": 0.1, "attn_pdrop": 0.1}),
    "an empty list of classes": ("llama2", {"architectures": []}),
    "an old class": ("llama2", {"architectures": ["LLaMAForCausalLM"]}),
    "no list of classes": ("mistral", {"architectures": None}),
    "causal, said": ("qwen2", {"is_causal": True}),
    "a factor beside the default rope": ("llama2", {"rope_scaling": {"type": "default", "factor": 4.0}}),
    "fields of other types beside linear": ("llama2", {"rope_scaling": {
        "rope_type": "linear", "factor": 2.5, "original_max_position_embeddings": 32, "low_freq_factor": 1.0,
        "high_freq_factor": 4.0, "attention_factor": 2.0, "beta_fast": 32}}),
    "a factor for attention beside llama3": ("llama3", {"rope_scaling": LLAMA3 | {
        "original_max_position_embeddings": 32, "attention_factor": 2.0}}),
    "llama3 without its original length": ("llama3", {"rope_scaling": LLAMA3}),
    "llama3 without any length, Llama": ("llama2", {"rope_scaling": LLAMA3, "max_position_embeddings": ...}),
    "llama3 without any length, Mistral": ("mistral", {"rope_scaling": LLAMA3, "max_position_embeddings": ...}),
    "llama3 without any length, Qwen2": ("qwen2", {"rope_scaling": LLAMA3, "max_position_embeddings": ...}),
    "both ropes, theta in the old one": ("llama2", {"rope_scaling": {"type": "default", "rope_theta": 2000.0}, "rope_parameters": NOW}),
    "both ropes, theta beside them": ("llama2", {"rope_scaling": {"type": "default"}, "rope_parameters": NOW, "rope_theta": 3000.0}),
    "both ropes, no theta but in the new one": ("llama2", {"rope_scaling": {"type": "linear", "factor": 2.0},
                                                          "rope_parameters": NOW, "rope_theta": ...}),
    "both ropes, the old one empty": ("llama2", {"rope_scaling": {}, "rope_parameters": NOW}),
    "a base model that is tied": ("llama3", {"architectures": ["LlamaModel"]}, lambda n: n.removeprefix("model.")),
    "a base class, usual names": ("qwen2", {"architectures": ["Qwen2Model"]}),
    "a base model's names beside a head": ("llama2", {}, lambda n: n.removeprefix("model.")),
    "tied, the head alone": ("llama3", {}, lambda n: n.replace("model.embed_tokens", "lm_head")),
    "tied, a base model with the head alone": ("llama3", {}, lambda n: n.replace("model.embed_tokens", "lm_head").removeprefix("model.")),
    "a prefix before all": ("qwen3", {}, lambda n: "model." + n),
}


def opened(folder):
    model, loading = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    wrong = {what: names for what, names in loading.items() if names}
    if wrong:
        raise SystemExit(f"{folder}: {wrong}")
    return model.eval()


@torch.no_grad()
def logits(folder, tokens):
    return opened(folder)(tokens).logits.clone()


def variant(home, base, changed, rename=None):
    values = json.loads((home / base / "config.json").read_text()) | changed
    values = {n: v for n, v in values.items() if v is not ...}
    tensors = load_file(home / base / "model.safetensors")
    names = {rename(n) if rename else n: n for n in tensors}
    tokens = load_file(home / base / "expected.safetensors")["tokens"][:1, :TOKENS]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(values))
        save_file({new: tensors[old] for new, old in names.items()}, f"{folder}/model.safetensors", metadata={"format": "pt"})
        found = logits(folder, tokens)
    return found, {"base": base, "changed": {n: v for n, v in changed.items() if v is not ...},
                   "absent": [n for n, v in changed.items() if v is ...], "names": names if rename else {}}


def defaults(folder, values, absent, seed):
    """A network whose configuration does not say `absent`: its shapes are those of transformers' default."""
    torch.manual_seed(seed)
    folder.mkdir(parents=True, exist_ok=True)
    values = {n: v for n, v in values.items() if n != absent}
    (folder / "config.json").write_text(json.dumps(values, indent=2) + "\n")
    model = drawn(AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder)))
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    tokens = torch.randint(0, values["vocab_size"], (1, TOKENS))
    save_file({"tokens": tokens, "logits": logits(folder, tokens)}, folder / "expected.safetensors", metadata=MADE_BY)


MADE_BY = {"made_by": f"tools/make_variant_fixtures.py, torch {torch.__version__}, transformers {transformers.__version__}"}


def main(home):
    transformers.logging.set_verbosity_error()
    out = home / "variants"
    out.mkdir(exist_ok=True)
    found = {label: variant(home, *how) for label, how in VARIANTS.items()}
    (out / "variants.json").write_text(json.dumps({label: said for label, (_, said) in found.items()}, separators=(",", ":")) + "\n")
    save_file({label: values for label, (values, _) in found.items()}, out / "logits.safetensors", metadata=MADE_BY)
    small = dict(vocab_size=12, num_hidden_layers=2, hidden_size=8, intermediate_size=8)
    defaults(out / "head", config("qwen3") | small | dict(num_attention_heads=1, num_key_value_heads=1), "head_dim", 1)
    defaults(out / "groups", config("mistral") | small | dict(hidden_size=32, num_attention_heads=16, head_dim=2), "num_key_value_heads", 2)
    print(f"{len(found)} variants", [f"{f.relative_to(out)} {f.stat().st_size}" for f in sorted(out.rglob("*")) if f.is_file()])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
