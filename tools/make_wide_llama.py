"""A Llama of the width of Llama-3.2-1B with random weights, for timing: what GradNorm costs at that width.

    python tools/make_wide_llama.py TOKENIZER_DIR OUT [--layers 9]

TOKENIZER_DIR is any Hugging Face directory with a tokenizer; its vocabulary gives the head's rows. Nothing about
such a network's quality can be measured: its weights are normal with standard deviation 0.02, seed 0.
"""

import argparse
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM


def main():
    parser = argparse.ArgumentParser(description="Writes a wide Llama with random weights.")
    parser.add_argument("tokenizer", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--layers", type=int, default=9)
    settings = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(settings.tokenizer)
    torch.manual_seed(0)
    config = LlamaConfig(hidden_size=2048, intermediate_size=8192, num_hidden_layers=settings.layers,
                         num_attention_heads=32, num_key_value_heads=8, head_dim=64, vocab_size=len(tokenizer),
                         rope_theta=500000.0, tie_word_embeddings=True)
    LlamaForCausalLM(config).save_pretrained(settings.out)
    tokenizer.save_pretrained(settings.out)


if __name__ == "__main__":
    main()
