#!/usr/bin/env python3
"""Writes a Llama of any shape with random weights, as a Hugging Face directory of bfloat16 shards: to measure time and memory on sizes
whose trained weights are not at hand. What such a network says is noise.

    python tools/make_shape.py DIR --tokenizer smollm2/tokenizer.json            # Llama-3.1-8B: 16 GB in four shards
    python tools/make_shape.py DIR --layers 4 --hidden 64 --inner 192 --heads 4 --kv-heads 2 --vocabulary 512

Maps are normal with variance 1 / inputs, those that write to the stream divided by the root of twice the number of layers, so that
activations stay as large as they are in trained networks. One tensor at a time is in memory. Needs torch and safetensors.
"""
import argparse
import json
import shutil
import struct
from pathlib import Path

import torch

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("dir", type=Path)
parser.add_argument("--layers", type=int, default=32)
parser.add_argument("--hidden", type=int, default=4096)
parser.add_argument("--inner", type=int, default=14336)
parser.add_argument("--heads", type=int, default=32)
parser.add_argument("--kv-heads", type=int, default=8)
parser.add_argument("--vocabulary", type=int, default=128256)
parser.add_argument("--shards", type=int, default=4)
parser.add_argument("--tokenizer", type=Path, help="a tokenizer.json whose ids the vocabulary holds; its tokenizer_config.json goes along")
parser.add_argument("--seed", type=int, default=0)
asked = parser.parse_args()

size = asked.hidden // asked.heads
narrow = size * asked.kv_heads
writes = (2 * asked.layers) ** -0.5
tensors = [("model.embed_tokens.weight", (asked.vocabulary, asked.hidden), 0.02)]
for i in range(asked.layers):
    at = f"model.layers.{i}."
    tensors += [
        (at + "input_layernorm.weight", (asked.hidden,), None),
        (at + "self_attn.q_proj.weight", (asked.hidden, asked.hidden), asked.hidden ** -0.5),
        (at + "self_attn.k_proj.weight", (narrow, asked.hidden), asked.hidden ** -0.5),
        (at + "self_attn.v_proj.weight", (narrow, asked.hidden), asked.hidden ** -0.5),
        (at + "self_attn.o_proj.weight", (asked.hidden, asked.hidden), writes * asked.hidden ** -0.5),
        (at + "post_attention_layernorm.weight", (asked.hidden,), None),
        (at + "mlp.gate_proj.weight", (asked.inner, asked.hidden), asked.hidden ** -0.5),
        (at + "mlp.up_proj.weight", (asked.inner, asked.hidden), asked.hidden ** -0.5),
        (at + "mlp.down_proj.weight", (asked.hidden, asked.inner), writes * asked.inner ** -0.5),
    ]
tensors += [("model.norm.weight", (asked.hidden,), None), ("lm_head.weight", (asked.vocabulary, asked.hidden), asked.hidden ** -0.5)]


def count(shape):
    total = 1
    for n in shape:
        total *= n
    return total


total = sum(2 * count(shape) for _, shape, _ in tensors)
shards, filled = [[]], 0
for tensor in tensors:
    if filled >= total / asked.shards and len(shards) < asked.shards:
        shards.append([])
        filled = 0
    shards[-1].append(tensor)
    filled += 2 * count(tensor[1])

asked.dir.mkdir(parents=True, exist_ok=True)
generator = torch.Generator().manual_seed(asked.seed)
places = {}
for number, shard in enumerate(shards, 1):
    name = f"model-{number:05}-of-{len(shards):05}.safetensors"
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for tensor, shape, _ in shard:
        places[tensor] = name
        header[tensor] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + 2 * count(shape)]}
        at += 2 * count(shape)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(asked.dir / name, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for tensor, shape, std in shard:
            values = torch.ones(shape) if std is None else torch.empty(shape).normal_(0, std, generator=generator)
            out.write(values.to(torch.bfloat16).view(torch.int16).numpy().tobytes())
(asked.dir / "model.safetensors.index.json").write_text(json.dumps({"metadata": {"total_size": total}, "weight_map": places}, indent=1))
(asked.dir / "config.json").write_text(json.dumps({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "hidden_size": asked.hidden,
    "intermediate_size": asked.inner, "num_attention_heads": asked.heads, "num_key_value_heads": asked.kv_heads,
    "num_hidden_layers": asked.layers, "vocab_size": asked.vocabulary, "max_position_embeddings": 8192, "rms_norm_eps": 1e-5,
    "rope_theta": 500000.0, "tie_word_embeddings": False, "attention_bias": False, "mlp_bias": False, "initializer_range": 0.02,
    "bos_token_id": 1, "eos_token_id": 2, "torch_dtype": "bfloat16"}, indent=1))
if asked.tokenizer:
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if (asked.tokenizer.parent / name).exists():
            shutil.copy(asked.tokenizer.parent / name, asked.dir / name)
print(f"{asked.dir}: {total:,} bytes in {len(shards)} shards")
