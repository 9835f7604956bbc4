#!/usr/bin/env python3
"""Opens a Llama of any size in transformers, one decoder layer at a time in float32, and compares its logits with proof.st.

    python tools/stream_in_transformers.py small/

The configuration is read by AutoConfig, every shard's header is compared with the parameters that transformers' own class has, and the
layers are transformers' own: memory holds one layer, the embedding and the head.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.models.llama.modeling_llama import LlamaDecoderLayer, LlamaRMSNorm, LlamaRotaryEmbedding

directory = Path(sys.argv[1])
config = AutoConfig.from_pretrained(directory)
config._attn_implementation = "eager"
with torch.device("meta"):
    expected = {name: tuple(p.shape) for name, p in AutoModelForCausalLM.from_config(config).named_parameters()}
index = json.loads((directory / "model.safetensors.index.json").read_text())["weight_map"]
found = {}
for name, shard in index.items():
    with safe_open(directory / shard, "pt") as file:
        found[name] = tuple(file.get_slice(name).get_shape())
missing, unexpected = expected.keys() - found.keys(), found.keys() - expected.keys()
shapes = [name for name in expected.keys() & found.keys() if expected[name] != found[name]]
print(f"{config.num_hidden_layers} layers; missing {sorted(missing)}, unexpected {sorted(unexpected)}, other shapes {shapes}")


def tensor(name):
    with safe_open(directory / index[name], "pt") as file:
        return file.get_tensor(name).float()


proof = load_file(directory / "proof.st")
inputs = proof["input" if "input" in proof else "inputs"].long()
with torch.no_grad():
    h = torch.nn.functional.embedding(inputs, tensor("model.embed_tokens.weight"))
    places = torch.arange(inputs.shape[1])[None]
    rotary = LlamaRotaryEmbedding(config)(h, places)
    mask = torch.full((inputs.shape[1], inputs.shape[1]), float("-inf")).triu(1)[None, None]
    for i in range(config.num_hidden_layers):
        layer = LlamaDecoderLayer(config, i)
        layer.load_state_dict({name.split(".", 3)[3]: tensor(name) for name in index if name.startswith(f"model.layers.{i}.")})
        out = layer(h, attention_mask=mask, position_ids=places, position_embeddings=rotary)
        h = out[0] if isinstance(out, tuple) else out
    norm = LlamaRMSNorm(config.hidden_size, config.rms_norm_eps)
    norm.load_state_dict({"weight": tensor("model.norm.weight")})
    logits = norm(h) @ tensor("lm_head.weight" if "lm_head.weight" in index else "model.embed_tokens.weight").T
known = proof["logits"]
print(f"logits of {tuple(known.shape)}: at most {(logits - known).abs().max():.1e} apart, the largest {known.abs().max():.2f}")
sys.exit(bool(missing or unexpected or shapes) or not torch.allclose(logits, known, rtol=1e-4, atol=1e-3))
